"""By which names a host is called, and where; pure."""

from collections.abc import Mapping

from components.plan.plan import Member
from components.settings.hosts import HostSettings
from components.settings.mesh import IngressSettings


def hosts_at(key: str, ingress: IngressSettings) -> dict[str, HostSettings]:
    """Return the hosts that the gateway of the cluster `key` knows, in the order of their names."""
    return {name: host for name, host in sorted(ingress.hosts.items()) if host.is_at(key)}


def host_names(name: str, ingress: IngressSettings, address: str) -> list[str]:
    """Return the names by which users call a host at the gateway with this address."""
    given = ingress.hosts[name].names
    return [*given] or [f"{name}.{address.replace('.', '-')}.{ingress.base_domain}"]


def names_served(name: str, ingress: IngressSettings, addresses: Mapping[str, str]) -> list[str]:
    """Return the names of a host at all the gateways of one control plane, each once.

    `addresses` are those of the gateways, by cluster key.
    """
    found = (
        host_names(name, ingress, address)
        for key, address in sorted(addresses.items())
        if ingress.hosts[name].is_at(key)
    )
    return list(dict.fromkeys(one for names in found for one in names))


def served_by(member: Member) -> tuple[str, ...]:
    """Return the keys of the clusters whose gateways the istiod of `member` configures."""
    return (member.key, *member.remotes) if member.is_primary else ()


def object_name(name: str) -> str:
    """Return the name of whatever Kubernetes keeps of a host, the Secret of its key too."""
    return f"host-{name}"
