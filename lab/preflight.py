"""What must hold before the lab starts: each fault is one sentence with its remedy."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from lab import processes
from lab.errors import LabError
from lab.paths import (
    API_PORT,
    PROXY_PORT,
    REGISTRY_PORT,
    SITES_PORT,
    WEBHOOK_PORT,
    LabPaths,
)
from lab.toolchain.system import SEARCH

NEEDED_GIB = 6.0
"""Two nodes unpack every image, two etcds and the logs: about 4 GiB, with room for a third."""

NAMESPACES = Path("/run/netns")

PORTS = {
    "OCI API": API_PORT,
    "token webhook": WEBHOOK_PORT,
    "sites": SITES_PORT,
    "proxy": PROXY_PORT,
    "image registry": REGISTRY_PORT,
}


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of the kernel: what brings it, and a script that works only with it."""

    name: str
    remedy: str
    script: str


FEATURES = (
    Feature("network namespaces", "CONFIG_NET_NS", "true"),
    Feature("bridges", "CONFIG_BRIDGE (module bridge)", "ip link add br0 type bridge"),
    Feature("paired links", "CONFIG_VETH (module veth)", "ip link add v0 type veth peer name v1"),
    Feature(
        "nftables with connection tracking",
        "CONFIG_NF_TABLES and CONFIG_NFT_CT (module nf_tables)",
        "nft 'add table inet t; add chain inet t c { type filter hook input priority 0; };"
        " add rule inet t c ct state established accept'",
    ),
    Feature(
        "iptables with NAT",
        "CONFIG_NF_NAT and CONFIG_NETFILTER_XT_MATCH_COMMENT (module nf_nat)",
        "iptables -t nat -A OUTPUT -p tcp -m comment --comment t -j DNAT --to 127.0.0.1:1",
    ),
    Feature("policy routing", "CONFIG_IP_MULTIPLE_TABLES", "ip rule add iif lo lookup 100"),
)
"""What the lab's hosts are made of; tried in a namespace that ends with the script."""


def check_root(user: int | None = None) -> None:
    """Namespaces, links and firewalls are root's."""
    found = os.geteuid() if user is None else user
    if found != 0:
        raise LabError(
            f"lab: needs root for network namespaces and containers, got user {found}; "
            "run it as root"
        )


def check(paths: LabPaths) -> None:
    """Every fault of the machine together, so that one run shows all of them."""
    faults = [*disk(paths.state), *ports(PORTS), *kernel(FEATURES)]
    if faults:
        raise LabError("\n".join(faults))


def disk(folder: Path, needed_gib: float = NEEDED_GIB) -> Iterator[str]:
    """Whether the state's disk has room."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / 2**30
    if free < needed_gib:
        yield (
            f"disk: too little room in {folder}, got {free:.1f} GiB; free some up to have "
            f"{needed_gib:.0f} GiB"
        )


def ports(wanted: Mapping[str, int]) -> Iterator[str]:
    """Whether the lab's ports are free."""
    for owner, port in wanted.items():
        with socket.socket() as probe:
            # As the lab's own listeners do: a connection that is only closing is not in the way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                yield (
                    f"port {port}: is in use, and the lab's {owner} needs it; end the process "
                    f"that `ss -ltnp sport = :{port}` shows"
                )


def kernel(features: tuple[Feature, ...]) -> Iterator[str]:
    """Whether the kernel lets us build hosts."""
    for feature in features:
        answer = subprocess.run(
            ["unshare", "--net", "sh", "-c", feature.script],
            env=os.environ | {"PATH": SEARCH},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            yield (
                f"kernel: no {feature.name}, got {answer.stderr.strip()!r}; "
                f"use a kernel with {feature.remedy}"
            )


def private_ranges(settings: str) -> Iterator[str]:
    """Which ranges of the stack's VCNs hold something of this machine's own."""
    from lab.hosts.private import held, own_addresses  # noqa: PLC0415 only `up` pays for it

    ranges = _vcn_ranges(settings)
    for cidr, what in held(ranges.values(), own_addresses() if ranges else {}).items():
        keys = ", ".join(key for key, other in ranges.items() if other == cidr)
        yield (
            f"Pulumi.lab.yaml: clusters.{keys}.vcnCidr: this machine has {what} in it, got {cidr}; "
            "what it sends to the lab's private addresses there leaves it; another range is "
            "refused at once"
        )


def _vcn_ranges(settings: str) -> dict[str, IPv4Network]:
    """By cluster; what is no range is the program's to refuse."""
    import yaml  # noqa: PLC0415 likewise

    found = {}
    with suppress(yaml.YAMLError, LookupError, TypeError, AttributeError):
        clusters = yaml.safe_load(settings)["config"]["oke-mesh:clusters"]
        for key, cluster in clusters.items():
            with suppress(ValueError):
                found[key] = IPv4Network(cluster.get("vcnCidr", ""))
    return found


def leftovers(paths: LabPaths) -> list[str]:
    """What a killed run or a restart of the machine has left, whoever made it."""
    spaces = sorted(x.name for x in NAMESPACES.glob("okm-*"))
    pids = sorted(file for file in paths.run.glob("*.pid") if processes.running(file))
    hosts = [f"hosts in {paths.hosts}"] if paths.hosts.exists() else []
    return [
        *(f"process {file.stem}" for file in pids),
        *hosts,
        *(f"namespace {name}" for name in spaces),
    ]
