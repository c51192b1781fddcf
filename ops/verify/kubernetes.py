"""Reads and judges what the Kubernetes API says about nodes, pods and Services; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.verify.checks import Check, Kind, judged
from ops.verify.document import Cluster

SAMPLE: Final = "sample"
ISTIO_SYSTEM: Final = "istio-system"
PROXY: Final = "istio-proxy"
_INGRESS: Final = "istio-ingressgateway"
_EAST_WEST: Final = "istio-eastwestgateway"

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Balancer:
    """A Service of type LoadBalancer."""

    name: str
    addresses: tuple[str, ...]
    is_internal: bool


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
            addresses=tuple(_addresses(item)),
            is_internal=_is_internal(item["metadata"].get("annotations", {})),
        )
        for item in items
        if item["kind"] == "Service" and item["spec"].get("type") == "LoadBalancer"
    )


def _addresses(service: Object) -> Iterator[str]:
    for entry in service["status"].get("loadBalancer", {}).get("ingress", ()):
        yield entry.get("ip") or entry.get("hostname", "")


def _is_internal(annotations: Mapping[str, str]) -> bool:
    name = "service.beta.kubernetes.io/oci-load-balancer-internal"
    return annotations.get(name) == "true"


def judge_nodes(cluster: Cluster, nodes: Sequence[Object]) -> Check:
    """Return whether there are nodes and all of them are ready."""
    faults = [] if nodes else ["there is no node"]
    for node in nodes:
        conditions = {c["type"]: c for c in node["status"].get("conditions", ())}
        ready = conditions.get("Ready", {"status": "Unknown"})
        if ready["status"] != "True":
            why = ready.get("message") or f"Ready is {ready['status']}"
            faults.append(f"{node['metadata']['name']}: {why}")
    return judged(
        Kind.NODES,
        cluster.key,
        faults,
        remedy=f"look at `kubectl --context {cluster.name} describe nodes` and at the node pool",
    )


def judge_pods(cluster: Cluster, pods: Sequence[Pod]) -> Check:
    """Return whether all pods are ready, and those of the samples have a proxy."""
    faults = [
        f"{pod.namespace}/{pod.name} is {pod.phase} with {pod.ready} of {pod.wanted} containers"
        for pod in pods
        if not pod.is_ready
    ]
    samples = [pod for pod in pods if pod.namespace == SAMPLE]
    faults += [f"{SAMPLE}/{p.name} has no {PROXY}" for p in samples if not p.has_proxy]
    apps = {pod.labels.get("app") for pod in samples}
    faults += [f"{SAMPLE} has no pod of {app}" for app in ("helloworld", "curl") if app not in apps]
    return judged(
        Kind.PODS,
        cluster.key,
        faults,
        remedy=(
            f"look at `kubectl --context {cluster.name} get events -n {SAMPLE}`; a pod that came "
            "before injection worked gets its proxy when it is deleted"
        ),
    )


def judge_balancers(cluster: Cluster, balancers: Sequence[Balancer]) -> Check:
    """Return whether every load balancer has an address, the gateways those of the outputs."""
    faults = [f"{b.name} has no address" for b in balancers if not any(b.addresses)]
    known = {balancer.name: balancer.addresses for balancer in balancers}
    wanted = {_INGRESS: cluster.ingress_address, _EAST_WEST: cluster.east_west_address}
    for name, address in wanted.items():
        found = known.get(name, ())
        if address and address not in found and (any(found) or name not in known):
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


def has_internal_ingress(balancers: Iterable[Balancer]) -> bool:
    """Return whether the ingress gateway can be reached within its own network only."""
    return any(b.is_internal for b in balancers if b.name == _INGRESS)
