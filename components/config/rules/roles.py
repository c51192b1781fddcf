"""Who is a primary, whom a remote belongs to, and which clusters may share a network."""

from collections.abc import Iterator
from typing import Final

from components.config.report import closest
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings.clusters import ClusterSettings, Cni, Role


def _any_cluster(given: Given) -> Iterator[Problem]:
    if not given.clusters:
        yield Problem(
            path="clusters",
            fault="has no enabled entry",
            got=f"{len(given.settings.clusters)} disabled",
            remedy="set enabled to true on one",
        )


def _primary_of_a_primary(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        if cluster.role is Role.PRIMARY and cluster.primary is not None:
            yield problem(
                f"clusters.{key}.primary",
                "is only for a remote",
                got=cluster.primary,
                remedy="remove it, or set role to remote",
            )


def _primary_of_a_remote(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        if cluster.role is Role.REMOTE:
            words = _fault_of_primary(key, cluster, given)
            if words:
                yield problem(
                    f"clusters.{key}.primary", words[0], got=cluster.primary, remedy=words[1]
                )


def _fault_of_primary(key: str, cluster: ClusterSettings, given: Given) -> tuple[str, str] | None:
    primaries = [name for name, other in given.clusters.items() if other.role is Role.PRIMARY]
    choose = closest(cluster.primary or "", primaries, "the enabled primaries")
    match cluster.primary:
        case None:
            return "is missing for a remote", choose
        case same if same == key:
            return "is the cluster itself", choose
        case unknown if unknown not in given.settings.clusters:
            return "is not a cluster", choose
        case disabled if disabled not in given.clusters:
            return "is a disabled cluster", f"enable it, or choose another: {choose}"
        case remote if remote not in primaries:
            return "is itself a remote", choose
    return None


def _flat_networks(given: Given) -> Iterator[Problem]:
    """On one network pods reach each other by address, which flannel's overlay does not allow."""
    for key, cluster in given.clusters.items():
        sharing = [
            other
            for other, peer in given.clusters.items()
            if other != key and peer.network == cluster.network
        ]
        if sharing and cluster.cni is Cni.FLANNEL:
            yield problem(
                f"clusters.{key}.network",
                f"is shared with {', '.join(sharing)}, which flannel's pods cannot be",
                got=cluster.network,
                remedy="give the cluster a network of its own, or set cni to vcnNative",
            )


RULES: Final[tuple[Rule, ...]] = (
    _any_cluster,
    _primary_of_a_primary,
    _primary_of_a_remote,
    _flat_networks,
)
