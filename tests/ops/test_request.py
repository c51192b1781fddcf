"""How ssh is called for a tunnel."""

import itertools
from dataclasses import replace
from pathlib import Path

from ops.tunnel.request import TunnelRequest

KNOWN_HOSTS = Path("/state/known_hosts")


def request(key: Path | None = None) -> TunnelRequest:
    return TunnelRequest(host="203.0.113.7", host_id="ocid1.i", user="opc", port=10080, key=key)


def options() -> dict[str, str]:
    words = request().ssh_arguments(KNOWN_HOSTS, 40123)
    pairs = [word for before, word in itertools.pairwise(words) if before == "-o"]
    return dict(pair.split("=", 1) for pair in pairs)


def test_ssh_forwards_from_the_loopback_address_only_and_runs_no_command() -> None:
    words = request().ssh_arguments(KNOWN_HOSTS, 40123)
    assert words[:3] == ["-N", "-D", "127.0.0.1:40123"]
    assert words[-3:] == ["-p", "22", "opc@203.0.113.7"]


def test_the_host_key_is_pinned_at_first_use_under_the_hosts_ocid() -> None:
    chosen = options()
    names = (
        *("StrictHostKeyChecking", "UserKnownHostsFile", "GlobalKnownHostsFile"),
        *("HostKeyAlias", "HashKnownHosts"),
    )
    assert [chosen[name] for name in names] == [
        *("accept-new", "/state/known_hosts", "/dev/null"),
        *("ocid1.i", "no"),
    ]


def test_a_host_whose_keys_are_known_shows_one_of_them() -> None:
    keys = ("ssh-ed25519 AAAAa", "ecdsa-sha2-nistp256 AAAAb")
    pinned = replace(request(), host_keys=keys)
    words = pinned.ssh_arguments(KNOWN_HOSTS, 40123)
    assert "StrictHostKeyChecking=yes" in words
    assert pinned.known_hosts == "".join(f"ocid1.i {key}\n" for key in keys)


def test_ssh_never_asks_and_ends_when_link_or_port_is_lost() -> None:
    chosen = options()
    names = ("BatchMode", "ExitOnForwardFailure", "ServerAliveInterval", "ServerAliveCountMax")
    assert [chosen[name] for name in names] == ["yes", "yes", "10", "3"]


def test_a_connection_is_not_shared_with_another_ssh() -> None:
    assert (options()["ControlMaster"], options()["ControlPath"]) == ("no", "none")


def test_a_key_is_the_only_one_offered() -> None:
    words = request(Path("~/k")).ssh_arguments(KNOWN_HOSTS, 40123)
    place = words.index("-i")
    assert words[place + 1 : place + 4] == [
        str(Path("~/k").expanduser()),
        "-o",
        "IdentitiesOnly=yes",
    ]
