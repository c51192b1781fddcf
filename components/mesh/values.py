"""Helm values of the Istio charts, as pure functions of the plan and the settings.

Keys are those of the charts base, istiod, cni and gateway, whose values are flat (no `pilot.`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import JsonValue

from components.mesh.annotations import client_addresses, noticed_seconds
from components.plan.plan import Member
from components.settings.mesh import (
    ClientAddresses,
    ExportSettings,
    Exposure,
    GatewaySettings,
    MeshSettings,
)

Values = dict[str, Any]

# What a gateway's pod has left to end in, after it has drained.
_GRACE_SECONDS: Final = 15

# Listens on the east-west gateway, https://istio.io/latest/docs/ops/deployment/application-requirements/
PORT_STATUS: Final = 15021
PORT_MTLS: Final = 15443
PORT_XDS: Final = 15012
PORT_WEBHOOK: Final = 15017

# What OKE labels its nodes with, from the largest place to the smallest,
# https://docs.oracle.com/iaas/Content/ContEng/Reference/contengsupportedlabelsusecases.htm
_PLACES: Final = (
    "topology.kubernetes.io/zone",
    "oci.oraclecloud.com/fault-domain",
    "kubernetes.io/hostname",
)

# Of a gateway: all pods may be on the node that OKE drains. The chart makes none for a single pod,
# which could then never leave.
_BUDGET: Final = {"minAvailable": 1}


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> Values:
    """Return `base` with `over` merged in, map by map; a list or a scalar replaces."""
    merged = dict(base)
    for key, value in over.items():
        mine = merged.get(key)
        both_maps = isinstance(mine, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(mine, value) if both_maps else value  # type: ignore[arg-type] # see both_maps
    return merged


def base_values(member: Member, mesh: MeshSettings) -> Values:
    """Return the values of the chart `base`."""
    # The webhook that validates every object of Istio leads to the istiod of this revision. One
    # that is not there lets everything pass at first, and refuses everything after an upgrade.
    default = {"defaultRevision": mesh.istio.revision} if mesh.istio.revision else {}
    if not member.is_primary:
        own: Values = {"profile": "remote", "global": {"externalIstiod": True}, **default}
    else:
        own = {"global": {"externalIstiod": member.serves_remotes}, **default}
    return merge(own, _registry(mesh))


def primary_values(member: Member, mesh: MeshSettings, extension: Values | None = None) -> Values:
    """Return the values of the chart `istiod` where istiod runs.

    `extension` is what other settings than the mesh's add to its configuration.
    """
    istio = mesh.istio
    own: Values = {
        "global": {
            **_identity(member, mesh),
            "externalIstiod": member.serves_remotes,
            "logging": {"level": istio.log_level},
        },
        "meshConfig": merge(_mesh_config(mesh), extension or {}),
        "env": {"ISTIO_MULTIROOT_MESH": "true"},
        # An autoscaler would fight the number of replicas that is set here.
        "autoscaleEnabled": False,
        # Of more than one the chart makes a disruption budget.
        "replicaCount": istio.replicas,
        "topologySpreadConstraints": _spread({"app": "istiod"}),
        "resources": {"requests": _requests(istio.cpu_request, istio.memory_request)},
        "podAnnotations": identity(member, mesh),
        "cni": {"enabled": istio.cni},
        **_revision(mesh),
    }
    placed = merge(_registry(mesh), merge(_image(mesh, "pilot"), _proxy_image(mesh)))
    return merge(merge(own, placed), istio.values)


def remote_values(member: Member, mesh: MeshSettings, extension: Values | None = None) -> Values:
    """Return the values of the chart `istiod` on a remote, without the address of its primary."""
    mesh_config = merge(_mesh_config(mesh), extension or {})
    own: Values = {
        "profile": "remote",
        "istiodRemote": {
            "injectionPath": f"/inject/cluster/{member.settings.name}/net/{member.settings.network}"
        },
        "global": {**_identity(member, mesh), "configCluster": True},
        # The profile leaves it out. From 1.29 on istiod takes the trust domain of a cluster from
        # that cluster's own mesh configuration, and without one expects `cluster.local` there.
        "configMap": True,
        "meshConfig": merge(mesh_config, _map(mesh.istio.values.get("meshConfig"))),
        **_revision(mesh),
    }
    return merge(own, merge(_registry(mesh), _proxy_image(mesh)))


def cni_values(mesh: MeshSettings) -> Values:
    """Return the values of the chart `cni`."""
    return merge(_registry(mesh), _image(mesh, "install-cni"))


def _registry(mesh: MeshSettings) -> Values:
    """Return where images come from, and with what they are pulled; nothing by default."""
    registry = mesh.registry
    known = {"hub": registry.hub, "imagePullSecrets": [*registry.pull_secrets]}
    found = {name: value for name, value in known.items() if value}
    return {"global": found} if found else {}


def _image(mesh: MeshSettings, name: str) -> Values:
    """Return the image of a chart's own pods; nothing where it has no digest.

    One with a slash in it is taken for a whole reference.
    """
    found = mesh.registry.istio_image(name, mesh.istio.version)
    return {"image": found} if found else {}


def _proxy_image(mesh: MeshSettings) -> Values:
    """Return the image of every proxy, also of gateways, and of what comes before a sidecar."""
    found = _image(mesh, "proxyv2")
    return {"global": {"proxy": found, "proxy_init": found}} if found else {}


def _gateway_pulls(mesh: MeshSettings) -> Values:
    names = [{"name": name} for name in mesh.registry.pull_secrets]
    return {"imagePullSecrets": names} if names else {}


def _mesh_config(mesh: MeshSettings) -> Values:
    # Together with ISTIO_MULTIROOT_MESH this lets proxies trust two roots at once, which must
    # be so before a rotation of the root begins.
    metadata = {"PROXY_CONFIG_XDS_AGENT": "true"}
    if mesh.dns_capture:
        # Addresses for hosts without one need no word here: istiod gives them by itself
        # (PILOT_ENABLE_IP_AUTOALLOCATE, which is on in 1.31).
        metadata["ISTIO_META_DNS_CAPTURE"] = "true"
    return {
        **_outside(mesh),
        "trustDomain": mesh.trust_domain,
        "defaultConfig": {"proxyMetadata": metadata},
        **_exports(mesh),
    }


def _exports(mesh: MeshSettings) -> Values:
    exports = mesh.exports
    found: Values = {}
    # Each proxy asks the egress gateway of its own cluster.
    local = [*exports.cluster_local, *([EGRESS_HOST] if mesh.egress.hosts else [])]
    if local:
        found["serviceSettings"] = [{"settings": {"clusterLocal": True}, "hosts": local}]
    if exports.visible_to != ExportSettings().visible_to:
        found["defaultServiceExportTo"] = [*exports.visible_to]
    return found


def _outside(mesh: MeshSettings) -> Values:
    """Refuse what is not named."""
    return {"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}} if mesh.egress.hosts else {}


def _map(value: JsonValue) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayKind:
    """A gateway by its Helm release, which also names its Service and labels."""

    release: str
    ports: Mapping[str, int]
    usual: Exposure
    """With which its Service has the name of the release."""
    network: str | None = None
    """Makes it an east-west gateway, which leads into this Istio network."""

    @property
    def short_name(self) -> str:
        """The name without the prefix that all releases of Istio share."""
        return self.release.removeprefix("istio-")

    @property
    def selector(self) -> dict[str, str]:
        """The labels that the chart gives the gateway's pods."""
        return {"app": self.release, "istio": self.short_name}

    def service_name(self, settings: GatewaySettings) -> str:
        """Return the name of the Service.

        A public and an internal load balancer differ in it, as do those with a reserved address
        and of another kind: one cannot be turned into the other, and under names of their own
        both are there while requests go over.
        """
        exposure = settings.exposure
        unusual = [] if exposure is self.usual else [exposure.value]
        return "-".join([self.release, *unusual, *settings.marks])


INGRESS: Final = GatewayKind(
    release="istio-ingressgateway",
    ports={"status-port": PORT_STATUS, "http2": 80, "https": 443},
    usual=Exposure.PUBLIC,
)
EGRESS: Final = GatewayKind(
    release="istio-egressgateway", ports=INGRESS.ports, usual=Exposure.INTERNAL
)
EGRESS_HOST: Final = f"{EGRESS.release}.istio-system.svc.cluster.local"


def east_west(network: str) -> GatewayKind:
    """Return the kind of gateway through which other networks reach `network`."""
    return GatewayKind(
        release="istio-eastwestgateway",
        ports={
            "status-port": PORT_STATUS,
            "tls": PORT_MTLS,
            "tls-istiod": PORT_XDS,
            "tls-webhook": PORT_WEBHOOK,
        },
        usual=Exposure.INTERNAL,
        network=network,
    )


def identity(member: Member, mesh: MeshSettings) -> dict[str, str]:
    """Return the annotation of what has to start anew when one of these changes.

    A proxy keeps them as long as it runs; `mesh.acceptOutage` lets them change.
    """
    cluster, revision = member.settings, mesh.istio.revision or "default"
    names = (mesh.id, mesh.trust_domain, cluster.network, cluster.name, revision)
    return {"oke-mesh/identity": "/".join(names)}


def gateway_values(
    kind: GatewayKind, settings: GatewaySettings, mesh: MeshSettings, *, member: Member
) -> Values:
    """Return the values of the chart `gateway`, whose Service is not the chart's."""
    own: Values = {
        "name": kind.release,
        "podAnnotations": identity(member, mesh) | _proxy_config(settings, mesh),
        "terminationGracePeriodSeconds": _drain_seconds(settings, mesh) + _GRACE_SECONDS,
        "service": {"type": "None"},
        "replicaCount": settings.replicas,
        "autoscaling": {
            "enabled": settings.scales,
            "minReplicas": settings.replicas,
            "maxReplicas": settings.max_replicas,
        },
        "topologySpreadConstraints": _spread(kind.selector),
        "podDisruptionBudget": _BUDGET,
        "resources": {"requests": _requests(settings.cpu_request, settings.memory_request)},
        **({"networkGateway": kind.network} if kind.network else {}),
        **_gateway_pulls(mesh),
        **_revision(mesh),
    }
    return merge(own, settings.values)


def _proxy_config(settings: GatewaySettings, mesh: MeshSettings) -> dict[str, str]:
    """Return the annotation with what a gateway's own proxy is told.

    It goes on answering after it was told to end, and may expect the PROXY protocol,
    https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/
    """
    config: Values = {"terminationDrainDuration": f"{_drain_seconds(settings, mesh)}s"}
    if client_addresses(settings) is ClientAddresses.PROXY_PROTOCOL:
        config["gatewayTopology"] = {"proxyProtocol": {}}
    return {"proxy.istio.io/config": json.dumps(config)}


def _drain_seconds(settings: GatewaySettings, mesh: MeshSettings) -> int:
    """Return how long a gateway that ends still answers: until nobody is sent there any more."""
    return max(mesh.drain_seconds, noticed_seconds(settings))


def egress_values(mesh: MeshSettings) -> Values:
    """Return the values of the egress gateway, which nobody reaches from outside."""
    return {
        "name": EGRESS.release,
        "service": {"type": "ClusterIP"},
        "replicaCount": mesh.istio.replicas,
        "autoscaling": {"enabled": False},
        "topologySpreadConstraints": _spread(EGRESS.selector),
        "podDisruptionBudget": _BUDGET,
        **_gateway_pulls(mesh),
        **_revision(mesh),
    }


def _spread(labels: Mapping[str, str]) -> list[Values]:
    """Return constraints that part the pods with these labels as far as there are places.

    Not more than that: with one node, or in a region of one domain, all of them still run.
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in _PLACES
    ]


def _identity(member: Member, mesh: MeshSettings) -> Values:
    return {
        "meshID": mesh.id,
        "network": member.settings.network,
        "multiCluster": {"clusterName": member.settings.name},
    }


def _revision(mesh: MeshSettings) -> Values:
    return {"revision": mesh.istio.revision} if mesh.istio.revision else {}


def _requests(cpu: str, memory: str) -> dict[str, str]:
    return {"cpu": cpu, "memory": memory}
