"""`ops tunnel` as users and the program run it: real processes, sockets and locks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.tunnel import processes
from tests.ops.machine import Machine, await_end

HOST, OTHER_HOST = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.end()


def outputs(machine: Machine, **changes: object) -> str:
    access = {
        "host": HOST,
        "hostId": f"id-of-{HOST}",
        "user": "opc",
        "privateKeyPath": "/keys/a",
        "socksPort": machine.port,
        "owner": "",
    }
    return json.dumps({"schemaVersion": 2, "access": {**access, **changes}})


def test_ensure_prints_the_url_and_nothing_else(machine: Machine) -> None:
    assert machine.ensure() == (0, f"socks5://127.0.0.1:{machine.port}\n", "")


def test_an_open_tunnel_is_kept(machine: Machine) -> None:
    machine.ensure()
    before = machine.record
    assert machine.ensure()[0] == 0
    assert (machine.record, len(machine.calls)) == (before, 1)


def test_two_at_once_open_one_tunnel(machine: Machine) -> None:
    both = [machine.start(*machine.ensure_words()) for _ in range(2)]
    printed = [process.communicate(timeout=60)[0] for process in both]
    assert printed == [f"socks5://127.0.0.1:{machine.port}\n"] * 2
    assert len(machine.calls) == 1


def test_a_tunnel_that_ended_is_opened_again(machine: Machine) -> None:
    machine.ensure()
    first = machine.kill_tunnel()
    assert machine.ensure()[0] == 0
    assert machine.record["pid"] != first
    assert machine.status()[0] == 0


def test_a_tunnel_that_carries_nothing_is_replaced(machine: Machine) -> None:
    machine.ensure()
    first = machine.record
    machine.behave(mute="")
    assert machine.status() == (
        1,
        f"port {machine.port}: tunnel to opc@{HOST}, pid {first['pid']}, does not answer",
    )
    machine.ensure(timeout=0.5)
    (machine.bin / "mute").unlink()
    assert machine.ensure()[0] == 0
    assert machine.record["pid"] != first["pid"]
    await_end(first["pid"], first["identity"])


def test_a_tunnel_to_another_host_is_replaced(machine: Machine) -> None:
    machine.ensure(HOST)
    first = machine.record
    assert machine.ensure(OTHER_HOST)[0] == 0
    assert machine.record["target"] == f"opc@{OTHER_HOST}"
    await_end(first["pid"], first["identity"])


def test_a_tunnel_knows_its_host_by_the_keys_that_are_given(machine: Machine) -> None:
    machine.run(*machine.ensure_words(), "--host-key", "ssh-ed25519 AAAAa")
    first = machine.record
    known_hosts = machine.record_path.with_name("known_hosts")
    assert known_hosts.read_text() == f"id-of-{HOST} ssh-ed25519 AAAAa\n"
    assert f"UserKnownHostsFile={known_hosts}" in machine.calls[0]
    machine.run(*machine.ensure_words(), "--host-key", "ssh-ed25519 AAAAb")
    assert machine.record["pid"] != first["pid"]
    assert known_hosts.read_text() == f"id-of-{HOST} ssh-ed25519 AAAAb\n"


def test_a_host_with_other_keys_than_its_console_showed_is_refused(machine: Machine) -> None:
    machine.refuse(9, "Host key verification failed.\n")
    code, _, err = machine.run(*machine.ensure_words(), "--host-key", "ssh-ed25519 AAAAa")
    assert (code, len(machine.calls)) == (1, 1)
    assert "its keys are not those of its console" in err


def test_open_takes_the_keys_of_the_outputs(machine: Machine) -> None:
    given = outputs(machine, hostKeys=["ssh-ed25519 AAAAa"])
    assert machine.run("open", given=given)[0] == 0
    assert "StrictHostKeyChecking=yes" in machine.calls[0]


def test_a_port_that_another_process_serves_is_refused_and_left_alone(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", machine.port)):
        code, out, err = machine.ensure()
    assert (code, out) == (1, "")
    assert err == (
        "ops tunnel: access.socksPort: is taken by a process that is not a tunnel of ours, "
        f"got {machine.port} with pid {os.getpid()}; end that process or choose another port\n"
    )
    assert machine.calls == []


def test_a_host_that_is_still_booting_is_waited_for(machine: Machine) -> None:
    machine.refuse(1, f"ssh: connect to host {HOST} port 22: Connection refused\r\n")
    assert machine.ensure()[0] == 0
    assert len(machine.calls) == 2


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        pytest.param(
            f"opc@{HOST}: Permission denied (publickey).",
            "let access.sshPrivateKeyPath name the other half of access.sshPublicKey, "
            "or load the key into ssh-agent",
            id="key refused",
        ),
        pytest.param(
            "Host key verification failed.",
            "if the host is really another one, delete its line in {state}/oke-mesh/known_hosts",
            id="another host",
        ),
        pytest.param(
            "Identity file /keys/a not accessible: No such file or directory.",
            "let access.sshPrivateKeyPath name a file of this machine",
            id="no key file",
        ),
    ],
)
def test_what_waiting_does_not_mend_fails_at_once(machine: Machine, said: str, remedy: str) -> None:
    machine.refuse(9, f"{said}\n")
    code, out, err = machine.ensure()
    assert (code, out, len(machine.calls)) == (1, "", 1)
    mended = remedy.format(state=machine.state)
    assert err == (f"ops tunnel: tunnel to opc@{HOST}: did not open, ssh said {said!r}; {mended}\n")


def test_a_host_that_never_answers_ends_with_what_ssh_said_last(machine: Machine) -> None:
    machine.refuse(9, "".join(f"line {number}\n" for number in range(9)))
    code, _, err = machine.ensure(timeout=8)
    assert code == 1
    assert err == (
        f"ops tunnel: tunnel to opc@{HOST}: did not open, ssh said "
        "'line 4\\nline 5\\nline 6\\nline 7\\nline 8'; "
        "check that the host runs and that access.allowedCidrs has your address\n"
    )


def test_an_ssh_that_never_serves_is_ended_at_the_deadline(machine: Machine) -> None:
    machine.behave(hang="")
    code, _, err = machine.ensure(timeout=1)
    assert (code, machine.record_path.exists()) == (1, False)
    assert err == (
        f"ops tunnel: tunnel to opc@{HOST}: did not open, ssh said nothing; "
        "check that the host runs and that access.allowedCidrs has your address\n"
    )


def test_a_machine_without_ssh_is_told_so(machine: Machine, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ops", "tunnel", *machine.ensure_words()]
    ran = subprocess.run(  # noqa: S603 the command line under test
        command,
        cwd=Path(__file__).resolve().parents[2],
        env={"PATH": str(tmp_path), "XDG_STATE_HOME": str(machine.state)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (
        1,
        "ops tunnel: ssh is not on PATH; install the OpenSSH client\n",
    )


def test_status_of_an_open_tunnel_is_zero(machine: Machine) -> None:
    machine.ensure()
    pid = machine.record["pid"]
    assert machine.status() == (
        0,
        f"port {machine.port}: tunnel to opc@{HOST}, pid {pid}, is open",
    )


def test_status_without_a_tunnel_is_one(machine: Machine) -> None:
    assert machine.status() == (1, f"port {machine.port}: no tunnel")


def test_status_of_a_tunnel_that_ended_is_one(machine: Machine) -> None:
    machine.ensure()
    pid = machine.kill_tunnel()
    assert machine.status() == (
        1,
        f"port {machine.port}: tunnel to opc@{HOST}, pid {pid}, has ended",
    )


def test_close_ends_the_process_and_frees_the_port(machine: Machine) -> None:
    machine.ensure()
    record = machine.record
    assert machine.close() == (
        f"port {machine.port}: tunnel to opc@{HOST}, pid {record['pid']}, closed"
    )
    await_end(record["pid"], record["identity"])
    assert processes.is_free(machine.port)


def test_close_without_a_tunnel_does_nothing(machine: Machine) -> None:
    assert machine.close() == f"port {machine.port}: no tunnel"


def test_close_leaves_a_process_alone_that_got_the_number_later(machine: Machine) -> None:
    machine.ensure()
    machine.kill_tunnel()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        machine.record_path.write_text(json.dumps({**machine.record, "pid": other.pid}))
        assert machine.close() == (
            f"port {machine.port}: tunnel to opc@{HOST}, pid {other.pid}, had ended already"
        )
        assert other.poll() is None
        other.kill()


def test_a_record_that_cannot_be_read_counts_as_none(machine: Machine) -> None:
    machine.record_path.parent.mkdir(parents=True)
    machine.record_path.write_text("{")
    assert machine.ensure()[0] == 0


def test_the_state_is_the_users_alone(machine: Machine) -> None:
    machine.ensure()
    assert machine.record_path.parent.stat().st_mode & 0o777 == 0o700


def test_open_takes_host_port_and_key_from_the_outputs(machine: Machine) -> None:
    code, out, err = machine.run("open", given=outputs(machine))
    assert (code, err) == (0, "")
    assert out == (
        f"socks5://127.0.0.1:{machine.port} reaches the private endpoints through opc@{HOST}\n"
    )
    assert machine.record["key"] == "/keys/a"


def test_open_and_ensure_share_one_tunnel(machine: Machine) -> None:
    machine.run("open", given=outputs(machine))
    machine.run(*machine.ensure_words(), "--key", "/keys/a")
    assert len(machine.calls) == 1


def test_a_key_of_this_machine_wins_over_that_of_the_outputs(machine: Machine) -> None:
    machine.run("open", "--key", "/keys/mine", given=outputs(machine))
    assert machine.record["key"] == "/keys/mine"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            json.dumps({"schemaVersion": 2, "access": {"host": None, "socksPort": 10080}}),
            "the stack has no tunnel: no operator host, or no private endpoint that needs one; "
            "set access.cluster and an endpoint to private, then run `pulumi up`",
            id="no host",
        ),
        pytest.param(
            "{}",
            "the document has no schemaVersion; give the outputs of an oke-mesh stack, as "
            "`pulumi stack output --json` prints them",
            id="another document",
        ),
        pytest.param(
            "",
            "the outputs are no JSON: Expecting value: line 1 column 1 (char 0); "
            "give them as Pulumi prints them",
            id="nothing",
        ),
        pytest.param(
            json.dumps({"schemaVersion": 1, "access": {"sshCommand": "ssh opc@203.0.113.7"}}),
            "schemaVersion: is not the 2 that this version of ops knows, got 1; run `pulumi up` "
            "with this version of oke-mesh, or use the ops of the version that made the stack",
            id="outputs of another version",
        ),
    ],
)
def test_open_says_what_is_wrong_with_the_outputs(
    machine: Machine, given: str, message: str
) -> None:
    assert machine.run("open", given=given) == (1, "", f"ops tunnel: {message}\n")


def test_open_asks_pulumi_for_the_outputs_of_a_stack(machine: Machine) -> None:
    pulumi = machine.bin / "pulumi"
    pulumi.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"assert sys.argv[1:] == ['stack', 'output', '--json', '--stack', 'dev']\n"
        f"print({outputs(machine)!r})\n"
    )
    pulumi.chmod(0o755)
    assert machine.run("open", "--stack", "dev")[0] == 0


def state(*resources: dict[str, object]) -> str:
    return json.dumps({"deployment": {"resources": resources}})


def killed_stack(machine: Machine, exported: str) -> None:
    """A stack whose first update was killed: it has no outputs, but a state."""
    pulumi = machine.bin / "pulumi"
    pulumi.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"print({{'output': '{{}}', 'export': {exported!r}}}[sys.argv[2]])\n"
    )
    pulumi.chmod(0o755)


def test_open_finds_the_host_of_a_killed_first_update_in_the_state(machine: Machine) -> None:
    access = json.loads(outputs(machine))["access"]
    way = {"type": "okemesh:access:Access", "outputs": access}
    killed_stack(machine, state({"type": "pulumi:pulumi:Stack"}, way))
    assert machine.run("open", "--stack", "dev")[0] == 0
    assert machine.record["host_id"] == f"id-of-{HOST}"


@pytest.mark.parametrize(
    "exported",
    [
        pytest.param(
            state({"type": "okemesh:access:Access"}), id="killed before the host answered"
        ),
        pytest.param(json.dumps({"deployment": None}), id="never updated"),
    ],
)
def test_open_says_that_a_killed_first_update_has_made_no_tunnel(
    machine: Machine, exported: str
) -> None:
    killed_stack(machine, exported)
    code, _, err = machine.run("open", "--stack", "dev")
    assert code == 1
    assert err.startswith("ops tunnel: the stack has no tunnel: no operator host, or ")


def test_a_stack_that_pulumi_does_not_know_is_named(machine: Machine) -> None:
    pulumi = machine.bin / "pulumi"
    pulumi.write_text("#!/bin/sh\necho 'error: no stack named dev' >&2\nexit 255\n")
    pulumi.chmod(0o755)
    assert machine.run("open", "--stack", "dev") == (
        1,
        "",
        "ops tunnel: stack dev: has no outputs to read, got 'error: no stack named dev'\n",
    )
