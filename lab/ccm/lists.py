"""Rules in the security lists of subnets, as the vendor's controller writes them by default.

https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md:
the mode `All` opens the subnets of load balancer and nodes to each other and the listeners to
their callers, `Frontend` leaves out the nodes' side, `None` writes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.containerengine.records import Cluster
from lab.cloud.core.records import PortOptions, Ports, SecurityList, SecurityRule, Subnet
from lab.cloud.loadbalancer.records import LoadBalancer, Opened
from lab.cloud.store import Store

_TCP = "6"
_RANGE = "CIDR_BLOCK"


class Mode(StrEnum):
    """How much of the lists is the controller's."""

    ALL = "All"
    FRONTEND = "Frontend"
    NONE = "None"


def follow(store: Store, cluster: Cluster, balancer: LoadBalancer) -> None:
    """Brings the lists to what a load balancer needs now; nothing, when it is on its way out."""
    wanted = _wanted(store, cluster, balancer)
    others = [
        entry
        for other in store.find(LoadBalancer, cluster.region, lambda r: r.id != balancer.id)
        for entry in other.opened
    ]
    stale = [entry for entry in balancer.opened if entry not in wanted and entry not in others]
    missing = [entry for entry in wanted if entry.rule not in _rules(store, entry)]
    for entry in stale:
        rules = _rules(store, entry)
        if entry.rule in rules:
            rules.remove(entry.rule)
    for entry in missing:
        _rules(store, entry).append(entry.rule)
    balancer.opened = wanted
    if stale or missing:
        store.touch()


def _rules(store: Store, entry: Opened) -> list[SecurityRule]:
    record = store.get(SecurityList, entry.list_id)
    return record.ingress_security_rules if entry.is_ingress else record.egress_security_rules


def _wanted(store: Store, cluster: Cluster, balancer: LoadBalancer) -> list[Opened]:
    if balancer.list_mode == Mode.NONE or balancer.lifecycle_state == "DELETING":
        return []
    front = store.get(Subnet, balancer.subnet_ids[0])
    found = [
        _ingress(front, source, listener.port)
        for listener in balancer.listeners.values()
        for source in balancer.source_ranges
    ]
    for back in _subnets_of_nodes(store, cluster, balancer):
        for port in _ports_of_nodes(balancer):
            found.append(_egress(front, back.cidr_block, port))
            if balancer.list_mode == Mode.ALL:
                found.append(_ingress(back, front.cidr_block, port))
    return list({entry.model_dump_json(): entry for entry in found}.values())


def _ports_of_nodes(balancer: LoadBalancer) -> list[int]:
    sets = balancer.backend_sets.values()
    health = {chosen.health_checker.port for chosen in sets if chosen.health_checker.port}
    return sorted(health | {backend.port for chosen in sets for backend in chosen.backends})


def _subnets_of_nodes(store: Store, cluster: Cluster, balancer: LoadBalancer) -> list[Subnet]:
    sets = balancer.backend_sets.values()
    nodes = {IPv4Address(one.ip_address) for chosen in sets for one in chosen.backends}
    return [
        subnet
        for subnet in store.find(Subnet, cluster.region, lambda r: r.vcn_id == cluster.vcn_id)
        if any(node in IPv4Network(subnet.cidr_block) for node in nodes)
    ]


def _ingress(subnet: Subnet, source: str, port: int) -> Opened:
    rule = SecurityRule(
        protocol=_TCP, source=source, source_type=_RANGE, tcp_options=_one_port(port)
    )
    return Opened(list_id=subnet.security_list_ids[0], is_ingress=True, rule=rule)


def _egress(subnet: Subnet, destination: str, port: int) -> Opened:
    rule = SecurityRule(
        protocol=_TCP, destination=destination, destination_type=_RANGE, tcp_options=_one_port(port)
    )
    return Opened(list_id=subnet.security_list_ids[0], is_ingress=False, rule=rule)


def _one_port(port: int) -> PortOptions:
    return PortOptions(destination_port_range=Ports(min=port, max=port))
