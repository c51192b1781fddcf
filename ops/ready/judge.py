"""Judges what one cluster shows, item by item; pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509

from ops.ready.facts import Facts, Workload
from ops.ready.items import Item, outcome
from ops.verify.certificates import MARGIN, parse
from ops.verify.checks import Check, skipped
from ops.verify.kubernetes import Object, balancers_in, is_ready, mode_of

_ROOT_LEFT: Final = timedelta(days=365)
_FAULT_DOMAIN: Final = "oci.oraclecloud.com/fault-domain"
# Istiod's own port, through an east-west gateway, and that of its webhook.
_CONTROL_PORTS: Final = (15012, 15017)


def judge(facts: Facts, *, root: str, istio: str) -> Iterator[Check]:
    """Return what there is to say of a cluster.

    Args:
        facts: What it shows.
        root: The root certificate of the outputs, PEM.
        istio: The Istio release of the outputs.
    """
    yield _replicas(facts)
    yield _budgets(facts)
    yield _spread(facts)
    yield _requests(facts)
    yield _nodes(facts)
    if facts.cluster.is_primary:
        yield _mtls(facts)
        yield _authorization(facts)
    yield _api(facts)
    yield _injector(facts)
    yield _certificates(facts, root=root, now=datetime.now(UTC))
    yield _versions(facts, istio=istio)
    yield _alerts(facts)


def _listed(workloads: Sequence[Workload]) -> str:
    return ", ".join(f"{w.name} {w.ready}" for w in workloads)


def _replicas(facts: Facts) -> Check:
    faults = [f"{w.name} has {w.ready}" for w in facts.workloads if not w.has_several]
    return outcome(
        Item.REPLICAS,
        facts.cluster.key,
        faults if facts.workloads else ["there is nothing of Istio"],
        good=_listed(facts.workloads),
    )


def _budgets(facts: Facts) -> Check:
    several = [w for w in facts.workloads if w.has_several]
    faults = [f"{w.name} has none" for w in several if w.disruptions is None]
    faults += [f"{w.name} lets none go now" for w in several if w.disruptions == 0]
    return _of_several(
        Item.BUDGETS,
        facts,
        faults,
        good=", ".join(f"{w.name} lets {w.disruptions} go" for w in several),
    )


def _spread(facts: Facts) -> Check:
    domains = {
        node["metadata"]["name"]: node["metadata"].get("labels", {}).get(_FAULT_DOMAIN, "")
        for node in facts.nodes
    }
    has_domains = len(set(domains.values())) > 1
    faults = []
    for workload in facts.workloads:
        if not workload.has_several:
            continue
        nodes = set(workload.nodes)
        if len(nodes) == 1:
            faults.append(f"{workload.name} is on {workload.nodes[0]} alone")
        elif has_domains and len({domains.get(node, "") for node in nodes}) == 1:
            faults.append(f"{workload.name} is in {domains[workload.nodes[0]]} alone")
    return _of_several(
        Item.SPREAD,
        facts,
        faults,
        good=f"{len(domains)} nodes in {len(set(domains.values()))} fault domains",
    )


def _of_several(item: Item, facts: Facts, faults: Sequence[str], *, good: str) -> Check:
    """Return a check of what has two pods; of what has not, their number is told already."""
    if any(workload.has_several for workload in facts.workloads):
        return outcome(item, facts.cluster.key, faults, good=good)
    return skipped(item, facts.cluster.key, seen="nothing has two pods")


def _requests(facts: Facts) -> Check:
    faults: list[str] = []
    unlimited: list[str] = []
    for workload in facts.workloads:
        for container in workload.containers:
            resources = container.get("resources", {})
            lacks = [n for n in ("cpu", "memory") if n not in resources.get("requests", {})]
            name = f"{workload.name}/{container['name']}"
            if lacks:
                faults.append(f"{name} asks for no {' and no '.join(lacks)}")
            if "memory" not in resources.get("limits", {}):
                unlimited.append(name)
    return outcome(
        Item.REQUESTS,
        facts.cluster.key,
        faults,
        good=f"without a limit of memory: {', '.join(unlimited) or 'none'}",
    )


def _nodes(facts: Facts) -> Check:
    ready = [node["metadata"]["name"] for node in facts.nodes if is_ready(node)]
    return outcome(
        Item.NODES,
        facts.cluster.key,
        [] if len(ready) > 1 else [f"{len(ready)} of {len(facts.nodes)}"],
        good=f"{len(ready)} of {len(facts.nodes)}",
    )


def _mtls(facts: Facts) -> Check:
    found = [item for item in facts.policies if item["kind"] == "PeerAuthentication"]
    modes = {_place(item): mode_of(item["spec"]) for item in found}
    open_ = {
        f"{_place(item)} at port {port}": entry.get("mode", "UNSET")
        for item in found
        for port, entry in item["spec"].get("portLevelMtls", {}).items()
    }
    weak = [
        f"{name} is {mode}"
        for name, mode in {**modes, **open_}.items()
        if mode not in ("STRICT", "UNSET")
    ]
    if not any(name.startswith("istio-system/") and m == "STRICT" for name, m in modes.items()):
        weak.append("nothing asks the whole mesh for mutual TLS")
    return outcome(
        Item.MTLS,
        facts.cluster.key,
        weak,
        good="STRICT for the whole mesh, and nothing weaker",
    )


def _place(item: Object) -> str:
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"


def _authorization(facts: Facts) -> Check:
    # A policy without rules lets nobody in, https://istio.io/latest/docs/reference/config/security
    denies = any(
        item["kind"] == "AuthorizationPolicy"
        and item["metadata"]["namespace"] == "istio-system"
        and not item.get("spec", {}).get("rules")
        and "selector" not in item.get("spec", {})
        for item in facts.policies
    )
    return outcome(
        Item.AUTHORIZATION,
        facts.cluster.key,
        [] if denies else ["every workload of the mesh may ask every other"],
        good="the mesh denies what no AuthorizationPolicy allows",
    )


def _api(facts: Facts) -> Check:
    public = facts.output.get("publicEndpoint")
    return outcome(
        Item.API,
        facts.cluster.key,
        [f"it is at {public} too"] if public else [],
        good=f"{facts.output['privateEndpoint']}",
    )


def _injector(facts: Facts) -> Check:
    faults = [
        f"{balancer.name} has port {port} at {', '.join(balancer.addresses)}"
        for balancer in balancers_in(facts.system)
        for port in balancer.ports
        if port in _CONTROL_PORTS and not balancer.is_internal
    ]
    return outcome(
        Item.INJECTOR,
        facts.cluster.key,
        faults,
        good="no public load balancer leads to them",
    )


def _certificates(facts: Facts, *, root: str, now: datetime) -> Check:
    # The gateway's own comes first; above it is the intermediate, and the root comes last.
    chain = parse(facts.proxy.chain_pem)[1:2] if facts.proxy else ()
    faults = [] if chain else ["no gateway shows its chain"]
    lasting: list[str] = []
    for name, found, least in (
        ("the root", parse(root), _ROOT_LEFT),
        ("the intermediate", chain, MARGIN),
    ):
        for certificate in found:
            said = f"{name} ends in {_left(certificate, now).days} days"
            (faults if _left(certificate, now) < least else lasting).append(said)
    return outcome(
        Item.CERTIFICATES,
        facts.cluster.key,
        faults,
        good=", ".join(lasting),
    )


def _left(certificate: x509.Certificate, now: datetime) -> timedelta:
    return certificate.not_valid_after_utc - now


def _versions(facts: Facts, *, istio: str) -> Check:
    wanted = facts.output.get("kubernetesVersion", "")
    faults = [
        f"{node['metadata']['name']} is {version}, the API {wanted}"
        for node in facts.nodes
        if (version := node["status"].get("nodeInfo", {}).get("kubeletVersion", ""))
        and _minor(version) != _minor(wanted)
    ]
    # A remote has none of its own.
    images = {
        container["image"]
        for workload in facts.workloads
        for container in workload.containers
        if container["name"] == "discovery"
    }
    faults += [f"istiod is {image}, not {istio}" for image in images if istio not in image]
    return outcome(
        Item.VERSIONS,
        facts.cluster.key,
        faults,
        good=f"Kubernetes {wanted}" + (f", Istio {istio}" if images else ""),
    )


def _minor(version: str) -> list[str]:
    return version.lstrip("v").split(".")[:2]


def _alerts(facts: Facts) -> Check:
    faults = [f"{name} tells nobody" for name, told in facts.receivers.items() if told == ()]
    faults += [f"{name} does not say" for name, told in facts.receivers.items() if told is None]
    told = [name for receivers in facts.receivers.values() for name in receivers or ()]
    return outcome(
        Item.ALERTS,
        facts.cluster.key,
        faults if facts.receivers else ["there is no Alertmanager"],
        good=f"Alertmanager tells {', '.join(told)}",
    )
