"""The steps of the first description, one after the other, with its waits, on clusters that exist.

In its order: istiod in each cluster, then the east-west gateways and their addresses, the ingress
gateways, the exposure, the remote secrets, and the samples. Charts, values and objects are those of
the program, so that only the way of getting there differs.
"""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.cloud.kubeconfig import token_kubeconfig
from components.mesh import values
from components.mesh.annotations import load_balancer_annotations
from components.mesh.exposed_services import services_gateway
from components.mesh.namespaces import injected_labels
from components.plan.plan import Member, Plan
from components.samples import samples
from components.settings.mesh import EastWestSettings, Exposure
from components.settings.stack import Settings

SYSTEM = "istio-system"
READER = "istio-reader-service-account"
WAIT = "300s"


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The clusters as the program left them without a mesh: namespaces and cacerts are there."""

    settings: Settings
    plan: Plan
    outputs: Mapping[str, Any]
    """The stack's entries by cluster key."""
    kubeconfig: Path

    def kubectl(self, key: str, *arguments: str, given: str | None = None) -> str:
        """Run kubectl against one cluster and return what it printed."""
        return self._run(key, ["kubectl", "--context"], arguments, given=given)

    def helm(self, key: str, *arguments: str, given: Mapping[str, Any]) -> None:
        """Install a chart with values."""
        self._run(key, ["helm", "--kube-context"], arguments, given=json.dumps(given))

    def _run(
        self, key: str, tool: list[str], arguments: Sequence[str], *, given: str | None
    ) -> str:
        context = self.plan.members[key].settings.name
        argv = [*tool, context, "--kubeconfig", str(self.kubeconfig), *arguments]
        done = subprocess.run(argv, input=given, text=True, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip()}")
        return done.stdout

    def apply(self, key: str, *documents: Mapping[str, Any]) -> None:
        """Apply objects to one cluster."""
        self.kubectl(key, "apply", "--filename", "-", given=yaml.safe_dump_all(documents))


def install(site: Site, member: Member) -> None:
    """Install Istio in one cluster and wait for it."""
    charts = site.settings.mesh.istio.charts
    common = ("--namespace", SYSTEM, "--wait", "--timeout", WAIT, "--values", "-")
    base = values.base_values(member, site.settings.mesh)
    site.helm(member.key, "install", "istio-base", f"{charts}/base", *common, given=base)
    istiod = values.primary_values(member, site.settings.mesh)
    site.helm(member.key, "install", "istiod", f"{charts}/istiod", *common, given=istiod)


def gateway(site: Site, member: Member, kind: values.GatewayKind) -> None:
    """Install a gateway with the chart's own Service and wait for its address."""
    mine = site.outputs[member.key]
    mesh = site.settings.mesh
    settings = mesh.east_west if kind.network else mesh.ingress
    role = "publicLb" if settings.exposure is Exposure.PUBLIC else "internalLb"
    annotations = load_balancer_annotations(
        settings, subnet_id=mine["subnets"][role], nsg_id=mine["nsgs"][role], tags={}
    )
    own = values.gateway_values(kind, settings, mesh, member=member)
    given = {**own, "service": {"type": "LoadBalancer", "annotations": annotations}}
    chart = f"{mesh.istio.charts}/gateway"
    common = ("--namespace", SYSTEM, "--wait", "--timeout", WAIT, "--values", "-")
    site.helm(member.key, "install", kind.release, chart, *common, given=given)
    site.kubectl(
        member.key,
        *("wait", "--namespace", SYSTEM, f"service/{kind.release}", f"--timeout={WAIT}"),
        "--for=jsonpath={.status.loadBalancer.ingress[0].ip}",
    )


def expose(site: Site, member: Member) -> None:
    """Expose the services of one cluster to the other networks."""
    metadata = {"name": "cross-network-gateway", "namespace": SYSTEM}
    kind = {"apiVersion": "networking.istio.io/v1", "kind": "Gateway"}
    site.apply(
        member.key,
        {**kind, "metadata": metadata, "spec": services_gateway(EastWestSettings().hosts)},
    )


def share_secret(site: Site, source: str, reader: str) -> None:
    """Give one cluster the credential of another."""
    name = site.plan.members[source].settings.name
    token = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": f"{READER}-istio-remote-secret-token",
            "namespace": SYSTEM,
            "annotations": {"kubernetes.io/service-account.name": READER},
        },
    }
    site.apply(source, token)
    there = ("--namespace", SYSTEM, f"secret/{token['metadata']['name']}")  # type: ignore[index] # a dict above
    site.kubectl(source, "wait", *there, "--for=jsonpath={.data.token}", f"--timeout={WAIT}")
    data = json.loads(site.kubectl(source, "get", *there, "--output", "json"))["data"]
    server = site.outputs[source]["privateEndpoint"]
    kubeconfig = token_kubeconfig(name, server=server, data=data)
    metadata = {
        "name": f"istio-remote-secret-{name}",
        "namespace": SYSTEM,
        "labels": {"istio/multiCluster": "true"},
        "annotations": {"networking.istio.io/cluster": name},
    }
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    encoded = base64.b64encode(kubeconfig.encode()).decode()
    site.apply(reader, {**secret, "data": {name: encoded}})


def sample(site: Site, member: Member) -> None:
    """Deploy the samples into one cluster and wait for them."""
    labels = injected_labels(site.settings.mesh)
    namespace = {"name": samples.NAMESPACE, "labels": labels}
    site.apply(member.key, {"apiVersion": "v1", "kind": "Namespace", "metadata": namespace})
    version = member.settings.sample_version
    create = ("--namespace", samples.NAMESPACE, "create", "deployment")
    for name, image in (
        (f"helloworld-{version}", f"docker.io/{samples.HELLOWORLD_IMAGE}"),
        ("curl", f"docker.io/{samples.CURL_IMAGE}"),
    ):
        command = ("--", "sleep", "infinity") if name == "curl" else ()
        site.kubectl(member.key, *create, name, f"--image={image}", *command)
        site.kubectl(
            member.key,
            *("rollout", "status", f"deployment/{name}", f"--timeout={WAIT}"),
            *("--namespace", samples.NAMESPACE),
        )


Step = tuple[str, Callable[[], None]]


def steps(site: Site) -> list[Step]:
    """Return every step of the first description in its order."""
    members = list(site.plan.members.values())
    return [
        *((f"istiod {m.key}", lambda m=m: install(site, m)) for m in members),
        *(
            (
                f"east-west gateway {m.key}",
                lambda m=m: gateway(site, m, values.east_west(m.settings.network)),
            )
            for m in members
        ),
        *(
            (f"ingress gateway {m.key}", lambda m=m: gateway(site, m, values.INGRESS))
            for m in members
        ),
        *((f"expose {m.key}", lambda m=m: expose(site, m)) for m in members),
        *(
            (
                f"secret of {pair.source} to {pair.reader}",
                lambda pair=pair: share_secret(site, pair.source, pair.reader),
            )
            for pair in site.plan.secret_pairs
        ),
        *((f"samples {m.key}", lambda m=m: sample(site, m)) for m in members),
    ]


def run(site: Site) -> dict[str, float]:
    """Do every step and return the seconds that each took."""
    taken = {}
    for name, step in steps(site):
        start = time.monotonic()
        step()
        taken[name] = time.monotonic() - start
    return taken


def undo(site: Site) -> None:
    """Take away what `run` made, so that the program starts from where this did."""
    for key in site.plan.members:
        site.kubectl(key, "delete", "namespace", samples.NAMESPACE, "--wait")
        for release in ("istio-ingressgateway", "istio-eastwestgateway", "istiod", "istio-base"):
            site.helm(key, "uninstall", release, "--namespace", SYSTEM, "--wait", given={})
        site.kubectl(
            key, "delete", "secret", "--namespace", SYSTEM, "--selector=istio/multiCluster"
        )
        token = f"{READER}-istio-remote-secret-token"
        site.kubectl(key, "delete", "secret", "--namespace", SYSTEM, "--ignore-not-found", token)
        # Whoever comes next would wait a minute until what istiod led is free again.
        kinds = ("get", "configmap,lease", "--namespace", SYSTEM, "--output", "name")
        names = site.kubectl(key, *kinds).split()
        held = [name for name in names if "election" in name or "leader" in name]
        if held:
            site.kubectl(key, "delete", "--namespace", SYSTEM, *held)
        crds = site.kubectl(key, "get", "crd", "--output", "name").split()
        mine = [crd for crd in crds if crd.endswith("istio.io")]
        if mine:
            site.kubectl(key, "delete", *mine)
