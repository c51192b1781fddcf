"""The tunnel as a value of the graph."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_command as command
import pytest

from components.access.operator_host import USER
from components.access.tunnel import (
    ConsoleArgs,
    Tunnel,
    TunnelArgs,
    ensure_command,
    own_port,
)
from components.cloud.kubeconfig import SignIn
from tests.cluster.support import providers
from tests.support.harness import Deployment, deploy
from tests.support.marks import UNKNOWN
from tests.support.outputs import HOST_KEYS

RUN = "command:local:run"


def args(host: pulumi.Input[str] = "203.0.113.7", key: str | None = None) -> TunnelArgs:
    return TunnelArgs(
        host=host, host_id="ocid1.i", user=USER, owner="dev", port=10080, private_key_path=key
    )


def deployed(
    host: pulumi.Input[str] = "203.0.113.7",
    *,
    preview: bool = False,
    answers: dict[str, Any] | None = None,
) -> Deployment:
    def program() -> None:
        pulumi.export("url", Tunnel("primary", args(host), providers()).proxy_url)

    return deploy(program, preview=preview, answers=answers)


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_the_tunnel_is_ensured_each_time(preview: bool) -> None:
    found = deployed(preview=preview)
    words = "tunnel ensure --host 203.0.113.7 --host-id ocid1.i --user opc --owner dev --port 10080"
    line = f"{shlex.quote(sys.executable)} -m ops {words}"
    assert [args["command"] for token, args, _ in found.calls if token == RUN] == [line]


def test_what_ops_prints_is_the_proxy() -> None:
    printed = {RUN: {"stdout": "socks5://127.0.0.1:10080\n", "stderr": ""}}
    assert deployed(answers=printed).exports["url"] == "socks5://127.0.0.1:10080"


def test_it_runs_through_the_explicit_provider() -> None:
    assert [p.split("::")[3] for token, _, p in deployed().calls if token == RUN] == ["command"]


def test_before_the_host_exists_nothing_runs_and_the_proxy_is_unknown() -> None:
    def program() -> None:
        new = command.local.Command("new", create="true")
        pulumi.export("url", Tunnel("primary", args(new.stdout), providers()).proxy_url)

    found = deploy(program, preview=True)
    assert (found.calls, found.exports["url"]) == ([], UNKNOWN)


def test_the_keys_of_the_host_are_read_once_for_each_host_and_given_to_the_tunnel() -> None:
    sign_in = SignIn(arguments=("--profile", "MY OWN"), environment={"OCI_CLI_USER": "ocid1.user"})
    console = ConsoleArgs(region="us-sanjose-1", sign_in=sign_in)

    def program() -> None:
        tunnel = Tunnel("primary", replace(args(), console=console), providers())
        pulumi.export("keys", tunnel.host_keys)

    found = deploy(program)
    made = found.one("command:local:Command", "primary-host-keys")
    assert made.inputs["create"] == (
        'PATH="$PWD/.venv/bin:$PATH" exec python -m ops tunnel host-keys --host-id ocid1.i '
        "--region us-sanjose-1 -- --profile 'MY OWN'"
    )
    assert made.inputs["environment"] == {"OCI_CLI_USER": "ocid1.user"}
    assert found.exports["keys"] == [*HOST_KEYS]
    assert made.inputs["triggers"] == ["ocid1.i"]
    (line,) = [args["command"] for token, args, _ in found.calls if token == RUN]
    assert shlex.split(line).count("--host-key") == len(HOST_KEYS)
    assert shlex.split(line)[-1] == HOST_KEYS[-1]


def test_words_of_the_settings_are_quoted() -> None:
    line = ensure_command(args(key="~/my keys/a"), host="h; rm -rf /", host_id="i")
    assert shlex.split(line)[5:] == [
        *("--host", "h; rm -rf /", "--host-id", "i", "--user", "opc"),
        *("--owner", "dev", "--port", "10080", "--key", "~/my keys/a"),
    ]


def test_the_stack_takes_its_tunnel_with_it_and_no_other() -> None:
    (closing,) = deployed().of("command:local:Command")
    assert closing.inputs["delete"] == (
        'PATH="$PWD/.venv/bin:$PATH" exec python -m ops tunnel close --port 10080 --owner dev'
    )
    assert "create" not in closing.inputs


def test_stacks_have_ports_of_their_own() -> None:
    ports = {own_port(f"oke-mesh-{stack} in ocid1.compartment.oc1..a") for stack in "abcdefgh"}
    assert len(ports) == 8
    assert all(20_000 <= port < 30_000 for port in ports)
