"""The real engine with the tls, command, random and oci plugins: a stack's whole life."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.cloud.ids import COMPARTMENT_ID
from lab.errors import LabError
from lab.paths import LabPaths
from lab.plugins.install import write_wrappers
from tests.lab_unit.cloud_fixtures import Lab

PROGRAM = """
import pulumi
import pulumi_command as command
import pulumi_oci as oci
import pulumi_random as random
import pulumi_tls as tls

config = pulumi.Config()
compartment, colour = config.require("compartment"), config.require("colour")
local = pulumi.ResourceOptions(provider=tls.Provider("tls"))
shell = pulumi.ResourceOptions(provider=command.Provider("command"))
dice = pulumi.ResourceOptions(provider=random.Provider("random"))

key = tls.PrivateKey("key", algorithm="ECDSA", ecdsa_curve="P256", opts=local)
root = tls.SelfSignedCert(
    "root", private_key_pem=key.private_key_pem, allowed_uses=["cert_signing"],
    is_ca_certificate=True, validity_period_hours=48,
    early_renewal_hours=config.require_int("early"), subject={"common_name": "Root"}, opts=local,
)
suffix = random.RandomId("suffix", byte_length=2, opts=dice)
made = command.local.Command(
    "made", create="printf %s \\"$COLOUR\\"", delete="true",
    environment={"COLOUR": colour, "SUFFIX": suffix.hex}, opts=shell,
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


def why_no_engine() -> str | None:
    try:
        LabPaths.locate().tool("pulumi")
    except LabError as error:
        return str(error)
    return None


pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(why_no_engine() is not None, reason=f"no engine: {why_no_engine()}"),
]


@dataclass(frozen=True)
class Stack:
    """A project of its own with a stack in a local backend."""

    folder: Path
    environment: dict[str, str]

    def run(self, *words: str, fails: bool = False) -> str:
        done = subprocess.run(  # noqa: S603 - the test's own words
            [Path(self.environment["TOOL"]), *words, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout

    def preview(self) -> dict[str, list[str]]:
        """The steps that change something: the resource's name and the paths of its diff."""
        steps = json.loads(self.run("preview", "--json"))["steps"]
        return {
            step["urn"].rsplit("::", 1)[-1]: sorted(step.get("detailedDiff") or {})
            for step in steps
            if step["op"] not in ("same", "read")
        }

    def up(self) -> None:
        self.run("up", "--yes", "--skip-preview")

    def names(self) -> set[str]:
        resources = json.loads(self.run("stack", "export"))["deployment"].get("resources") or []
        return {item["urn"].rsplit("::", 1)[-1] for item in resources}

    def outputs(self) -> dict[str, Any]:
        text = self.run("stack", "output", "--json", "--show-secrets")
        outputs: dict[str, Any] = json.loads(text)
        return outputs


@pytest.fixture(name="stack")
def new_stack(tmp_path: Path, moving: Lab) -> Iterator[Stack]:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: probe\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    stack = Stack(folder, environment(tmp_path))
    stack.run("stack", "init", "test")
    for name, value in (("compartment", COMPARTMENT_ID), ("colour", "red"), ("early", "1")):
        stack.run("config", "set", name, value)
    yield stack
    stack.run("destroy", "--yes", "--skip-preview")


def environment(folder: Path) -> dict[str, str]:
    paths, path = LabPaths.locate(), folder / "path"
    write_wrappers(path, Path(sys.executable))
    # The engine looks for its language host beside itself, so it is copied, not linked.
    (path / "pulumi").write_bytes(paths.tool("pulumi").read_bytes())
    host = path / "pulumi-language-python"
    script = paths.root / "lab" / "toolchain" / "language_host.py"
    host.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
    for file in (path / "pulumi", host):
        file.chmod(0o755)
    (folder / "state").mkdir()
    return {
        **os.environ,
        "TOOL": str(path / "pulumi"),
        "PATH": f"{path}:{os.environ['PATH']}",
        "PYTHONPATH": str(paths.root),
        "NO_PROXY": "127.0.0.1",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "made up",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def test_a_stack_lives_through_all_that_the_engine_does(stack: Stack, moving: Lab) -> None:
    planned = stack.preview()
    stack.up()
    # A preview shows what an update does.
    assert planned.keys() == stack.names()
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
    changes = {
        "made": ["environment.COLOUR"],
        "us-sanjose-1-vcn": ["displayName"],
        "us-chicago-1-vcn": ["displayName"],
    }
    assert stack.preview() == changes
    stack.up()

    # A certificate that is due is issued anew.
    stack.run("config", "set", "early", "49")
    assert stack.preview() == {"root": ["earlyRenewalHours", "readyForRenewal"]}
    stack.run("config", "set", "early", "1")

    # What somebody changes by hand comes back.
    vcns = moving.network().list_vcns(COMPARTMENT_ID).data
    moving.network().update_vcn(vcns[0].id, {"displayName": "by hand"})
    stack.run("refresh", "--yes", "--skip-preview")
    assert stack.preview() == {"us-sanjose-1-vcn": ["displayName"]}

    stack.run("destroy", "--yes", "--skip-preview")
    assert stack.names() == set()
    assert moving.network().list_vcns(COMPARTMENT_ID).data == []


def test_a_property_that_does_not_exist_stops_the_preview(stack: Stack) -> None:
    program = stack.folder / "__main__.py"
    wrong = 'network_details={"id": vcn.id, "type": "VCN", "vlan": 3}'
    program.write_text(PROGRAM.replace('network_details={"id": vcn.id, "type": "VCN"}', wrong))
    told = stack.run("preview", fails=True)
    assert "networkDetails.vlan" in told
    assert "unknown property; known are id, ids, ipsecConnectionId, " in told
