"""The real engine with the tls, command and oci plugins: a stack's whole life."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cloud.ids import COMPARTMENT_ID
from tests.lab.plugins.engine import Stack, new_stack, why_not_here
from tests.lab_unit.cloud_fixtures import Lab

PROGRAM = """
import pulumi
import pulumi_command as command
import pulumi_oci as oci
import pulumi_tls as tls

config = pulumi.Config()
compartment, colour = config.require("compartment"), config.require("colour")
local = pulumi.ResourceOptions(provider=tls.Provider("tls"))
shell = pulumi.ResourceOptions(provider=command.Provider("command"))

key = tls.PrivateKey("key", algorithm="RSA", rsa_bits=2048, opts=local)
root = tls.SelfSignedCert(
    "root", private_key_pem=key.private_key_pem, allowed_uses=["cert_signing"],
    is_ca_certificate=True, validity_period_hours=48,
    early_renewal_hours=config.require_int("early"), subject={"common_name": "Root"}, opts=local,
)
made = command.local.Command(
    "made", create="printf %s \\"$COLOUR\\"", delete="true",
    environment={"COLOUR": colour}, opts=shell,
)
asked = command.local.run_output(
    command="printf %s asked", opts=pulumi.InvokeOptions(provider=shell.provider)
)

drgs, here = {}, {}
for region, block in (("us-sanjose-1", 0), ("us-chicago-1", 1)):
    provider = oci.Provider(region, region=region, config_file_profile="DEFAULT")
    own = here[region] = pulumi.ResourceOptions(provider=provider)
    vcn = oci.core.Vcn(
        f"{region}-vcn", compartment_id=compartment, cidr_blocks=[f"10.{block}.0.0/16"],
        display_name=f"net-{colour}", opts=own,
    )
    drg = drgs[region] = oci.core.Drg(f"{region}-drg", compartment_id=compartment, opts=own)
    oci.core.DrgAttachment(
        f"{region}-attachment", drg_id=drg.id,
        network_details={"id": vcn.id, "type": "VCN"}, opts=own,
    )
    group = oci.core.NetworkSecurityGroup(
        f"{region}-group", compartment_id=compartment, vcn_id=vcn.id, opts=own
    )
    oci.core.NetworkSecurityGroupSecurityRule(
        f"{region}-rule", network_security_group_id=group.id, direction="INGRESS",
        protocol="6", source="10.0.0.0/8", source_type="CIDR_BLOCK",
        tcp_options={"destination_port_range": {"min": 6443, "max": 6443}}, opts=own,
    )
acceptor = oci.core.RemotePeeringConnection(
    "acceptor", compartment_id=compartment, drg_id=drgs["us-chicago-1"].id,
    opts=here["us-chicago-1"],
)
requestor = oci.core.RemotePeeringConnection(
    "requestor", compartment_id=compartment, drg_id=drgs["us-sanjose-1"].id,
    peer_id=acceptor.id, peer_region_name="us-chicago-1", opts=here["us-sanjose-1"],
)
pulumi.export("key", key.private_key_pem)
pulumi.export("said", made.stdout)
pulumi.export("asked", asked.stdout)
pulumi.export("peering", requestor.peering_status)
"""


WHY_NOT = why_not_here()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"no engine: {WHY_NOT}")


@pytest.fixture(name="stack")
def stack_in_the_cloud(tmp_path: Path, moving: Lab) -> Iterator[Stack]:
    stack = new_stack(tmp_path, PROGRAM)
    for name, value in (("compartment", COMPARTMENT_ID), ("colour", "red"), ("early", "1")):
        stack.run("config", "set", name, value)
    yield stack
    stack.destroy()


def test_a_stack_lives_through_all_that_the_engine_does(stack: Stack, moving: Lab) -> None:
    planned = stack.preview()
    stack.up()
    # A preview shows what an update does.
    assert planned.keys() == stack.state().keys()
    outputs = stack.outputs()
    assert (outputs["said"], outputs["asked"], outputs["peering"]) == ("red", "asked", "PEERED")

    # What is secret is nowhere to be read in the state.
    assert "PRIVATE KEY" in outputs["key"]
    assert "PRIVATE KEY" not in stack.run("stack", "export")

    # Nothing changed, so nothing is to be done, also after a look at the cloud.
    assert stack.preview() == {}
    stack.run("refresh", "--yes", "--skip-preview")
    assert stack.preview() == {}

    # One changed setting is one changed field of each that uses it, in place.
    stack.run("config", "set", "colour", "blue")
    vcns = {f"{region}-vcn": ["displayName"] for region in ("us-sanjose-1", "us-chicago-1")}
    assert stack.preview() == {"made": ["environment.COLOUR"], **vcns}
    stack.up()

    # A certificate that is due is issued anew.
    stack.run("config", "set", "early", "49")
    assert stack.preview() == {"root": ["earlyRenewalHours", "readyForRenewal"]}
    stack.run("config", "set", "early", "1")

    # What somebody changes by hand comes back.
    (there, *_) = moving.network().list_vcns(COMPARTMENT_ID).data
    moving.network().update_vcn(there.id, {"displayName": "by hand"})
    stack.run("refresh", "--yes", "--skip-preview")
    assert stack.preview() == {"us-sanjose-1-vcn": ["displayName"]}

    stack.destroy()
    assert stack.state() == {}
    assert moving.network().list_vcns(COMPARTMENT_ID).data == []


def test_a_property_that_does_not_exist_stops_the_preview(stack: Stack) -> None:
    program = stack.folder / "__main__.py"
    wrong = 'network_details={"id": vcn.id, "type": "VCN", "vlan": 3}'
    program.write_text(PROGRAM.replace('network_details={"id": vcn.id, "type": "VCN"}', wrong))
    told = stack.run("preview", fails=True)
    assert "networkDetails.vlan" in told
    assert "unknown property; known are id, ids, ipsecConnectionId, " in told
