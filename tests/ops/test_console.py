"""`ops tunnel host-keys`: what a host shows on its console, through a stand-in for `oci`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.tunnel import console
from ops.tunnel.console import shown_keys
from tests.ops.machine import Machine

HOST = "ocid1.instance.oc1..host"
REGION = "us-sanjose-1"
KEY, OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5first", "ecdsa-sha2-nistp256 AAAAE2VjZHNh+/second=="
BEGIN, END = "-----BEGIN SSH HOST KEY KEYS-----", "-----END SSH HOST KEY KEYS-----"
BOOT = f"[   12.3] cloud-init: up\n{BEGIN}\n{OTHER} root@host\n{KEY} root@host\n{END}\nlogin: \n"
STAND_IN = """
import json, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "oci-calls").open("a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
if (here / "refusal").exists():
    sys.exit((here / "refusal").read_text())
screens = json.loads((here / "screens").read_text())
match sys.argv[3]:
    case "capture":
        print(json.dumps({"data": {"id": "ocid1.consolehistory.oc1..one"}}))
    case "get-content":
        print(screens.pop(0) if len(screens) > 1 else screens[0])
        (here / "screens").write_text(json.dumps(screens))
"""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    program = made.bin / "oci"
    program.write_text(f"#!{sys.executable} -IS\n{STAND_IN}")
    program.chmod(0o755)
    yield made
    made.end()


def asked(machine: Machine) -> list[list[str]]:
    return [json.loads(line) for line in (machine.bin / "oci-calls").read_text().splitlines()]


def host_keys(machine: Machine, timeout: float = 20) -> tuple[int, str, str]:
    words = ("host-keys", "--host-id", HOST, "--region", REGION, "--timeout", str(timeout))
    return machine.run(*words, "--", "--profile", "MINE")


def test_the_keys_are_printed_and_what_was_captured_goes(machine: Machine) -> None:
    machine.behave(screens=json.dumps([BOOT]))
    assert host_keys(machine) == (0, f"{OTHER}\n{KEY}\n", "")
    calls = asked(machine)
    assert [call[:3] for call in calls] == [
        ["compute", "console-history", action] for action in ("capture", "get-content", "delete")
    ]
    assert all(call[-4:] == ["--region", REGION, "--profile", "MINE"] for call in calls)


def test_a_host_that_is_still_booting_is_waited_for(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{machine.bin}:/usr/bin:/bin")
    monkeypatch.setattr(console, "_POLL_SECONDS", 0.01)
    machine.behave(screens=json.dumps(["", "[ 1.0] kernel", BOOT]))
    found = console.Console(instance_id=HOST, region=REGION).host_keys(20)
    assert found == [OTHER, KEY]
    assert len(asked(machine)) == 9


def test_a_console_without_keys_is_told_with_the_way_round(machine: Machine) -> None:
    machine.behave(screens=json.dumps(["login: "]))
    assert host_keys(machine, timeout=0) == (
        1,
        "",
        (
            f"ops tunnel: console of {HOST}: has shown no ssh host keys in 0 s; look at it in the "
            "console of Oracle Cloud, or set access.hostVerification to firstUse\n"
        ),
    )


def test_whoever_may_not_read_the_console_is_told_what_is_missing(machine: Machine) -> None:
    machine.behave(refusal="ServiceError: NotAuthorizedOrNotFound")
    assert host_keys(machine) == (
        1,
        "",
        (
            f"ops tunnel: console of {HOST}: cannot be read, oci said 'ServiceError: "
            "NotAuthorizedOrNotFound'; let whoever deploys manage instance-family in the host's "
            "compartment, or set access.hostVerification to firstUse\n"
        ),
    )


def test_without_the_command_line_of_oracle_cloud_the_remedy_is_said(machine: Machine) -> None:
    (machine.bin / "oci").unlink()
    code, out, err = host_keys(machine)
    assert (code, out) == (1, "")
    assert err.startswith("ops tunnel: oci is not on PATH; activate the virtual environment")


def test_of_several_boots_the_last_one_counts() -> None:
    later = BOOT.replace("first", "third").replace("\n", "\r\n")
    assert shown_keys(BOOT + later) == [OTHER, KEY.replace("first", "third")]


def test_a_block_that_is_not_whole_shows_nothing() -> None:
    assert shown_keys(BOOT.partition(END)[0]) == []
