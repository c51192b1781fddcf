"""The engine killed at the worst moment: something is made, and nobody hears of it."""

from __future__ import annotations

import getpass
import json
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab.cloud.ids import COMPARTMENT_ID
from ops import pulumi
from ops.__main__ import main
from ops.recover import repair
from tests.lab.plugins.engine import Stack, new_stack, why_not_here
from tests.lab_unit.cloud_fixtures import Lab

PROGRAM = f"""
import pulumi
import pulumi_oci as oci

on = pulumi.ResourceOptions(provider=oci.Provider("oci", region="us-sanjose-1", auth="ApiKey"))
tags = {{"freeform_tags": {{"project": pulumi.get_project(), "stack": pulumi.get_stack()}}}}
where = {{"compartment_id": "{COMPARTMENT_ID}", **tags}}

vcn = oci.core.Vcn("vcn", cidr_blocks=["10.0.0.0/16"], display_name="vcn", opts=on, **where)
within = {{"vcn_id": vcn.id, **where}}
drg = oci.core.Drg("drg", display_name="drg", opts=on, **where)
oci.core.DrgAttachment(
    "attachment", drg_id=drg.id, network_details={{"id": vcn.id, "type": "VCN"}},
    display_name="attachment", opts=on, **tags,
)
nat = oci.core.NatGateway("nat", display_name="nat", opts=on, **within)
oci.core.InternetGateway("gate", enabled=True, display_name="gate", opts=on, **within)
table = oci.core.RouteTable(
    "table", route_rules=[{{"network_entity_id": nat.id, "destination": "0.0.0.0/0"}}],
    display_name="table", opts=on, **within,
)
oci.core.Subnet(
    "subnet", cidr_block="10.0.0.0/24", route_table_id=table.id, display_name="subnet", opts=on,
    **within,
)
group = oci.core.NetworkSecurityGroup("group", display_name="group", opts=on, **within)
for port in (6443, 12250):
    oci.core.NetworkSecurityGroupSecurityRule(
        f"rule-{{port}}", network_security_group_id=group.id, direction="INGRESS", protocol="6",
        source="10.0.0.0/8", source_type="CIDR_BLOCK", stateless=False, description=f"to {{port}}",
        tcp_options={{"destination_port_range": {{"min": port, "max": port}}}}, opts=on,
    )
"""
MADE = 10
"""Creates of the program, the rules with them."""
LATE_SECONDS = 5.0
"""Longer than it takes to look, and less than what is waited for."""
LISTS = (
    *("vcns", "drgs", "drg_attachments", "nat_gateways", "internet_gateways", "subnets"),
    *("network_security_groups", "route_tables"),
)

ARRIVED = repair.ARRIVED

WHY_NOT = why_not_here()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"no engine: {WHY_NOT}")

Victims = Callable[[psutil.Process], list[psutil.Process]]


def engine(process: psutil.Process) -> list[psutil.Process]:
    return [process]


def plugins(process: psutil.Process) -> list[psutil.Process]:
    return [child for child in process.children() if "oci" in child.cmdline()]


def both(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children()]


@dataclass
class Update:
    """An update whose creates the test can watch at the cloud."""

    stack: Stack
    cloud: Lab
    at: int = 0
    """Which of the creates it is about."""
    before: Callable[[], None] = lambda: None
    """What happens when that create has reached the cloud."""
    after: Callable[[], None] = lambda: None
    """What happens when it has been carried out, before the answer leaves the cloud."""
    process: psutil.Popen | None = None

    def __post_init__(self) -> None:
        (server, *_) = self.cloud.running.apis
        self._answer = server.answer
        self._lock = threading.Lock()
        server.answer = self._carry_out

    def start(self) -> psutil.Popen:
        words = [self.stack.environment["TOOL"], "up", "--yes", "--skip-preview"]
        self.process = psutil.Popen(
            [*words, "--non-interactive"],
            cwd=self.stack.folder,
            env=dict(self.stack.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self.process

    def killed(self, victims: Victims) -> None:
        """Kills them; whatever they were is over when the process has ended."""
        assert self.process is not None
        for victim in victims(self.process):
            victim.kill()

    def _carry_out(self, raw: Any) -> Any:
        if not self._is_it(raw):
            return self._answer(raw)
        self.before()
        reply = self._answer(raw)
        self.after()
        return reply

    def _is_it(self, raw: Any) -> bool:
        if raw.method != "POST":
            return False
        with self._lock:
            self.at -= 1
            return self.at == 0


@pytest.fixture
def stack(tmp_path: Path, moving: Lab, monkeypatch: pytest.MonkeyPatch) -> Stack:
    file = moving.running.environment()["OCI_CLI_CONFIG_FILE"]
    monkeypatch.setenv("OCI_CONFIG_FILE", file)
    made = new_stack(tmp_path, PROGRAM)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(pulumi, "PROJECT_FOLDER", made.folder)
    monkeypatch.setattr(repair, "ARRIVED", timedelta(seconds=2))
    return made


def names(cloud: Lab) -> Counter[str]:
    found: Counter[str] = Counter()
    for what in LISTS:
        for one in getattr(cloud.network(), f"list_{what}")(compartment_id=COMPARTMENT_ID).data:
            found[one.display_name] += bool(one.freeform_tags)
    for group in cloud.network().list_network_security_groups(compartment_id=COMPARTMENT_ID).data:
        rules = cloud.network().list_network_security_group_security_rules(group.id).data
        found.update(rule.description for rule in rules)
    return Counter({name: count for name, count in found.items() if count})


@pytest.mark.parametrize(
    ("at", "victims"),
    [(1, engine), (4, plugins), (9, both)],
    ids=["the engine", "a plugin", "both"],
)
def test_what_was_made_unheard_is_taken_in_and_nothing_is_there_twice(
    stack: Stack, moving: Lab, *, at: int, victims: Victims
) -> None:
    update = Update(stack, moving, at)
    update.after = lambda: update.killed(victims)
    update.start().wait()
    unheard = names(moving)
    assert unheard, "nothing was made"
    goes_on(stack, moving, least=unheard)


def test_what_arrives_after_the_kill_is_waited_for(
    stack: Stack, moving: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "ARRIVED", ARRIVED)
    update = Update(stack, moving, at=1)

    def kill_on_the_way() -> None:
        update.killed(both)
        time.sleep(LATE_SECONDS)

    update.before = kill_on_the_way
    update.start().wait()
    goes_on(stack, moving, least=Counter())


def goes_on(stack: Stack, cloud: Lab, *, least: Counter[str]) -> None:
    assert main(["recover", "--stack", "test", "--yes"]) == 0
    there = names(cloud)
    assert there >= least
    planned = operations(stack)
    assert planned["create"] == MADE - there.total()
    assert planned.keys() <= {"create", "same"}, planned
    stack.up()
    assert set(names(cloud).values()) == {1}
    assert stack.preview() == {}
    stack.destroy()
    assert names(cloud) == Counter()


def test_who_starts_a_second_update_is_told_who_is_at_work(
    stack: Stack, moving: Lab, capfd: pytest.CaptureFixture[str]
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go_on.wait()

    update = Update(stack, moving, at=1, before=hold)
    process = update.start()
    assert begun.wait(60)
    user, host = getpass.getuser(), socket.gethostname()
    try:
        said = stack.run("up", "--yes", "--skip-preview", fails=True)
        assert f"created by {user}@{host} (pid {process.pid})" in said
        assert main(["recover", "--stack", "test", "--yes"]) == 1
        told = f"an update is under way, by {user}@{host}, process {process.pid}, since "
        assert told in capfd.readouterr().err
    finally:
        go_on.set()
    assert process.wait() == 0
    assert stack.preview() == {}


def operations(stack: Stack) -> Counter[str]:
    """What a preview would do to everything of the cloud's."""
    steps = json.loads(stack.run("preview", "--json"))["steps"]
    return Counter(step["op"] for step in steps if "::oci:" in step["urn"])
