"""What one cluster shows that `ops ready` judges."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from ops.verify.certificates import Held
from ops.verify.document import Cluster
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import ISTIO_SYSTEM, OURS, Object, Pod, pods_in
from ops.verify.proxies import held_by

_SYSTEM: Final = "nodes,pods,deployments.apps,poddisruptionbudgets.policy,services"
_POLICIES: Final = "peerauthentications.security.istio.io,authorizationpolicies.security.istio.io"
_STATUS: Final = "http://127.0.0.1:9093/api/v2/status"
_ALERTMANAGER: Final = "app.kubernetes.io/name=alertmanager"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """A Deployment of Istio's, with what belongs to it."""

    name: str
    ready: int
    containers: Sequence[Object]
    nodes: tuple[str, ...]
    """On which its pods are, one entry a pod."""
    disruptions: int | None
    """Pods that may go at this moment; None without a budget."""

    @property
    def has_several(self) -> bool:
        """Whether another pod answers when one is gone."""
        return self.ready > 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What one cluster shows."""

    cluster: Cluster
    output: Mapping[str, Any]
    """Its entry in the outputs."""
    system: Sequence[Object]
    """Nodes, and what is in Istio's namespace."""
    policies: Sequence[Object]
    """Of all namespaces; none in a remote, for which its primary decides."""
    workloads: tuple[Workload, ...]
    proxy: Held | None
    """What a gateway's proxy holds; None if no gateway answers."""
    receivers: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """By Alertmanager, who is told of alerts; None if it does not say."""

    @property
    def nodes(self) -> Sequence[Object]:
        """Return the nodes of the cluster."""
        return [item for item in self.system if item["kind"] == "Node"]


def facts(kubectl: Kubectl, cluster: Cluster, output: Mapping[str, Any]) -> Facts:
    """Return what a cluster shows now.

    Args:
        kubectl: Asks it.
        cluster: The cluster.
        output: Its entry in the outputs.

    Raises:
        KubectlError: its API did not answer.
    """
    system = kubectl.items(cluster.name, _SYSTEM, "--namespace", ISTIO_SYSTEM)
    asked = (_POLICIES, "--all-namespaces")
    return Facts(
        cluster=cluster,
        output=output,
        system=system,
        policies=kubectl.items(cluster.name, *asked) if cluster.is_primary else (),
        workloads=tuple(_workloads(system)),
        proxy=_proxy(kubectl, cluster, pods_in(system)),
        receivers=_receivers(kubectl, cluster),
    )


def _workloads(system: Sequence[Object]) -> Iterable[Workload]:
    pods = [item for item in system if item["kind"] == "Pod"]
    budgets = [item for item in system if item["kind"] == "PodDisruptionBudget"]
    for item in system:
        if item["kind"] != "Deployment" or not _is_ours(item):
            continue
        template = item["spec"]["template"]
        own = [pod for pod in pods if _selects(item, pod["metadata"].get("labels", {}))]
        allowed = [
            int(budget["status"].get("disruptionsAllowed", 0))
            for budget in budgets
            if _selects(budget, template["metadata"].get("labels", {}))
        ]
        yield Workload(
            name=item["metadata"]["name"],
            ready=item["status"].get("readyReplicas", 0),
            # What an injector puts into the pod of a gateway is not in its template.
            containers=[c for pod in own[:1] or [template] for c in pod["spec"]["containers"]],
            nodes=tuple(pod["spec"].get("nodeName", "") for pod in own),
            disruptions=min(allowed, default=None),
        )


def _is_ours(deployment: Object) -> bool:
    labels = deployment["spec"]["template"]["metadata"].get("labels", {})
    return labels.get("app") in OURS[ISTIO_SYSTEM]


def _selects(selector: Object, labels: Mapping[str, str]) -> bool:
    wanted: Mapping[str, str] = selector["spec"]["selector"].get("matchLabels", {})
    return wanted.items() <= labels.items()


def _proxy(kubectl: Kubectl, cluster: Cluster, pods: Iterable[Pod]) -> Held | None:
    pod = next((p for p in pods if p.is_ours and p.has_proxy and p.is_ready), None)
    return held_by(kubectl, cluster.name, pod) if pod else None


def _receivers(kubectl: Kubectl, cluster: Cluster) -> dict[str, tuple[str, ...] | None]:
    asked = ("pods", "--all-namespaces", "--selector", _ALERTMANAGER)
    found: dict[str, tuple[str, ...] | None] = {}
    for pod in kubectl.items(cluster.name, *asked):
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        # From within: its proxy refuses whoever comes from outside the mesh.
        where = ("exec", "--namespace", namespace, name, "--container", "alertmanager", "--")
        try:
            status = kubectl.json(cluster.name, *where, "wget", "-q", "-O", "-", _STATUS)
        except KubectlError:
            found[f"{namespace}/{name}"] = None
        else:
            found[f"{namespace}/{name}"] = _told(status["config"]["original"])
    return found


def _told(configuration: str) -> tuple[str, ...]:
    """Return the receivers that send what they get to somewhere.

    https://prometheus.io/docs/alerting/latest/configuration/#receiver
    """
    receivers = (yaml.safe_load(configuration) or {}).get("receivers") or ()
    return tuple(
        receiver["name"]
        for receiver in receivers
        if any(key.endswith("_configs") and value for key, value in receiver.items())
    )
