"""A service of one's own, asked as the samples are: with rights in its namespace only.

A client pod is made in the namespace of each cluster that has the Service, and deleted again. What
it asks goes through its proxy, which counts requests by endpoint and says how it talks to each.
"""

import json
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from components.versions import CURL
from ops.errors import OpsError
from ops.verify.answers import enough_requests
from ops.verify.checks import Check, Kind, failed, none_failed
from ops.verify.document import Cluster, Mesh
from ops.verify.kubectl import Kubectl, KubectlError, opened
from ops.verify.kubernetes import PROXY, Object, Pod, pods_in
from ops.verify.own_client import Asked, ask
from ops.verify.own_judge import Place, judge
from ops.verify.progress import Progress
from ops.verify.report import Report
from ops.verify.session import Deadline, for_each
from ops.verify.source import Source

CURL_IMAGE: Final = f"docker.io/curlimages/curl:{CURL}"
_TARGET: Final = re.compile(r"(?P<namespace>[^/:\s]+)/(?P<name>[^/:\s]+)(:(?P<port>\d{1,5}))?")

# A client that nobody deletes, because this program was killed, ends by itself.
_LIFE_SECONDS: Final = "900"
_LIMITS: Final = json.dumps(
    {"apiVersion": "v1", "spec": {"activeDeadlineSeconds": int(_LIFE_SECONDS)}}
)
_READY_SECONDS: Final = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The Service that is asked."""

    namespace: str
    name: str
    port: int | None
    """None means the first that it has."""
    path: str = "/"

    @property
    def host(self) -> str:
        """The name under which every cluster knows it."""
        return f"{self.name}.{self.namespace}.svc.cluster.local"


def target_of(text: str, path: str = "/") -> Target:
    """Return the Service that `namespace/name` or `namespace/name:port` names.

    Raises:
        OpsError: the text is neither.
    """
    found = _TARGET.fullmatch(text)
    if found is None or not path.startswith("/"):
        raise OpsError(
            f"--service: is no Service, got {text!r} and the path {path!r}; write namespace/name "
            "or namespace/name:port, and a path that begins with /"
        )
    port = int(found["port"]) if found["port"] else None
    return Target(namespace=found["namespace"], name=found["name"], port=port, path=path)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """One verification of a Service."""

    mesh: Mesh
    target: Target
    kubectl: Kubectl
    image: str
    """Of the client."""
    requests: int

    def place(self, cluster: Cluster) -> Place | Check | None:
        """Return the Service in one cluster; None where there is none."""
        target = self.target
        words = ("get", "services,pods", "--namespace", target.namespace, "--output", "json")
        try:
            items: Sequence[Object] = self.kubectl.json(cluster.name, *words)["items"]
        except KubectlError as error:
            remedy = f"see whether you may read services and pods of {target.namespace} there"
            return failed(Kind.API, cluster.key, seen=str(error), remedy=remedy)
        for item in items:
            if item["kind"] == "Service" and item["metadata"]["name"] == target.name:
                return Place(cluster=cluster, port=port_of(item, target), pods=behind(item, items))
        return None

    def asked(self, place: Place) -> Asked | Check:
        """Return what a client in the cluster of `place` saw."""
        target = self.target
        try:
            where = {"namespace": target.namespace, "image": self.image}
            with client_in(self.kubectl, place.cluster, **where) as client:
                url = f"http://{target.host}:{place.port}{target.path}"
                return ask(client, url, self.requests)
        except KubectlError as error:
            return failed(
                Kind.ANSWERS,
                place.cluster.key,
                seen=str(error),
                remedy=(
                    f"see whether you may create, exec into and delete pods of {target.namespace}, "
                    f"and whether a new pod there gets the container {PROXY}"
                ),
            )


@contextmanager
def client_in(
    kubectl: Kubectl, cluster: Cluster, *, namespace: str, image: str
) -> Iterator[Source]:
    """Give a pod in a namespace of a cluster, and leave nothing of it behind.

    Raises:
        KubectlError: it did not come up, or could not be deleted.
    """
    name, run = f"oke-mesh-verify-{secrets.token_hex(4)}", kubectl.text
    where = ("--namespace", namespace)
    made = ("--image", image, "--restart", "Never", "--overrides", _LIMITS)
    run(cluster.name, "run", name, *where, *made, "--command", "--", "sleep", _LIFE_SECONDS)
    try:
        wait = ("--for", "condition=Ready", "--timeout", f"{_READY_SECONDS}s")
        run(cluster.name, "wait", f"pod/{name}", *where, *wait, limit=_READY_SECONDS + 30)
        yield Source(
            kubectl=kubectl,
            context=cluster.name,
            namespace=namespace,
            pod=name,
            container=name,
        )
    finally:
        run(cluster.name, "delete", "pod", name, *where, "--wait=false")


def verify_service(
    mesh: Mesh, target: Target, *, requests: int, timeout: float, image: str = CURL_IMAGE
) -> Report:
    """Return how the Service is reached from every cluster that has it.

    Args:
        mesh: Of which clusters, networks and gateways are known already.
        target: What to ask.
        requests: From each cluster; more in a large mesh.
        timeout: Seconds of waiting, over all clusters.
        image: Of the client; it has curl.

    Raises:
        OpsError: no cluster has such a Service, or it has no such port.
    """
    progress = Progress(sys.stderr)
    with opened(mesh.kubeconfig) as kubectl:
        count = enough_requests(requests, len(mesh.clusters))
        run = _Run(mesh=mesh, target=target, kubectl=kubectl, image=image, requests=count)
        progress.note(f"{target.namespace}/{target.name}: looking for it in every cluster")
        looked = for_each(mesh.clusters.values(), run.place)
        places = {place.cluster.key: place for place in looked if isinstance(place, Place)}
        missed = tuple(check for check in looked if isinstance(check, Check))
        if not places:
            raise _nowhere(target, missed)
        progress.note(f"traffic: {count} requests from each of {', '.join(places)}")
        deadline = Deadline(timeout)

        def settled(place: Place) -> Asked | Check:
            return deadline.settle(
                lambda: run.asked(place),
                lambda seen: (
                    isinstance(seen, Asked)
                    and none_failed(judge(mesh, place, asked=seen, places=places).checks)
                ),
            )

        found = dict(zip(places, for_each(places.values(), settled), strict=True))
        return _report(run, places, missed=missed, found=found)


def _nowhere(target: Target, missed: Sequence[Check]) -> OpsError:
    seen = f", got {missed[0].seen!r}" if missed else ""
    return OpsError(
        f"no cluster has the Service {target.namespace}/{target.name}{seen}; name one that you "
        "may read"
    )


def _report(
    run: _Run,
    places: Mapping[str, Place],
    *,
    missed: Sequence[Check],
    found: Mapping[str, Asked | Check],
) -> Report:
    asked = {key: one for key, one in found.items() if isinstance(one, Asked)}
    judged = [judge(run.mesh, places[k], asked=one, places=places) for k, one in asked.items()]
    return Report(
        mesh=f"{run.mesh.id}, {run.target.namespace}/{run.target.name}",
        requests=run.requests,
        versions={key: place.versions for key, place in places.items()},
        clients={key: one.answers for key, one in asked.items()},
        pairs=tuple(pair for outcome in judged for pair in outcome.pairs),
        ingress={},
        checks=(
            *missed,
            *(one for one in found.values() if isinstance(one, Check)),
            *(check for outcome in judged for check in outcome.checks),
        ),
    )


def port_of(service: Object, target: Target) -> int:
    """Return the port of a Service that is asked.

    Raises:
        OpsError: it has no such port.
    """
    ports = [int(port["port"]) for port in service["spec"].get("ports", ())]
    if target.port is None and ports:
        return ports[0]
    if target.port in ports:
        return target.port
    raise OpsError(
        f"{target.namespace}/{target.name}: has no port {target.port or 'at all'}; it has "
        f"{', '.join(map(str, ports)) or 'none'}"
    )


def behind(service: Object, items: Sequence[Object]) -> tuple[Pod, ...]:
    """Return the ready pods that a Service selects."""
    selector = service["spec"].get("selector") or {}
    ready = [pod for pod in pods_in(items) if pod.is_ready]
    return tuple(pod for pod in ready if selector and selector.items() <= pod.labels.items())
