"""What must stay legal: meshes of both kinds, remotes over the backbone, networks of one's own."""

from __future__ import annotations

import pytest

from tests.mesh.support import read_by
from tests.support import brought
from tests.support.harness import Deployment
from tests.support.outputs import address
from tests.support.program import inventory_run

CLUSTER = "oci:ContainerEngine/cluster:Cluster"
GATEWAY = "kubernetes:networking.istio.io/v1:Gateway"
PEERING = "oci:Core/remotePeeringConnection:RemotePeeringConnection"
RELEASE = "kubernetes:helm.sh/v3:Release"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
SECRET = "kubernetes:core/v1:Secret"
SERVICE = "kubernetes:core/v1:Service"


@pytest.fixture
def made(request: pytest.FixtureRequest) -> Deployment:
    """The run of the case that the test names."""
    return inventory_run(request.param)


def of(case: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("made", [case], indirect=True)


# Two primaries, and a remote of the second.
MIXED = of("two-primaries-and-a-remote")
# A remote that reaches its primary by a public load balancer, both with public endpoints.
PUBLIC = of("primary-remote")
# A remote that reaches its primary by an internal load balancer.
PRIVATE = of("remote-over-the-backbone")
# A cluster in a network that was there before, and another one beside it.
EXISTING = of("existing-network")


@MIXED
def test_every_primary_reads_every_other_cluster_and_a_remote_reads_none(
    made: Deployment,
) -> None:
    found = {name: list(read_by(made, name)) for name in made.names(SECRET) if "reads" in name}
    assert found == {
        "primary-reads-others-secret": ["secondary-cluster", "third-cluster"],
        "primary-reads-remotes-secret": [],
        "secondary-reads-others-secret": ["primary-cluster"],
        "secondary-reads-remotes-secret": ["third-cluster"],
    }


@MIXED
def test_a_remote_is_served_by_the_primary_that_it_names(made: Deployment) -> None:
    values = made.one(RELEASE, "third-istio-istiod").inputs["values"]["global"]
    assert values["remotePilotAddress"] == address("secondary-eastwestgateway-service")


@MIXED
def test_only_the_primary_of_a_remote_exposes_its_istiod(made: Deployment) -> None:
    names = [name for name in made.names(GATEWAY) if "istiod" in name]
    assert names == ["secondary-exposure-istiod-gateway"]


@MIXED
def test_only_primaries_get_a_signing_certificate(made: Deployment) -> None:
    assert [name for name in made.names(SECRET) if "cacerts" in name] == [
        "primary-istio-system-cacerts",
        "secondary-istio-system-cacerts",
    ]


@PRIVATE
def test_a_remote_over_the_backbone_finds_istiod_at_an_internal_load_balancer(
    made: Deployment,
) -> None:
    service = made.one(SERVICE, "primary-eastwestgateway-service").inputs["metadata"]
    values = made.one(RELEASE, "secondary-istio-istiod").inputs["values"]["global"]
    internal = "service.beta.kubernetes.io/oci-load-balancer-internal"
    assert service["annotations"][internal] == "true"
    assert values["remotePilotAddress"] == address("primary-eastwestgateway-service")


@PRIVATE
def test_the_control_plane_of_a_remote_may_call_its_injector_over_the_backbone(
    made: Deployment,
) -> None:
    out = made.one(
        RULE, "secondary-api-nsg-the-control-plane-calls-the-injector-of-primary-out"
    ).inputs
    where = made.one("oci:Core/subnet:Subnet", "primary-internal-lb-subnet").inputs
    assert out["destination"] == where["cidrBlock"]
    assert out["tcpOptions"]["destinationPortRange"] == {"min": 15017, "max": 15017}


@PUBLIC
def test_a_public_east_west_gateway_lets_in_the_nat_gateways_of_its_peers(
    made: Deployment,
) -> None:
    rules = [
        r for r in made.of(RULE) if ":PublicGatewayRules$" in r.urn and r.name.startswith("fra-")
    ]
    assert {rule.inputs["description"]: rule.inputs["source"] for rule in rules} == {
        "pods, proxies and the control plane of ash reach the east-west gateway": (
            f"{address('ash-nat-gateway')}/32"
        ),
        "the control plane of ash calls the injector from its public endpoint": (
            f"{address('ash-cluster')}/32"
        ),
    }


@EXISTING
def test_nothing_is_made_of_a_network_that_exists(made: Deployment) -> None:
    types = {
        resource.type.split(":")[-1]
        for resource in made.resources
        if resource.custom and resource.name.startswith(("brought-", f"{brought.REGION}-"))
    }
    of_a_network = {"Vcn", "Subnet", "RouteTable", "Drg", "DrgAttachment", "InternetGateway"}
    assert types & of_a_network == set()
    assert "NetworkSecurityGroup" in types


@EXISTING
def test_a_cluster_moves_into_the_subnets_that_exist(made: Deployment) -> None:
    cluster = made.one(CLUSTER, "brought-cluster").inputs
    assert cluster["vcnId"] == brought.VCN
    assert cluster["endpointConfig"]["subnetId"] == brought.SUBNETS["api"]
    assert cluster["options"]["serviceLbSubnetIds"] == [brought.SUBNETS["publicLb"]]


@EXISTING
def test_an_existing_drg_takes_part_in_the_backbone(made: Deployment) -> None:
    requestor = made.one(PEERING, "us-chicago-1_us-sanjose-1-requestor").inputs
    assert requestor["drgId"] == brought.DRG
    assert made.exports["backbone"]["drgs"][brought.REGION] == brought.DRG


@EXISTING
def test_a_peer_lets_in_the_pods_of_a_subnet_that_exists(made: Deployment) -> None:
    name = "away-internal-lb-nsg-pods-of-brought-reach-the-east-west-gateway-in"
    assert made.one(RULE, name).inputs["source"] == brought.RANGES["pods"]


@EXISTING
def test_the_outputs_of_an_existing_network_are_its_ids(made: Deployment) -> None:
    outputs = made.exports["clusters"]["brought"]
    assert (outputs["vcnId"], outputs["subnets"]) == (brought.VCN, brought.SUBNETS)
