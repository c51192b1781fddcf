"""The part of the outputs document that the verification works from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ops.errors import OpsError

# What Pulumi prints in the place of a secret.
_HIDDEN: Final = "[secret]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """One cluster of the mesh."""

    key: str
    name: str
    """Istio's name of it, and its context in the kubeconfig."""
    is_primary: bool
    network: str
    ingress_address: str
    east_west_address: str | None
    """None where no other network comes in."""
    private_endpoint: str
    """Address and port at which the other clusters read its API."""
    ways_in: tuple[str, ...] = ()
    """Addresses at which other networks were seen to come in; while a gateway's address moves,
    there are two."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mesh:
    """Every cluster, and what all of them have in common."""

    id: str
    trust_domain: str
    istio_version: str
    mtls: str
    """The wanted mode of the mesh-wide PeerAuthentication."""
    root_ca_pem: str
    clusters: Mapping[str, Cluster]
    """By key."""
    kubeconfig: str
    """Secret; has a context for each cluster."""
    has_samples: bool = True
    """Whether the sample workloads are to be there, to be asked."""

    @property
    def primaries(self) -> tuple[Cluster, ...]:
        """Return the clusters in which istiod runs."""
        return tuple(cluster for cluster in self.clusters.values() if cluster.is_primary)

    def gateways_into(self, network: str) -> tuple[str, ...]:
        """Return the addresses of the east-west gateways that lead into `network`."""
        inside = [cluster for cluster in self.clusters.values() if cluster.network == network]
        known = [cluster.east_west_address for cluster in inside if cluster.east_west_address]
        return tuple(dict.fromkeys([*known, *(way for c in inside for way in c.ways_in)]))

    def seen(self, ways_in: Mapping[str, tuple[str, ...]]) -> "Mesh":
        """Return the mesh with the addresses, by cluster key, at which others come in."""
        clusters = {
            key: replace(cluster, ways_in=ways_in[key]) for key, cluster in self.clusters.items()
        }
        return replace(self, clusters=clusters)


def mesh_from_outputs(outputs: Mapping[str, Any]) -> Mesh:
    """Return the mesh that the outputs describe.

    Raises:
        OpsError: there is no mesh in them, or its credentials are hidden.
    """
    match outputs:
        case {
            "mesh": {
                "id": str(id_),
                "trustDomain": str(trust_domain),
                "istioVersion": str(istio_version),
                "mtls": str(mtls),
                "rootCaPem": str(root),
                **about,
            },
            "clusters": dict(clusters),
            "mergedKubeconfig": str(kubeconfig),
        } if clusters:
            if kubeconfig == _HIDDEN:
                raise OpsError(
                    "mergedKubeconfig: is hidden, got '[secret]'; print the outputs with "
                    "`pulumi stack output --json --show-secrets`, or name the stack with --stack"
                )
            return Mesh(
                id=id_,
                trust_domain=trust_domain,
                istio_version=istio_version,
                mtls=mtls,
                root_ca_pem=root,
                clusters={key: _cluster(key, clusters[key]) for key in sorted(clusters)},
                kubeconfig=kubeconfig,
                has_samples=bool(about.get("samples", True)),
            )
    wanted = "mesh, clusters and mergedKubeconfig"
    raise OpsError(
        f"the outputs lack a part of {wanted}, got {', '.join(sorted(outputs))}; "
        "run `pulumi up` first"
    )


def _cluster(key: str, given: Any) -> Cluster:
    match given:
        case {
            "name": str(name),
            "role": str(role),
            "network": str(network),
            "privateEndpoint": str(private_endpoint),
        }:
            ingress = given.get("ingressAddress")
            if not ingress:
                raise OpsError(
                    f"clusters.{key}.ingressAddress: is not there, got {ingress!r}; "
                    "set mesh.enabled to true and run `pulumi up`"
                )
            return Cluster(
                key=key,
                name=name,
                is_primary=role == "primary",
                network=network,
                ingress_address=ingress,
                east_west_address=given.get("eastWestAddress"),
                private_endpoint=private_endpoint,
            )
    raise OpsError(
        f"clusters.{key}: lacks name, role, network or privateEndpoint; run `pulumi up` first"
    )
