"""Reads and judges what the Kubernetes API says about nodes, pods and Services; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.verify.checks import Check, Kind, judged, passed, skipped
from ops.verify.document import Cluster

SAMPLE: Final = "sample"
ISTIO_SYSTEM: Final = "istio-system"
PROXY: Final = "istio-proxy"
ISTIOD: Final = "istiod"
INGRESS: Final = "istio-ingressgateway"
EAST_WEST: Final = "istio-eastwestgateway"
_EGRESS: Final = "istio-egressgateway"
OURS: Final = {
    ISTIO_SYSTEM: (ISTIOD, INGRESS, EAST_WEST, _EGRESS),
    SAMPLE: ("helloworld", "curl"),
}
"""The program's workloads by namespace and label `app`.

A user's own may be in these namespaces too; whether they roll is not judged.
"""

# Of load balancers and of network load balancers.
_INTERNAL: Final = (
    "service.beta.kubernetes.io/oci-load-balancer-internal",
    "oci-network-load-balancer.oraclecloud.com/internal",
)
_METRICS_REMEDY: Final = (
    "install a metrics server, such as the add-on KubernetesMetricsServer with CertManager"
)

Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pod:
    """A pod that is there to stay."""

    name: str
    namespace: str
    address: str
    labels: Mapping[str, str]
    phase: str
    ready: int
    wanted: int
    """Containers that have to be ready."""
    has_proxy: bool

    @property
    def is_ready(self) -> bool:
        """Whether all its containers run and answer."""
        return self.phase == "Running" and self.ready == self.wanted

    @property
    def is_ours(self) -> bool:
        """Whether the program asked for it."""
        return self.labels.get("app", "") in OURS.get(self.namespace, ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Balancer:
    """A Service of type LoadBalancer."""

    name: str
    app: str
    """What it leads to. While a gateway's address moves, there are two Services for one app."""
    addresses: tuple[str, ...]
    is_internal: bool
    ports: tuple[int, ...] = ()


def pods_in(items: Iterable[Object]) -> tuple[Pod, ...]:
    """Return the pods among `items`, without those that have ended or are about to."""
    found = (item for item in items if item["kind"] == "Pod")
    return tuple(
        _pod(item)
        for item in found
        if "deletionTimestamp" not in item["metadata"]
        and item["status"].get("phase") != "Succeeded"
    )


def _pod(item: Object) -> Pod:
    spec, status, metadata = item["spec"], item["status"], item["metadata"]
    # An init container that is restarted for ever is a sidecar, and kubectl counts it too.
    sidecars = [c for c in spec.get("initContainers", ()) if c.get("restartPolicy") == "Always"]
    names = {container["name"] for container in (*spec["containers"], *sidecars)}
    states = (*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ()))
    return Pod(
        name=metadata["name"],
        namespace=metadata["namespace"],
        address=status.get("podIP", ""),
        labels=metadata.get("labels", {}),
        phase=status.get("phase", "Unknown"),
        ready=sum(1 for state in states if state["name"] in names and state["ready"]),
        wanted=len(names),
        has_proxy=PROXY in names,
    )


def balancers_in(items: Iterable[Object]) -> tuple[Balancer, ...]:
    """Return the Services of type LoadBalancer among `items`."""
    return tuple(
        Balancer(
            name=item["metadata"]["name"],
            app=item["metadata"].get("labels", {}).get("app", ""),
            addresses=tuple(_addresses(item)),
            is_internal=_is_internal(item["metadata"].get("annotations", {})),
            ports=tuple(port["port"] for port in item["spec"].get("ports", ())),
        )
        for item in items
        if item["kind"] == "Service" and item["spec"].get("type") == "LoadBalancer"
    )


def _addresses(service: Object) -> Iterator[str]:
    for entry in service["status"].get("loadBalancer", {}).get("ingress", ()):
        yield entry.get("ip") or entry.get("hostname", "")


def _is_internal(annotations: Mapping[str, str]) -> bool:
    return any(annotations.get(name) == "true" for name in _INTERNAL)


def judge_nodes(cluster: Cluster, nodes: Sequence[Object]) -> Check:
    """Return whether there are nodes and all of them are ready."""
    faults = [] if nodes else ["there is no node"]
    for node in nodes:
        ready = _readiness(node)
        if ready["status"] != "True":
            why = ready.get("message") or f"Ready is {ready['status']}"
            faults.append(f"{node['metadata']['name']}: {why}")
    return judged(
        Kind.NODES,
        cluster.key,
        faults,
        remedy=f"look at `kubectl --context {cluster.name} describe nodes` and at the node pool",
    )


def is_ready(node: Object) -> bool:
    """Return whether a node takes pods."""
    return bool(_readiness(node)["status"] == "True")


def _readiness(node: Object) -> Object:
    found: Iterable[Object] = node["status"].get("conditions", ())
    return next((c for c in found if c["type"] == "Ready"), {"status": "Unknown"})


def judge_pods(cluster: Cluster, pods: Sequence[Pod], *, samples: bool = True) -> Check:
    """Return whether the program's pods are there and ready, and those of the samples injected.

    Args:
        cluster: Where they are.
        pods: All that there are.
        samples: Whether the sample workloads are to be among them.
    """
    ours = [pod for pod in pods if pod.is_ours]
    faults = [
        f"{pod.namespace}/{pod.name} is {pod.phase} with {pod.ready} of {pod.wanted} containers"
        for pod in ours
        if not pod.is_ready
    ]
    faults += [
        f"{SAMPLE}/{pod.name} has no {PROXY}"
        for pod in ours
        if pod.namespace == SAMPLE and not pod.has_proxy
    ]
    there = {(pod.namespace, pod.labels["app"]) for pod in ours}
    faults += [
        f"{namespace} has no pod of {app}"
        for namespace, app in _wanted(cluster, samples=samples)
        if (namespace, app) not in there
    ]
    return judged(
        Kind.PODS,
        cluster.key,
        faults,
        remedy=(
            f"look at `kubectl --context {cluster.name} get events -n {SAMPLE}`; a pod that came "
            "before injection worked gets its proxy when it is deleted"
        ),
    )


def _wanted(cluster: Cluster, *, samples: bool) -> Iterator[tuple[str, str]]:
    if cluster.is_primary:
        yield ISTIO_SYSTEM, ISTIOD
    yield ISTIO_SYSTEM, INGRESS
    if cluster.east_west_address:
        yield ISTIO_SYSTEM, EAST_WEST
    if samples:
        yield from ((SAMPLE, app) for app in OURS[SAMPLE])


def judge_balancers(cluster: Cluster, balancers: Sequence[Balancer]) -> Check:
    """Return whether the gateways' load balancers have the addresses of the outputs."""
    ours = [b for b in balancers if b.app in (INGRESS, EAST_WEST)]
    faults = [f"{b.name} has no address" for b in ours if not any(b.addresses)]
    known = {app: _addresses_of(app, balancers) for app in {b.app for b in balancers}}
    wanted = {INGRESS: cluster.ingress_address, EAST_WEST: cluster.east_west_address}
    for name, address in wanted.items():
        found = known.get(name, ())
        if address and address not in found and (found or name not in known):
            have = ", ".join(found) or "no such Service"
            faults.append(f"{name} should have {address}, got {have}")
    return judged(
        Kind.LOAD_BALANCERS,
        cluster.key,
        faults,
        remedy=(
            f"look at `kubectl --context {cluster.name} describe services -n {ISTIO_SYSTEM}`; "
            "where an address has changed, run `pulumi up --refresh`"
        ),
    )


def judge_scaling(cluster: Cluster, items: Iterable[Object]) -> tuple[Check, ...]:
    """Return whether the autoscalers of gateways know how busy they are; nothing without any.

    One that does not keeps its fewest pods, so that is told and no failure.
    """
    found = [item for item in items if item["kind"] == "HorizontalPodAutoscaler"]
    blind = {
        item["metadata"]["name"]: condition.get("message", "")
        for item in found
        for condition in item["status"].get("conditions", ())
        if condition["type"] == "ScalingActive" and condition["status"] == "False"
    }
    if blind:
        seen = "; ".join(f"{name} stays as it is: {why}" for name, why in sorted(blind.items()))
        return (skipped(Kind.SCALING, cluster.key, seen=f"{seen}; {_METRICS_REMEDY}"),)
    return (passed(Kind.SCALING, cluster.key),) if found else ()


def _addresses_of(app: str, balancers: Iterable[Balancer]) -> tuple[str, ...]:
    return tuple(found for b in balancers if b.app == app for found in b.addresses if found)


def has_internal_ingress(cluster: Cluster, balancers: Iterable[Balancer]) -> bool:
    """Return whether the ingress gateway can be reached within its own network only."""
    return any(b.is_internal for b in balancers if cluster.ingress_address in b.addresses)


def ways_in(balancers: Iterable[Balancer]) -> tuple[str, ...]:
    """Return every address at which other networks come in, also one that is about to go."""
    return _addresses_of(EAST_WEST, balancers)


def modes_in(items: Iterable[Object]) -> tuple[str, ...]:
    """Return the modes of the mesh-wide PeerAuthentications, the oldest first, as istiod does."""
    found = sorted(
        (item["metadata"].get("creationTimestamp", ""), mode_of(item["spec"]))
        for item in items
        if item["kind"] == "PeerAuthentication" and "selector" not in item["spec"]
    )
    return tuple(mode for _, mode in found)


def mode_of(spec: Object) -> str:
    """Return the mode of a PeerAuthentication."""
    mode: str = spec.get("mtls", {}).get("mode", "UNSET")
    return mode


def judge_mode(cluster: Cluster, modes: Sequence[str], *, wanted: str) -> Check:
    """Return whether the mesh-wide mode of mutual TLS is the wanted one.

    Args:
        cluster: The primary.
        modes: Of the mesh-wide PeerAuthentications, the one that counts first.
        wanted: That of the outputs.
    """
    seen = modes[0] if modes else "no PeerAuthentication for the whole mesh"
    return judged(
        Kind.MODE,
        cluster.key,
        [] if seen == wanted else [f"mesh.mtls is {wanted}, got {seen}"],
        remedy=(
            f"look at `kubectl --context {cluster.name} get peerauthentications -n "
            f"{ISTIO_SYSTEM}`, of which the oldest counts; `pulumi up --refresh` brings back the "
            "program's"
        ),
    )
