"""`Pulumi.lab.yaml`: the program takes it, and the lab has what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from ipaddress import IPv4Network

from components.config.parse import parse
from components.settings.clusters import Endpoint
from components.settings.stack import Settings
from lab.cloud.authority import REGIONS
from lab.cloud.ids import COMPARTMENT_ID
from lab.paths import CLIENT_ADDRESS, MANAGEMENT_ADDRESS, PUBLIC_RANGE, LabPaths
from lab.toolchain import pins
from tests.support.program import stack_documents

# Where the lab's internet and its management are, RFC 2544.
LAB_RANGE = IPv4Network("198.18.0.0/15")


@cache
def settings() -> Settings:
    return parse(stack_documents("lab"))


def test_istio_is_the_release_that_the_lab_builds() -> None:
    assert settings().mesh.istio.version == pins.ISTIO


def test_kubernetes_is_the_release_that_the_lab_builds() -> None:
    versions = {c.kubernetes_version for c in settings().clusters.values()}
    assert versions == {f"v{pins.KUBERNETES}"}


def test_the_charts_are_where_the_lab_puts_them() -> None:
    paths = LabPaths.locate()
    assert paths.root / settings().mesh.istio.charts == paths.charts


def test_the_compartment_is_the_one_of_the_labs_tenancy() -> None:
    assert settings().oci.compartment_id == COMPARTMENT_ID


def test_every_region_is_one_of_the_labs() -> None:
    regions = {c.region for c in settings().clusters.values()}
    assert regions
    assert regions <= set(REGIONS)


def test_the_host_alone_is_open_to_this_machine_and_nobody_else() -> None:
    clusters, access = settings().clusters.values(), settings().access
    assert {cluster.endpoint for cluster in clusters} == {Endpoint.PRIVATE}
    assert not any(cluster.allowed_cidrs for cluster in clusters)
    assert access.cluster == "primary"
    assert [str(cidr) for cidr in access.allowed_cidrs] == [f"{CLIENT_ADDRESS}/32"]


def test_the_hosts_key_is_the_labs_own() -> None:
    paths = LabPaths.locate()
    assert paths.root / str(settings().access.ssh_private_key_path) == paths.ssh_key


def test_what_it_says_beside_the_development_one_is_the_labs() -> None:
    """The lab shows what a user gets, so it may differ in the little that is named here only."""
    lab, dev = (set(_leaves(stack_documents(stack))) for stack in ("lab", "dev"))
    assert lab - dev == {
        *("mesh.istio.version", "mesh.istio.charts", "mesh.istio.cpuRequest"),
        *("mesh.istio.memoryRequest", "mesh.istio.values", "protection"),
        "mesh.istio.replicas",
        *(f"mesh.{gateway}.{size}" for gateway in ("ingress", "eastWest") for size in SIZES),
        *(f"clusters.{key}.kubernetesVersion" for key in ("primary", "secondary")),
        *(f"clusters.{key}.nodePools.np1.size" for key in ("primary", "secondary")),
    }
    assert {name for name in dev - lab if ".nodePools." not in name} == {
        "oci.profile",
    }


SIZES = ("replicas", "maxReplicas", "cpuRequest", "memoryRequest")


def _leaves(document: object, path: str = "") -> Iterator[str]:
    """The settings that a document has, by path; Istio's own values are one."""
    if isinstance(document, dict) and document and path != "mesh.istio.values":
        for key, inner in document.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path


def test_no_range_of_a_cluster_meets_the_labs_own() -> None:
    ranges = [
        cidr
        for cluster in settings().clusters.values()
        for cidr in (cluster.vcn_cidr, cluster.pods_cidr, cluster.services_cidr)
        if cidr is not None
    ]
    assert len(ranges) >= 4
    assert [cidr for cidr in ranges if cidr.overlaps(LAB_RANGE)] == []


def test_the_labs_own_ranges_are_where_that_is_looked_for() -> None:
    own = [f"{CLIENT_ADDRESS}/32", f"{MANAGEMENT_ADDRESS}/32", PUBLIC_RANGE]
    assert all(IPv4Network(cidr).subnet_of(LAB_RANGE) for cidr in own)
