"""Changes of a mesh that is there: those that are an outage, and those that skip a version.

Running proxies keep the cluster, the network and the trust domain that they were started with, and
Oracle Cloud makes a cluster anew when its region or its ranges change. Such a change is refused,
unless `mesh.acceptOutage` names it. What there is, is known from the outputs of the last update.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from components.config import report
from components.config.rules.given import problem
from components.config.rules.versions import minor_of
from components.errors import Problem
from components.settings.clusters import ClusterSettings
from components.settings.stack import Settings

Document = Mapping[str, Any]

ACCEPT: Final = "mesh.acceptOutage"

_RESTARTED: Final = "every pod with a proxy has to be restarted before its requests succeed again"
_MADE_ANEW: Final = "the cluster and all that runs in it is deleted, and another made"
_MESH: Final = {
    "mesh.id": _RESTARTED,
    "mesh.trustDomain": _RESTARTED,
    "mesh.istio.revision": "pods stay with the istiod that is deleted until they are restarted",
    "pki.rootCertPem": "clusters trust each other again only when all have the new root",
}
_CLUSTER: Final = {
    "name": _RESTARTED,
    "network": _RESTARTED,
    "region": _MADE_ANEW,
    "vcnCidr": _MADE_ANEW,
    "servicesCidr": _MADE_ANEW,
    "cni": _MADE_ANEW,
    "role": _RESTARTED,
    # istiod reads which cluster serves a remote when it first finds it, and not again.
    "primary": _RESTARTED,
}
_PATHS: Final = re.compile(
    rf"({'|'.join(map(re.escape, _MESH))})|clusters\.[^.]+\.({'|'.join(_CLUSTER)})"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change that is an outage."""

    path: str
    before: str | None
    after: str | None
    outage: str
    """What it means."""


def outages(settings: Settings, last: Document) -> tuple[Change, ...]:
    """Return the changes since the last update that are an outage, accepted or not."""
    mesh = _running(settings, last)
    return (*_of_mesh(settings, mesh), *_of_clusters(settings, last)) if mesh else ()


def _running(settings: Settings, last: Document) -> Document:
    """Return the mesh of the last update; nothing if none ran then, or none is asked for now."""
    clusters = last.get("clusters") or {}
    ran = any(cluster.get("ingressAddress") for cluster in clusters.values())
    return last.get("mesh") or {} if ran and settings.mesh.enabled else {}


def faults_of_changes(settings: Settings, last: Document) -> Iterator[Problem]:
    """Yield what may not change in a mesh that is there, given its last outputs."""
    accepted = settings.mesh.accept_outage
    for index, path in enumerate(accepted):
        if not _PATHS.fullmatch(path):
            yield _no_outage(index, path)
    for change in outages(settings, last):
        if change.path not in accepted:
            yield _refused(change)
    yield from _minors(settings, _running(settings, last))


def idle_acceptances(settings: Settings, last: Document) -> Iterator[Problem]:
    """Yield what is accepted and does not happen: it would hide the next change of its kind."""
    under_way = {change.path for change in outages(settings, last)}
    for index, path in enumerate(settings.mesh.accept_outage):
        if path not in under_way:
            yield problem(
                f"{ACCEPT}[{index}]",
                "names nothing that this update changes",
                got=path,
                remedy="take it out, so that the next such change is refused again",
            )


def _no_outage(index: int, path: str) -> Problem:
    known = [*_MESH, *(f"clusters.<key>.{name}" for name in _CLUSTER)]
    return problem(
        f"{ACCEPT}[{index}]",
        "is no setting whose change is an outage",
        got=path,
        remedy=report.closest(path, known, "those"),
    )


def _refused(change: Change) -> Problem:
    before = f"was {change.before}" if change.before else "was not set"
    back = f"write {change.before}" if change.before else "take it out"
    anew = ""
    if change.path.startswith("clusters."):
        anew = "to do it without one, take the cluster out, `pulumi up`, and put it in again; "
    elif change.path == "mesh.istio.revision":
        anew = "for another release change mesh.istio.version, which needs no revision; "
    return Problem(
        path=change.path,
        fault=f"{before} when the mesh was made, and another one is an outage: {change.outage}",
        got=report.show(change.after, *change.path.split(".")),
        remedy=f"{back}; {anew}or accept the outage by adding {change.path} to {ACCEPT}",
    )


def _of_mesh(settings: Settings, mesh: Document) -> Iterator[Change]:
    pairs = {
        "mesh.id": (mesh.get("id"), settings.mesh.id),
        "mesh.trustDomain": (mesh.get("trustDomain"), settings.mesh.trust_domain),
        "mesh.istio.revision": (mesh.get("revision"), settings.mesh.istio.revision),
    }
    for path, (before, after) in pairs.items():
        if before != after:
            yield Change(path=path, before=before, after=after, outage=_MESH[path])
    yield from _of_root(settings, mesh)


def _of_root(settings: Settings, mesh: Document) -> Iterator[Change]:
    """A root that is made here is kept by Pulumi; one of the settings is compared."""
    path, given = "pki.rootCertPem", settings.pki.root_cert_pem
    if given is None and mesh.get("hasOwnRoot"):
        yield Change(path=path, before="one of your own", after=None, outage=_MESH[path])
    if given is not None and mesh.get("rootCaPem", "").strip() != given.strip():
        before = "another" if mesh.get("hasOwnRoot") else None
        yield Change(path=path, before=before, after="a certificate", outage=_MESH[path])


def _of_clusters(settings: Settings, last: Document) -> Iterator[Change]:
    for key, before in (last.get("clusters") or {}).items():
        cluster = settings.enabled_clusters.get(key)
        after = identity(cluster) if cluster else {}
        for name, outage in _CLUSTER.items():
            # Outputs of an earlier program do not have all of them.
            if name in before and name in after and before[name] != after[name]:
                path = f"clusters.{key}.{name}"
                yield Change(path=path, before=before[name], after=after[name], outage=outage)


def identity(cluster: ClusterSettings) -> dict[str, str | None]:
    """Return what a cluster is made with and keeps, as the outputs have it."""
    return {
        "name": cluster.name,
        "network": cluster.network,
        "region": cluster.region,
        "vcnCidr": str(cluster.vcn_cidr),
        "servicesCidr": str(cluster.services_cidr),
        "cni": cluster.cni.value,
        "role": cluster.role.value,
        "primary": cluster.primary,
    }


def _minors(settings: Settings, mesh: Document) -> Iterator[Problem]:
    """A proxy may be one minor behind its istiod, and never ahead of it."""
    before, after = mesh.get("istioVersion"), settings.mesh.istio.version
    if not before:
        return
    (major, minor), (new_major, new_minor) = minor_of(before), minor_of(after)
    if major == new_major and abs(new_minor - minor) <= 1:
        return
    step = minor + (1 if (new_major, new_minor) > (major, minor) else -1)
    yield problem(
        "mesh.istio.version",
        f"is more than one minor away from what runs ({before})",
        got=after,
        remedy=f"choose a release of {major}.{step} first, `pulumi up`, then go on",
    )
