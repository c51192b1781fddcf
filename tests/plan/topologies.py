"""Meshes of every kind, as plans; some drawn by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from components.plan.plan import Plan, build_plan
from components.settings.stack import Settings
from tests.support.documents import cluster, documents, flannel


def mesh(clusters: dict[str, Any], operator: str | None = None, *, tool: str | None = None) -> Plan:
    """Return the plan of these clusters; the operator host and a GitOps tool are in those named."""
    gitops = {"namespaces": ["shop"], "from": tool}
    return build_plan(
        Settings.model_validate(
            documents(clusters=clusters, access={"cluster": operator}, gitops=gitops)
        )
    )


def multi_primary(count: int = 2, operator: str | None = None, **changes: Any) -> Plan:
    """Return a mesh of VCN-native primaries a, b, ... of a network each."""
    return mesh({key: cluster(n, **changes) for n, key in enumerate("abcdefgh"[:count])}, operator)


def flat(operator: str | None = None) -> Plan:
    """Return two primaries on one network."""
    return multi_primary(operator=operator, network="one")


def primary_remote(operator: str | None = None, *, tool: str | None = None, **changes: Any) -> Plan:
    """Return the primary a and its remote b, of a network each, both with VCN-native pods."""
    remote = cluster(1, role="remote", primary="a", **changes)
    return mesh({"a": cluster(0, **changes), "b": remote}, operator, tool=tool)


def flannel_primary_remote() -> Plan:
    """Return the primary a and its remote b with flannel pods."""
    return mesh({"a": flannel(0), "b": flannel(1, role="remote", primary="a")})


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a mesh of 1 to 6 clusters of any legal mix."""
    keys = draw(st.permutations(("a", "b", "a-b", "pods", "fra", "z9")))
    keys = keys[: draw(st.integers(1, len(keys)))]
    clusters: dict[str, Any] = {}
    for number, key in enumerate(keys):
        changes: dict[str, Any] = {}
        if draw(st.booleans()):
            primaries = [known for known in clusters if "primary" not in clusters[known]]
            if primaries:
                changes |= {"role": "remote", "primary": draw(st.sampled_from(primaries))}
        if draw(st.booleans()):
            clusters[key] = flannel(number, **changes)
        else:
            network = draw(st.sampled_from((f"{key}-network", "one", "two")))
            clusters[key] = cluster(number, network=network, **changes)
    operator, tool = (draw(st.sampled_from((None, *keys))) for _ in range(2))
    return mesh(clusters, operator, tool=tool)
