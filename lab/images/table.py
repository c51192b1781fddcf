"""Every image: its production names, what is in it, and how it starts.

The program's image names stay as they are in production; the nodes' containerd finds them here
(`lab/images/mirror.py`). Programs that need no libraries have no base below them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from components.versions import CURL, HELLOWORLD
from lab.toolchain.pins import COREDNS, ISTIO

PAUSE_IMAGE = "registry.k8s.io/pause:3.10"
COREDNS_IMAGE = f"registry.k8s.io/coredns/coredns:v{COREDNS}"

BASE_SUITE = "bookworm"
BASE_PACKAGES = ("ca-certificates", "curl", "iptables")
"""What the proxy's init container and the client need."""

SEARCH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

ISTIO_USER = 1337
"""The proxy's user; traffic of this user is not redirected."""

_ISTIO_HUBS = ("docker.io/istio", "registry.istio.io/release")
"""Both places that Istio publishes its images under."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file in an image: a program of the toolchain, one of Istio's files, or a folder."""

    path: str
    tool: str | None = None
    istio_file: str | None = None
    mode: int = 0o755
    owner: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """One image, pushed under each of its names."""

    names: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    has_base: bool = False
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    user: str = "0"
    labels: dict[str, str] = field(default_factory=dict)


def _istio_names(image: str, tag: str) -> tuple[str, ...]:
    return tuple(f"{hub}/{image}:{tag}" for hub in _ISTIO_HUBS)


def _helloworld(version: str) -> Image:
    return Image(
        names=_istio_names(f"examples-helloworld-{version}", HELLOWORLD),
        entries=(Entry(path="/helloworld", tool="helloworld"),),
        entrypoint=("/helloworld",),
        environment=(f"SERVICE_VERSION={version}",),
    )


IMAGES = (
    Image(
        names=(PAUSE_IMAGE,),
        entries=(Entry(path="/pause", tool="pause"),),
        entrypoint=("/pause",),
        user="65535",
    ),
    Image(
        names=(COREDNS_IMAGE,),
        entries=(Entry(path="/coredns", tool="coredns"),),
        entrypoint=("/coredns",),
    ),
    Image(
        names=_istio_names("pilot", ISTIO),
        entries=(
            Entry(path="/usr/local/bin/pilot-discovery", tool="pilot-discovery"),
            Entry(path="/tmp", mode=0o1777),  # noqa: S108 a folder in an image, not of this machine
        ),
        entrypoint=("/usr/local/bin/pilot-discovery",),
        user=str(ISTIO_USER),
    ),
    Image(
        names=_istio_names("proxyv2", ISTIO),
        entries=(
            Entry(path="/usr/local/bin/pilot-agent", tool="pilot-agent"),
            Entry(path="/usr/local/bin/envoy", tool="envoy"),
            Entry(
                path="/var/lib/istio/envoy/envoy_bootstrap_tmpl.json",
                istio_file="envoy_bootstrap_tmpl.json",
                mode=0o644,
            ),
            Entry(path="/etc/istio/proxy", owner=ISTIO_USER),
        ),
        has_base=True,
        entrypoint=("/usr/local/bin/pilot-agent",),
        environment=("ISTIO_META_ISTIO_PROXY_SHA=istio-proxy:lab",),
        user=str(ISTIO_USER),
    ),
    _helloworld("v1"),
    _helloworld("v2"),
    Image(
        names=(f"docker.io/curlimages/curl:{CURL}",),
        has_base=True,
        entrypoint=("curl",),
    ),
)
