"""A VCN, subnets and a DRG of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.errors import ConfigError
from components.plan.plan import Plan
from components.settings.clusters import SubnetRole
from tests.network.stacks import (
    ATTACHMENT,
    DRG,
    GROUP,
    ROUTES,
    RULE,
    SUBNET,
    VCN,
    build,
    deployed,
)
from tests.plan.topologies import mesh
from tests.support import outputs
from tests.support.documents import COMPARTMENT, flannel
from tests.support.graph import order
from tests.support.harness import Deployment, deploy
from tests.support.thing import Thing

VCN_ID = "ocid1.vcn.oc1.test.mine"
LIST_ID = "ocid1.securitylist.oc1.test.mine"
EVERYTHING = {"protocol": "all", "source": "0.0.0.0/0", "tcpOptions": []}
RANGES = {
    "api": "10.0.8.0/28",
    "workers": "10.0.16.0/20",
    "internalLb": "10.0.9.0/26",
    "publicLb": "10.0.10.0/26",
}


def subnet_id(role: str) -> str:
    return f"ocid1.subnet.oc1.test.{role.lower()}"


def plan(**existing: Any) -> Plan:
    brought = {
        "vcnId": VCN_ID,
        "subnets": {role: subnet_id(role) for role in RANGES},
        **existing,
    }
    return mesh({"a": flannel(0, subnets=RANGES, existing=brought), "b": flannel(1)})


class Cloud:
    """What the lookups find; a test changes one thing in it."""

    def __init__(self) -> None:
        self.vcn_ranges = ["10.0.0.0/16"]
        self.rules: list[dict[str, Any]] = []
        self.subnets: dict[str, dict[str, Any]] = {
            subnet_id(role): {
                "vcnId": VCN_ID,
                "cidrBlock": range_,
                "prohibitPublicIpOnVnic": role in ("workers", "internalLb"),
            }
            for role, range_ in RANGES.items()
        }

    def vcn(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return {**args, "compartmentId": COMPARTMENT, "cidrBlocks": self.vcn_ranges}

    def subnet(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return {**args, "securityListIds": [LIST_ID], **self.subnets[args["subnetId"]]}

    def lists(self, args: Mapping[str, Any]) -> dict[str, Any]:
        assert args["vcnId"] == VCN_ID
        own = {"id": LIST_ID, "ingressSecurityRules": self.rules}
        other = {"id": "ocid1.securitylist.oc1.test.others", "ingressSecurityRules": [EVERYTHING]}
        return {**args, "securityLists": [own, other]}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    monkeypatch.setitem(outputs.ANSWERS, "oci:Core/getVcn:getVcn", made.vcn)
    monkeypatch.setitem(outputs.ANSWERS, "oci:Core/getSubnet:getSubnet", made.subnet)
    lists = "oci:Core/getSecurityLists:getSecurityLists"
    monkeypatch.setitem(outputs.ANSWERS, lists, made.lists)
    return made


def count(found: Deployment) -> dict[str, int]:
    return {type_: len(found.of(type_)) for type_ in (VCN, SUBNET, ROUTES, ATTACHMENT)}


@pytest.mark.usefixtures("cloud")
def test_an_existing_vcn_gets_an_attachment_and_groups_alone() -> None:
    found = deployed(plan())
    assert count(found) == {VCN: 0, SUBNET: 0, ROUTES: 0, ATTACHMENT: 1}
    attachment = found.one(ATTACHMENT, "a-drg-attachment")
    assert attachment.inputs["networkDetails"] == {"id": VCN_ID, "type": "VCN"}
    assert attachment.inputs["drgId"] == DRG
    assert {group.inputs["vcnId"] for group in found.of(GROUP)} == {VCN_ID}


@pytest.mark.usefixtures("cloud")
def test_an_existing_vcn_with_its_drg_gets_groups_alone() -> None:
    assert count(deployed(plan(drgId=DRG))) == {VCN: 0, SUBNET: 0, ROUTES: 0, ATTACHMENT: 0}


def test_a_drg_without_a_vcn_gets_a_new_one() -> None:
    found = deployed(mesh({"a": flannel(0, existing={"drgId": DRG})}))
    assert found.one(ATTACHMENT, "a-drg-attachment").inputs["drgId"] == DRG
    assert found.names(VCN) == ["a-vcn"]


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("preview", [False, True])
def test_the_outputs_are_the_ids_given(*, preview: bool) -> None:
    exports = deployed(plan(), preview=preview).exports
    assert exports["vcnId"] == VCN_ID
    assert exports["subnets"] == {role: subnet_id(role) for role in RANGES}


@pytest.mark.usefixtures("cloud")
def test_whoever_uses_a_subnet_that_exists_waits_until_its_vcn_is_attached() -> None:
    """A cluster that is there before could not be reached, nor reach its peers."""

    def program() -> None:
        Thing("user", value=build(plan()).details.subnet_ids[SubnetRole.API])

    found = deploy(program)
    assert order(found, "a-drg-attachment", "user")


@pytest.mark.usefixtures("cloud")
def test_the_rules_of_peers_name_the_ranges_of_the_existing_subnets() -> None:
    name = "b-internal-lb-nsg-pods-of-a-reach-the-east-west-gateway-in"
    assert deployed(plan(), "b").one(RULE, name).inputs["source"] == "10.0.16.0/20"


def test_subnets_that_do_not_fit_are_refused_together(cloud: Cloud) -> None:
    cloud.vcn_ranges = ["10.64.0.0/16", "10.65.0.0/16"]
    cloud.subnets[subnet_id("api")]["vcnId"] = "ocid1.vcn.oc1.test.other"
    cloud.subnets[subnet_id("workers")]["cidrBlock"] = "10.0.32.0/20"
    cloud.subnets[subnet_id("publicLb")]["prohibitPublicIpOnVnic"] = True
    with pytest.raises(ConfigError) as caught:
        deployed(plan())
    assert str(caught.value) == (
        "4 problems in the configuration:\n"
        "  clusters.a.existing.subnets.api: is not in the VCN of existing.vcnId, "
        "got a subnet of ocid1.vcn.oc1.test.other; give a subnet of that VCN\n"
        "  clusters.a.existing.subnets.publicLb: takes no public addresses, "
        "got ocid1.subnet.oc1.test.publiclb; give a subnet that allows them\n"
        "  clusters.a.existing.subnets.workers: has another range than the 10.0.16.0/20 of the "
        "plan, got 10.0.32.0/20; set clusters.a.subnets.workers to 10.0.32.0/20\n"
        "  clusters.a.vcnCidr: is no range of the existing VCN, got 10.0.0.0/16; "
        "choose from 10.64.0.0/16, 10.65.0.0/16"
    )


def test_a_preview_refuses_subnets_that_do_not_fit(cloud: Cloud) -> None:
    cloud.subnets[subnet_id("workers")]["cidrBlock"] = "10.0.32.0/20"
    with pytest.raises(ConfigError):
        deployed(plan(), preview=True)


@pytest.mark.usefixtures("cloud")
def test_a_missing_subnet_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match=r"^clusters\.a\.existing\.subnets lacks workers$"):
        deployed(plan(subnets={r: subnet_id(r) for r in RANGES if r != "workers"}))


def tcp(first: int, last: int, source: str = "0.0.0.0/0") -> dict[str, Any]:
    return {"protocol": "6", "source": source, "tcpOptions": [{"min": first, "max": last}]}


def told(monkeypatch: pytest.MonkeyPatch, *, preview: bool = True) -> list[str]:
    """Return the warnings of a deployment."""
    found: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", found.append)
    deployed(plan(), preview=preview)
    return found


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (tcp(22, 22), "TCP 22"),
        (tcp(443, 6443), "TCP 443-6443"),
        ({"protocol": "6", "source": "0.0.0.0/0", "tcpOptions": []}, "TCP"),
        ({"protocol": "17", "source": "::/0", "tcpOptions": []}, "UDP"),
        (EVERYTHING, "everything"),
    ],
    ids=["one port", "a range", "every port", "IPv6", "everything"],
)
def test_a_preview_names_subnets_that_their_own_lists_open_to_the_world(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, *, rule: dict[str, Any], what: str
) -> None:
    cloud.rules = [rule]
    assert told(monkeypatch) == [
        f"clusters.a.existing.subnets.{role}: is open to the world for {what}, by a security list "
        f"of its own, got {LIST_ID}; narrow that list, as no security group keeps out what it "
        "lets in"
        for role in sorted(RANGES)
    ]


def test_the_ports_of_ingress_gateways_may_be_open_where_those_are(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.rules = [tcp(443, 443)]
    found = told(monkeypatch)
    assert len(found) == len(RANGES) - 1
    assert not any("publicLb" in text for text in found)


def test_lists_that_let_in_some_and_path_discovery_are_not_named(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    icmp = {"protocol": "1", "source": "0.0.0.0/0", "tcpOptions": []}
    cloud.rules = [tcp(22, 22, "198.51.100.0/24"), icmp]
    assert told(monkeypatch) == []


def test_the_attachment_gets_the_route_table_of_a_hub() -> None:
    table = "ocid1.drgroutetable.oc1.test.spokes"
    spoke = flannel(0, existing={"drgId": DRG, "drgRouteTableId": table})
    found = deployed(mesh({"a": spoke})).one(ATTACHMENT, "a-drg-attachment")
    assert found.inputs["drgRouteTableId"] == table
