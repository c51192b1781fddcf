"""DRGs and the peerings between them, as registered."""

from __future__ import annotations

import pulumi
import pulumi_oci as oci
import pytest

from components.backbone.backbone import Backbone, BackboneArgs
from components.cloud.owner import Owner
from components.plan.plan import Plan
from tests.support.documents import COMPARTMENT, cluster, plan
from tests.support.harness import Deployment, deploy

DRG = "oci:Core/drg:Drg"
RPC = "oci:Core/remotePeeringConnection:RemotePeeringConnection"
DRG = "oci:Core/drg:Drg"
OWNER = Owner(project="oke-mesh", stack="test", mesh="oke-mesh")


def clusters(count: int) -> Plan:
    """Return the plan of that many clusters, one in each of three regions in turn."""
    return plan(clusters={key: cluster(n) for n, key in enumerate("abcdefgh"[:count])})


def build(of: Plan) -> Backbone:
    providers = {region: oci.Provider(region, region=region) for region in of.regions}
    args = BackboneArgs(compartment_id=COMPARTMENT, plan=of, owner=OWNER, providers=providers)
    return Backbone("backbone", args)


def deployed(of: Plan, *, preview: bool = False) -> Deployment:
    def program() -> None:
        backbone = build(of)
        pulumi.export("drgs", backbone.drg_ids)
        pulumi.export("peerings", backbone.peerings)

    return deploy(program, preview=preview)


def region_of(provider: str) -> str:
    return provider.split("::")[-2]


def test_each_region_has_one_drg_however_many_clusters_it_has() -> None:
    assert deployed(clusters(5)).names(DRG) == [
        "us-ashburn-1-drg",
        "us-chicago-1-drg",
        "us-sanjose-1-drg",
    ]


def test_a_drg_is_made_by_the_provider_of_its_region() -> None:
    found = deployed(clusters(3)).of(DRG)
    assert [f"{region_of(drg.provider)}-drg" for drg in found] == [drg.name for drg in found]


def test_a_drg_needs_no_vcn() -> None:
    found = deployed(clusters(2))
    assert {resource.type for resource in found.resources} == {
        "pulumi:providers:oci",
        "okemesh:backbone:Backbone",
        "okemesh:backbone:Peering",
        DRG,
        RPC,
    }


@pytest.mark.parametrize(("count", "pairs"), [(1, 0), (2, 1), (3, 3), (4, 3)])
def test_each_pair_of_regions_has_one_pair_of_connections(count: int, pairs: int) -> None:
    assert len(deployed(clusters(count)).of(RPC)) == 2 * pairs


def test_the_acceptor_waits_and_names_nobody() -> None:
    acceptor = deployed(clusters(2)).one(RPC, "us-chicago-1_us-sanjose-1-acceptor")
    assert region_of(acceptor.provider) == "us-chicago-1"
    assert acceptor.inputs == {
        "compartmentId": COMPARTMENT,
        "drgId": "ocid1.drg.oc1.test.us-chicago-1-drg",
        "displayName": "oke-mesh-test-us-chicago-1_us-sanjose-1-acceptor",
        "freeformTags": {
            "project": "oke-mesh",
            "stack": "test",
            "mesh": "oke-mesh",
            "role": "backbone",
        },
    }


def test_the_requestor_asks_from_the_other_region() -> None:
    found = deployed(clusters(2))
    requestor = found.one(RPC, "us-chicago-1_us-sanjose-1-requestor")
    assert region_of(requestor.provider) == "us-sanjose-1"
    assert requestor.inputs["drgId"] == "ocid1.drg.oc1.test.us-sanjose-1-drg"
    assert requestor.inputs["peerId"] == (
        "ocid1.remotepeeringconnection.oc1.test.us-chicago-1_us-sanjose-1-acceptor"
    )
    assert requestor.inputs["peerRegionName"] == "us-chicago-1"


def test_an_acceptor_is_made_anew_with_the_drg_of_its_requestor() -> None:
    """Left alone it would stay REVOKED, and no requestor could join it again."""
    acceptor = deployed(clusters(2)).one(RPC, "us-chicago-1_us-sanjose-1-acceptor")
    assert acceptor.options["replacementTrigger"] == "ocid1.drg.oc1.test.us-sanjose-1-drg"


def test_a_drg_that_is_brought_is_used() -> None:
    mine = "ocid1.drg.oc1.test.mine"
    found = deployed(plan(clusters__primary__existing={"drgId": mine}))
    assert found.names(DRG) == ["us-chicago-1-drg"]
    assert found.one(RPC, "us-chicago-1_us-sanjose-1-requestor").inputs["drgId"] == mine
    assert found.exports["drgs"]["us-sanjose-1"] == mine


def test_the_status_is_that_of_the_requestor() -> None:
    assert deployed(clusters(2)).exports["peerings"] == {
        "us-chicago-1_us-sanjose-1": {
            "acceptorId": (
                "ocid1.remotepeeringconnection.oc1.test.us-chicago-1_us-sanjose-1-acceptor"
            ),
            "requestorId": (
                "ocid1.remotepeeringconnection.oc1.test.us-chicago-1_us-sanjose-1-requestor"
            ),
            "status": "PEERED",
        }
    }


def test_whoever_uses_a_drg_waits_for_the_peerings_of_its_region_alone() -> None:
    def program() -> None:
        oci.core.Drg("user", compartment_id=build(clusters(3)).drg_ids["us-sanjose-1"])

    found = deploy(program)
    connections = {resource.urn: resource.name for resource in found.of(RPC)}
    waited = {connections.get(urn) for urn in found.one(DRG, "user").dependencies}
    assert waited - {None} == {
        "us-ashburn-1_us-sanjose-1-requestor",
        "us-chicago-1_us-sanjose-1-requestor",
    }


def test_a_region_more_leaves_the_others_as_they_are() -> None:
    before = {resource.urn: resource.inputs for resource in deployed(clusters(2)).resources}
    after = {resource.urn: resource.inputs for resource in deployed(clusters(3)).resources}
    assert before.items() <= after.items()


def test_a_preview_registers_what_an_update_does() -> None:
    assert deployed(clusters(3), preview=True).urns() == deployed(clusters(3)).urns()


def test_a_region_without_a_provider_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match=r"^no OCI provider for us-chicago-1, us-sanjose-1$"):
        BackboneArgs(compartment_id=COMPARTMENT, plan=clusters(2), owner=OWNER, providers={})
