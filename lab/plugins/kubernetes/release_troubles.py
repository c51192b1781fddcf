"""Explains a release that did not come up: which of its objects are not ready, and why."""

from __future__ import annotations

from collections.abc import Iterator

from lab.plugins.base.errors import PluginError
from lab.plugins.base.values import Properties
from lab.plugins.kubernetes.cluster import Cluster
from lab.plugins.kubernetes.kinds import Kind
from lab.plugins.kubernetes.objects import name_of, namespace_of
from lab.plugins.kubernetes.operations import identify
from lab.plugins.kubernetes.readiness import RULES, Phase
from lab.plugins.kubernetes.releases import Release, manifest_objects
from lab.plugins.kubernetes.troubles import explain

LINES_SHOWN = 12


def explain_release(cluster: Cluster, release: Release) -> list[str]:
    """A line for each object that is not ready, followed by its events."""
    lines: list[str] = []
    for declared in manifest_objects(release.manifest):
        try:
            lines += _lines(cluster, declared, release.namespace)
        except PluginError:
            # An explanation must not take the place of the fault that it explains.
            continue
    return lines[:LINES_SHOWN]


def _lines(cluster: Cluster, declared: Properties, namespace: str) -> Iterator[str]:
    kind = Kind(str(declared.get("apiVersion")), str(declared.get("kind")))
    rule = RULES.get((kind.group, kind.name))
    if rule is None:
        return
    resource = cluster.discovery.resource(kind)
    path = resource.path(namespace_of(declared) or namespace, name_of(declared))
    live = cluster.client.find(path)
    if live is None:
        yield f"{kind.name} {identify(declared)}: does not exist"
        return
    verdict = rule(live, ())
    if verdict.phase is not Phase.READY:
        yield f"{kind.name} {identify(live)}: {verdict.reason}"
        yield from explain(cluster.client, live)
