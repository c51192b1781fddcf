"""Who may reach a Kubernetes API and the operator host, and from where."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import Final

from components.config.report import closest
from components.config.rules.given import Given, Rule, problem
from components.config.rules.shapes import shape_problems
from components.errors import Problem
from components.settings.clusters import Endpoint
from components.settings.pins import version_of
from components.settings.stack import AccessMode, AccessSettings

# The largest block that one organisation was ever given; a wider range is not one's own.
_WIDEST_PREFIX: Final = 8
_WITHOUT_HOST: Final = frozenset({"cluster", "mode", "api_callers", "proxy_url"})
"""What of `access` says something without one."""


def _public_endpoints(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        location = f"clusters.{key}.allowedCidrs"
        if cluster.endpoint is Endpoint.PUBLIC and not cluster.allowed_cidrs:
            yield problem(
                location,
                "is missing for a public endpoint",
                got=None,
                remedy="list the ranges that may reach the Kubernetes API",
            )
        if cluster.endpoint is Endpoint.PUBLIC:
            yield from too_wide(location, cluster.allowed_cidrs, "the Kubernetes API")


def _private_endpoints(given: Given) -> Iterator[Problem]:
    private = [key for key, c in given.clusters.items() if c.endpoint is Endpoint.PRIVATE]
    for key in private:
        if given.clusters[key].allowed_cidrs:
            yield problem(
                f"clusters.{key}.allowedCidrs",
                "has no effect on a private endpoint",
                got=given.clusters[key].allowed_cidrs,
                remedy="remove it, or set endpoint to public",
            )
    yield from _direct(given.settings.access, private)
    is_tunnelled = given.settings.access.mode is AccessMode.TUNNEL
    if private and is_tunnelled and given.settings.access.cluster is None:
        yield problem(
            "access.cluster",
            f"is missing although the endpoint of {' and '.join(private)} is private",
            got=None,
            remedy="name the cluster whose VCN is to hold the operator host",
        )


def _direct(access: AccessSettings, private: Sequence[str]) -> Iterator[Problem]:
    """Whoever comes directly is let in by range, and needs nothing of the tunnel."""
    if access.mode is AccessMode.TUNNEL:
        remedy = "remove it, or set access.mode to direct"
        if access.api_callers:
            yield problem(
                "access.apiCallers",
                "has no effect on a tunnel, whose host is let in",
                got=access.api_callers,
                remedy=remedy,
            )
        if access.proxy_url:
            yield problem(
                "access.proxyUrl",
                "has no effect on a tunnel, which is a proxy itself",
                got=access.proxy_url,
                remedy=remedy,
            )
        return
    if not private:
        yield problem(
            "access.mode",
            "has no effect without a private endpoint",
            got=access.mode.value,
            remedy="remove it, or set an endpoint to private",
        )
    elif not access.api_callers:
        yield problem(
            "access.apiCallers",
            f"is missing although the endpoint of {' and '.join(private)} is called directly",
            got=None,
            remedy="list the ranges that you and your CI come from, as the VCN sees them",
        )
    if access.cluster:
        yield from _without_tunnel(access)


def _without_tunnel(access: AccessSettings) -> Iterator[Problem]:
    for field in ("socks_port", "host_verification"):
        if field in access.model_fields_set:
            yield problem(
                f"access.{type(access).model_fields[field].alias}",
                "has no effect without a tunnel",
                got=getattr(access, field),
                remedy="remove it, or set access.mode to tunnel",
            )


def _operator_host(given: Given) -> Iterator[Problem]:
    access = given.settings.access
    if access.cluster is None:
        yield from _without_host(access)
        return
    if access.cluster not in given.clusters:
        is_disabled = access.cluster in given.settings.clusters
        yield problem(
            "access.cluster",
            "is a disabled cluster" if is_disabled else "is not a cluster",
            got=access.cluster,
            remedy=closest(access.cluster, given.clusters, "the enabled clusters"),
        )
    if access.ssh_public_key is None:
        remedy = "give the key of who may sign in"
        yield problem(
            "access.sshPublicKey", "is missing for the operator host", got=None, remedy=remedy
        )
    if not access.allowed_cidrs:
        remedy = "list the ranges that may reach it by SSH"
        yield problem(
            "access.allowedCidrs", "is missing for the operator host", got=None, remedy=remedy
        )
    yield from _keys_apart(access)
    yield from too_wide("access.allowedCidrs", access.allowed_cidrs, "SSH to the operator host")


def _shape(given: Given) -> Iterator[Problem]:
    access = given.settings.access
    if access.cluster is None:
        return
    yield from shape_problems("access", access)
    if access.shielded and access.platform is None:
        yield problem(
            "access.shielded",
            f"is not possible with the shape {access.shape}",
            got=access.shielded,
            remedy="choose one such as VM.Standard.E4.Flex or VM.Standard3.Flex, or remove it",
        )


def _checksums(given: Given) -> Iterator[Problem]:
    """Which kubectl the host gets is known later, and `operator_metadata` looks at its own."""
    access, pin = given.settings.access, given.settings.access.checksums.istioctl
    version = access.istioctl or given.settings.mesh.istio.version
    if access.cluster and pin and version_of(pin) != version:
        yield problem(
            "access.checksums.istioctl",
            f"is the checksum of another version than the host gets, {version}",
            got=pin,
            remedy=f"give that of {version}, or set access.istioctl to its version",
        )


def _keys_apart(access: AccessSettings) -> Iterator[Problem]:
    """Who holds the key of the host holds no node with it."""
    host, node = access.ssh_public_key, access.node_ssh_public_key
    if host and node and host.split()[:2] == node.split()[:2]:
        yield problem(
            "access.nodeSshPublicKey",
            "is the key of the operator host",
            got=node,
            remedy="give nodes a key of their own, or leave it out",
        )


def _without_host(access: AccessSettings) -> Iterator[Problem]:
    for field in sorted(access.model_fields_set - _WITHOUT_HOST):
        value = getattr(access, field)
        if value:
            yield problem(
                f"access.{type(access).model_fields[field].alias}",
                "has no effect without access.cluster",
                got=value,
                remedy="remove it, or name a cluster for the operator host",
            )


def too_wide(location: str, ranges: tuple[IPv4Network, ...], what: str) -> Iterator[Problem]:
    """Yield those of `ranges` that are wider than any one caller's own."""
    for allowed in ranges:
        if allowed.prefixlen < _WIDEST_PREFIX:
            yield problem(
                location,
                f"opens {what} to strangers",
                got=allowed,
                remedy="narrow it to the ranges of those who need it",
            )


RULES: Final[tuple[Rule, ...]] = (
    _public_endpoints,
    _private_endpoints,
    _operator_host,
    _shape,
    _checksums,
)
