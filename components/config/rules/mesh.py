"""The mesh: gateways, and values of charts that belong to the plan."""

from collections.abc import Iterator, Mapping
from typing import Final

from components.config.report import path, show
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.plan.traffic.names import SAMPLES, covers, covers_namespace
from components.settings.mesh import Balancer, ClientAddresses, Exposure

Values = Mapping[str, object]
Owned = Mapping[tuple[str, ...], str]

# What the program sets itself, and what to do instead of setting it here.
_OWNED: Final[Owned] = {
    ("autoscaleEnabled",): "and use mesh.istio.replicas",
    ("cni", "enabled"): "and use mesh.istio.cni",
    ("configMap",): "so that every cluster has the mesh's configuration",
    ("env", "CLUSTER_ID"): "and use clusters.<key>.name",
    ("env", "EXTERNAL_ISTIOD"): "and use clusters.<key>.role",
    ("env", "REVISION"): "and use mesh.istio.revision",
    ("global", "configCluster"): "and use clusters.<key>.role",
    ("global", "externalIstiod"): "and use clusters.<key>.role",
    ("global", "istioNamespace"): "and leave Istio in istio-system",
    ("global", "logging", "level"): "and use mesh.istio.logLevel",
    ("global", "meshID"): "and use mesh.id",
    ("global", "multiCluster", "clusterName"): "and use clusters.<key>.name",
    ("global", "network"): "and use clusters.<key>.network",
    ("global", "profile"): "and use clusters.<key>.role",
    ("global", "remotePilotAddress"): "and use clusters.<key>.primary",
    ("istiodRemote", "enabled"): "and use clusters.<key>.role",
    ("istiodRemote", "injectionPath"): "and use clusters.<key>.primary",
    ("meshConfig", "defaultConfig", "discoveryAddress"): "and use clusters.<key>.primary",
    ("meshConfig", "defaultConfig", "meshId"): "and use mesh.id",
    ("meshConfig", "defaultConfig", "proxyMetadata", "ISTIO_META_CLUSTER_ID"): (
        "and use clusters.<key>.name"
    ),
    ("meshConfig", "defaultConfig", "proxyMetadata", "ISTIO_META_NETWORK"): (
        "and use clusters.<key>.network"
    ),
    ("meshConfig", "defaultConfig", "proxyMetadata", "ISTIO_META_DNS_CAPTURE"): (
        "and use mesh.dnsCapture"
    ),
    ("meshConfig", "defaultServiceExportTo"): "and use mesh.exports.visibleTo",
    ("meshConfig", "serviceSettings"): "and use mesh.exports.clusterLocal",
    ("meshConfig", "rootNamespace"): "and leave what is for the whole mesh in istio-system",
    ("meshConfig", "trustDomain"): "and use mesh.trustDomain",
    ("profile",): "and use clusters.<key>.role",
    ("replicaCount",): "and use mesh.istio.replicas",
    ("resources", "requests", "cpu"): "and use mesh.istio.cpuRequest",
    ("resources", "requests", "memory"): "and use mesh.istio.memoryRequest",
    ("revision",): "and use mesh.istio.revision",
    # Without these two the root certificate could never be replaced without an outage.
    ("env", "ISTIO_MULTIROOT_MESH"): "so that the root can be replaced",
    ("meshConfig", "defaultConfig", "proxyMetadata", "PROXY_CONFIG_XDS_AGENT"): (
        "so that the root can be replaced"
    ),
}

# The same of the chart of gateways.
_OWNED_BY_GATEWAYS: Final[Owned] = {
    ("autoscaling", "enabled"): "and use maxReplicas",
    ("autoscaling", "maxReplicas"): "and use maxReplicas",
    ("autoscaling", "minReplicas"): "and use replicas",
    ("imagePullSecrets",): "and use mesh.registry",
    ("kind",): "so that the number of pods is that of the settings",
    ("labels", "app"): "so that the Service finds its pods",
    ("labels", "istio"): "so that the Service finds its pods",
    ("name",): "so that the Service finds its pods",
    ("networkGateway",): "and use clusters.<key>.network",
    ("networkGatewayPorts",): "so that other networks find the gateway",
    ("podAnnotations", "oke-mesh/identity"): "so that pods start anew with another identity",
    ("replicaCount",): "and use replicas",
    ("resources", "requests", "cpu"): "and use cpuRequest",
    ("resources", "requests", "memory"): "and use memoryRequest",
    ("revision",): "and use mesh.istio.revision",
    ("service",): "since the Service is a resource of the program's own",
}

# Other roads to the same values: the chart merges what is below them over, or under, all others,
# https://github.com/istio/istio/tree/master/manifests/zzz_profile.yaml
_ROADS: Final = ("_internal_defaults_do_not_set", "defaults", "pilot")

# As many as a good mesh needs not to be red by chance; ops/verify/answers.py has the sum.
LEAST_FOR_EACH_CLUSTER: Final = 18

_SAMPLES: Final = f".{SAMPLES}.svc.cluster.local"


def _bandwidths(given: Given) -> Iterator[Problem]:
    mesh = given.settings.mesh
    for name, gateway in (("ingress", mesh.ingress), ("eastWest", mesh.east_west)):
        if gateway.min_mbps > gateway.max_mbps:
            yield problem(
                f"mesh.{name}.minMbps",
                f"is more than maxMbps ({gateway.max_mbps})",
                got=gateway.min_mbps,
                remedy="choose at most that",
            )


def _reserved(given: Given) -> Iterator[Problem]:
    mesh = given.settings.mesh
    for name, gateway in (("ingress", mesh.ingress), ("eastWest", mesh.east_west)):
        if gateway.reserved_address and gateway.exposure is Exposure.INTERNAL:
            yield problem(
                f"mesh.{name}.reservedAddress",
                f"is a public address, but mesh.{name}.exposure is internal",
                got=gateway.reserved_address,
                remedy="remove it, or set exposure to public",
            )


def _balancers(given: Given) -> Iterator[Problem]:
    ingress = given.settings.mesh.ingress
    is_network = ingress.balancer is Balancer.NETWORK
    if ingress.client_addresses is ClientAddresses.KEPT and not is_network:
        yield problem(
            "mesh.ingress.clientAddresses",
            f"are not kept by a {ingress.balancer}",
            got=ingress.client_addresses,
            remedy=f"set balancer to {Balancer.NETWORK}, or use {ClientAddresses.PROXY_PROTOCOL}",
        )
    for name, field in (("minMbps", "min_mbps"), ("maxMbps", "max_mbps")):
        if is_network and field in ingress.model_fields_set:
            yield problem(
                f"mesh.ingress.{name}",
                f"has no effect on a {Balancer.NETWORK}",
                got=getattr(ingress, field),
                remedy="remove it",
            )


def _crossing(given: Given) -> Iterator[Problem]:
    if not given.settings.mesh.east_west.hosts:
        yield problem(
            "mesh.eastWest.hosts",
            "has no entries, which no gateway may have",
            got=(),
            remedy="name the services that cross, or leave it out",
        )


def _charts(given: Given) -> Iterator[tuple[str, Values, Owned]]:
    """Yield the values of each chart, by where they stand, with what of them is the program's."""
    mesh = given.settings.mesh
    yield "istio", mesh.istio.values, _OWNED
    yield "ingress", mesh.ingress.values, _OWNED_BY_GATEWAYS
    yield "eastWest", mesh.east_west.values, _OWNED_BY_GATEWAYS


def _registry(given: Given) -> Iterator[Problem]:
    registry = given.settings.mesh.registry
    if registry.username and not registry.place:
        yield problem(
            "mesh.registry.username",
            "is of a registry that is not given",
            got=registry.username,
            remedy="give mesh.registry.place too, or remove it",
        )
    elif registry.username and not given.secrets.registry_token:
        yield problem(
            "registryToken",
            "is missing beside mesh.registry.username",
            got=None,
            remedy="`pulumi config set --secret registryToken`",
        )
    elif given.secrets.registry_token and not registry.username:
        yield problem(
            "mesh.registry.username",
            "is missing beside the secret registryToken",
            got=None,
            remedy="say whose token it is, or `pulumi config rm registryToken`",
        )


def _owned_values(given: Given) -> Iterator[Problem]:
    for name, values, owned in _charts(given):
        for place, instead in owned.items():
            found = reach(values, place)
            if found is None:
                continue
            location, value = found
            is_owned = location == place
            yield Problem(
                path=path(("mesh", name, "values", *location)),
                fault="is set by the program" if is_owned else "is not a map, as the chart has it",
                got=show(value, *location),
                remedy=f"remove it {instead}" if is_owned else "write its keys below it",
            )


def _other_roads(given: Given) -> Iterator[Problem]:
    for name, values, _ in _charts(given):
        for road in (road for road in _ROADS if road in values):
            yield problem(
                f"mesh.{name}.values.{road}",
                "is merged with all other values",
                got=values[road],
                remedy="write its keys beside it, as the chart of today has them",
            )


def _dotted_keys(given: Given) -> Iterator[Problem]:
    """Yield the keys that look like a path, which the chart does not take for one.

    Elsewhere a dot is part of a name, such as that of an annotation.
    """
    for chart, values, owned in _charts(given):
        places = {".".join(place[:depth]) for place in owned for depth in range(1, len(place) + 1)}
        roots = ("global", "meshConfig", *{place[0] for place in owned}, *_ROADS)
        for location, value in _keys(values):
            *above, name = location
            first = ".".join(location).partition(".")[0]
            is_path = ".".join(location) in places or (not above and first in roots)
            if "." in name and is_path:
                yield Problem(
                    path=path(("mesh", chart, "values", *location)),
                    fault="is a path where the chart has keys",
                    got=show(value, *location),
                    remedy="write its keys below each other",
                )


def _keys(
    values: Mapping[str, object], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in values.items():
        yield (*above, name), value
        if isinstance(value, Mapping):
            yield from _keys(value, (*above, name))


def reach(
    values: Mapping[str, object], place: tuple[str, ...]
) -> tuple[tuple[str, ...], object] | None:
    """Return the value at `place`, or what stands in the way to it; None if it is free."""
    found: object = values
    for depth, name in enumerate(place):
        if not isinstance(found, Mapping):
            return place[:depth], found
        if name not in found:
            return None
        found = found[name]
    return place, found


def _requests(given: Given) -> Iterator[Problem]:
    verification = given.settings.verification
    least = LEAST_FOR_EACH_CLUSTER * len(given.clusters)
    # Not set means as many as it takes.
    is_chosen = "requests" in verification.model_fields_set
    if asks_samples(given) and is_chosen and verification.requests < least:
        yield problem(
            "verification.requests",
            f"is less than {LEAST_FOR_EACH_CLUSTER} for each cluster, so that one could be missed",
            got=verification.requests,
            remedy=f"write at least {least}, or leave it out",
        )


def _samples_cross(given: Given) -> Iterator[Problem]:
    """What crosses between networks must have the samples in it, or nothing could be verified."""
    hosts = given.settings.mesh.east_west.hosts
    crosses = any(covers_namespace(host, SAMPLES) for host in hosts)
    if asks_samples(given) and given.spans_networks and hosts and not crosses:
        yield problem(
            "mesh.eastWest.hosts",
            "leaves out the samples, which the verification asks across networks",
            got=list(hosts),
            remedy=f"add '*{_SAMPLES}', or set verification.enabled to false",
        )


def _samples_are_seen(given: Given) -> Iterator[Problem]:
    """A cluster's own samples answer it in any case, and the verification asks for the others'."""
    exports = given.settings.mesh.exports
    asked = f"helloworld{_SAMPLES}"
    local = [host for host in exports.cluster_local if covers(host, asked)]
    if asks_samples(given) and local and len(given.clusters) > 1:
        yield problem(
            "mesh.exports.clusterLocal",
            "keeps the samples in their clusters, which the verification asks across them",
            got=local[0],
            remedy="name other services, or set verification.enabled to false",
        )


def _is_seen(given: Given) -> Iterator[Problem]:
    visible = given.settings.mesh.exports.visible_to
    if "*" in visible and len(visible) > 1:
        yield problem(
            "mesh.exports.visibleTo",
            "names others beside *, which is everyone",
            got=" and ".join(visible),
            remedy='write ["*"], or leave * out',
        )


def _gateways_see(given: Given) -> Iterator[Problem]:
    """What a gateway does not see it does not lead to, neither from users nor between networks."""
    visible = given.settings.mesh.exports.visible_to
    needs = {"istio-system": "the gateways, which stand in istio-system", ".": "its own namespace"}
    for name, who in needs.items():
        if "*" not in visible and name not in visible:
            yield problem(
                "mesh.exports.visibleTo",
                f"keeps a service from {who}",
                got=" and ".join(visible),
                remedy=f'add "{name}"',
            )


def asks_samples(given: Given) -> bool:
    """Whether an update ends with questions to the samples."""
    mesh = given.settings.mesh
    return given.settings.verification.enabled and mesh.enabled and mesh.samples


RULES: Final[tuple[Rule, ...]] = (
    _bandwidths,
    _balancers,
    _reserved,
    _crossing,
    _registry,
    _owned_values,
    _other_roads,
    _dotted_keys,
    _requests,
    _samples_cross,
    _samples_are_seen,
    _is_seen,
    _gateways_see,
)
