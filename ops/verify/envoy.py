"""Reads what a proxy says of its endpoints: how many requests each got, and over what; pure.

The answers are those of Envoy's admin interface, `/clusters` and `/config_dump`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_TLS: Final = "envoy.transport_sockets.tls"
_MATCH: Final = "envoy.transport_socket_match"

Dump = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Transport:
    """How a proxy talks to an endpoint."""

    is_mtls: bool
    """TLS with a certificate of the proxy's own, to a peer whose identity it checks."""
    peers: tuple[str, ...] = ()
    """The identities that it accepts there."""


def requests_by_endpoint(clusters: Dump, cluster: str) -> dict[str, int]:
    """Return how many requests each endpoint of `cluster` got so far.

    Args:
        clusters: Answer of `/clusters?format=json`.
        cluster: Envoy's name of the service.
    """
    counts: dict[str, int] = {}
    for status in clusters.get("cluster_statuses", ()):
        if status["name"] != cluster:
            continue
        for host in status.get("host_statuses", ()):
            # A statistic that is still zero has no value.
            numbers = {s["name"]: int(s.get("value", 0)) for s in host.get("stats", ())}
            address = _address(host.get("address", {}))
            counts[address] = counts.get(address, 0) + numbers.get("rq_total", 0)
    return counts


def growth(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Return how many requests each endpoint got in between."""
    return {address: count - before.get(address, 0) for address, count in after.items()}


def transport_by_endpoint(dump: Dump, cluster: str) -> dict[str, Transport]:
    """Return how each endpoint of `cluster` is talked to.

    Args:
        dump: Answer of `/config_dump?include_eds`.
        cluster: Envoy's name of the service.
    """
    active = (entry["cluster"] for entry in _part(dump, "dynamic_active_clusters"))
    found = [entry for entry in active if entry["name"] == cluster]
    if not found:
        return {}
    return {
        _address(endpoint["endpoint"]["address"]): _transport(found[0], _marks(endpoint))
        for endpoint in _endpoints(dump, cluster)
    }


def _endpoints(dump: Dump, cluster: str) -> Iterator[Dump]:
    for entry in _part(dump, "dynamic_endpoint_configs"):
        assignment = entry["endpoint_config"]
        if assignment.get("cluster_name") == cluster:
            for group in assignment.get("endpoints", ()):
                yield from group.get("lb_endpoints", ())


def _part(dump: Dump, name: str) -> Iterator[Dump]:
    for config in dump.get("configs", ()):
        yield from config.get(name, ())


def _marks(endpoint: Dump) -> Dump:
    marks: Dump = endpoint.get("metadata", {}).get("filter_metadata", {}).get(_MATCH, {})
    return marks


def _transport(cluster: Dump, marks: Dump) -> Transport:
    """Return the first transport whose conditions the endpoint meets, as Envoy takes it."""
    for candidate in cluster.get("transport_socket_matches", ()):
        if candidate.get("match", {}).items() <= marks.items():
            return _security(candidate["transport_socket"])
    return _security(cluster.get("transport_socket", {}))


def _security(socket: Dump) -> Transport:
    if socket.get("name") != _TLS:
        return Transport(is_mtls=False)
    common = socket.get("typed_config", {}).get("common_tls_context", {})
    own = common.get("tls_certificate_sds_secret_configs") or common.get("tls_certificates")
    context = common.get("combined_validation_context", {})
    checks_peer = bool(context) or "validation_context_sds_secret_config" in common
    default = context.get("default_validation_context", {})
    return Transport(is_mtls=bool(own) and checks_peer, peers=tuple(_identities(default)))


def _identities(context: Dump) -> Iterator[str]:
    # Istio writes the older of the two fields.
    matchers = [m["matcher"] for m in context.get("match_typed_subject_alt_names", ())]
    for matcher in (*context.get("match_subject_alt_names", ()), *matchers):
        if "exact" in matcher:
            yield str(matcher["exact"])


def _address(address: Dump) -> str:
    socket = address.get("socket_address")
    return f"{socket['address']}:{socket['port_value']}" if socket else "no address"
