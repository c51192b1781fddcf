"""The flows inside one cluster, as a table of sentences; pure.

Each flow between two groups becomes a pair of rules, so that neither side can be forgotten.
Ports are those of https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengnetworkconfig.htm
"""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final, NamedTuple

from components.plan.firewall.rule import (
    ALL_TCP,
    ANYWHERE,
    EVERYTHING,
    PATH_DISCOVERY,
    Openings,
    OracleServices,
    Protocol,
    Rule,
    RuleTable,
    Side,
    Traffic,
    accept,
    reach,
    tcp,
)
from components.plan.plan import Member
from components.settings.clusters import ExtraRule, SubnetRole
from components.settings.mesh import Exposure
from components.settings.openings import RuleDirection
from components.settings.types import PRIVATE_RANGES

KUBERNETES_API: Final = tcp(6443)
TUNNEL: Final = tcp(12250)
HEALTH: Final = tcp(10256)
NODE_PORTS: Final = tcp(30000, 32767)
SSH: Final = tcp(22)
HTTP: Final = tcp(80)
HTTPS: Final = tcp(443)


class Flow(NamedTuple):
    """Who opens connections to whom; a side that is no group of the cluster has no rule."""

    source: Side
    destination: Side
    traffic: Traffic


_Flows = dict[str, Flow]

_API, _WORKERS, _PODS = SubnetRole.API, SubnetRole.WORKERS, SubnetRole.PODS
_INTERNAL_LB, _PUBLIC_LB, _OPERATOR = (
    SubnetRole.INTERNAL_LB,
    SubnetRole.PUBLIC_LB,
    SubnetRole.OPERATOR,
)
_SERVICES = OracleServices.ALL

_EVERY_CLUSTER: Final[_Flows] = {
    "workers call the Kubernetes API": Flow(_WORKERS, _API, KUBERNETES_API),
    "workers hold the tunnel of the control plane": Flow(_WORKERS, _API, TUNNEL),
    # Webhooks and aggregated APIs on a node's own network listen wherever their charts say.
    "the control plane calls kubelets and what else is on nodes": Flow(_API, _WORKERS, ALL_TCP),
    "the control plane calls itself": Flow(_API, _API, KUBERNETES_API),
    "the control plane calls the services of Oracle": Flow(_API, _SERVICES, HTTPS),
    "workers talk to workers": Flow(_WORKERS, _WORKERS, EVERYTHING),
    # OKE asks for every port: packages, metrics, logs and images have one each.
    "workers call the services of Oracle": Flow(_WORKERS, _SERVICES, ALL_TCP),
    "workers fetch images from anywhere": Flow(_WORKERS, ANYWHERE, HTTPS),
    # The program's load balancers are TCP, so UDP node ports stay closed.
    "internal load balancers forward to node ports": Flow(_INTERNAL_LB, _WORKERS, NODE_PORTS),
    "internal load balancers ask nodes for their health": Flow(_INTERNAL_LB, _WORKERS, HEALTH),
    "public load balancers forward to node ports": Flow(_PUBLIC_LB, _WORKERS, NODE_PORTS),
    "public load balancers ask nodes for their health": Flow(_PUBLIC_LB, _WORKERS, HEALTH),
}

_VCN_NATIVE: Final[_Flows] = {
    "pods call the Kubernetes API": Flow(_PODS, _API, KUBERNETES_API),
    "pods hold the tunnel of the control plane": Flow(_PODS, _API, TUNNEL),
    # Webhooks and aggregated APIs listen wherever their charts say.
    "the control plane calls webhooks in pods": Flow(_API, _PODS, ALL_TCP),
    "pods talk to pods": Flow(_PODS, _PODS, EVERYTHING),
    "workers reach pods": Flow(_WORKERS, _PODS, EVERYTHING),
    "pods reach workers": Flow(_PODS, _WORKERS, EVERYTHING),
    "pods call the services of Oracle": Flow(_PODS, _SERVICES, ALL_TCP),
}

_OPERATOR_HOST: Final[_Flows] = {
    "the operator host calls the Kubernetes API": Flow(_OPERATOR, _API, KUBERNETES_API),
    "the operator host fetches tools from anywhere": Flow(_OPERATOR, ANYWHERE, HTTPS),
    # Not a rule for each peer, for the reason that its routes are not: the tunnel leads to a
    # cluster until the last of it is deleted. Each API lets in no more than it names.
    **{
        f"the operator host calls the Kubernetes API of clusters in {private}": Flow(
            _OPERATOR, private, KUBERNETES_API
        )
        for private in PRIVATE_RANGES
    },
}


def flows(member: Member, openings: Openings) -> _Flows:
    """Return every flow of one cluster that does not depend on another cluster."""
    found = dict(_EVERY_CLUSTER)
    if member.pod_source is SubnetRole.PODS:
        found |= _VCN_NATIVE
    if member.has_public_endpoint:
        found |= {
            f"{cidr} calls the public Kubernetes API": Flow(cidr, _API, KUBERNETES_API)
            for cidr in member.settings.allowed_cidrs
        }
    else:
        found |= {
            f"{cidr} calls the private Kubernetes API": Flow(cidr, _API, KUBERNETES_API)
            for cidr in openings.api_callers
        }
    found |= _egress(member)
    if member.has_operator:
        if openings.nodes_take_ssh:
            found["the operator host signs in to workers"] = Flow(_OPERATOR, _WORKERS, SSH)
        found |= _OPERATOR_HOST | {
            f"{cidr} signs in to the operator host": Flow(cidr, _OPERATOR, SSH)
            for cidr in openings.operator_cidrs
        }
    found |= _ingress_gateway(member, openings) | _path_discovery(member)
    return found | _extra_rules(member)


def _egress(member: Member) -> _Flows:
    """Let pods and workers call out, but for what every cluster's workers may call anyway."""
    ways = [
        (cidr, tcp(ports.first, ports.last), ports)
        for cidr in member.settings.egress.cidrs
        for ports in member.settings.egress.ports
    ]
    return {
        f"{role.value} call {_place(cidr)} on {ports}": Flow(role, cidr, traffic)
        for role in dict.fromkeys((member.pod_source, _WORKERS))
        for cidr, traffic, ports in ways
        if (role, cidr, traffic) != (_WORKERS, ANYWHERE, HTTPS)
    }


def _place(cidr: IPv4Network) -> str:
    return "anywhere" if cidr == ANYWHERE else str(cidr)


def _extra_rules(member: Member) -> _Flows:
    """Take over the rules of the settings; the name of each is what makes it the same rule."""
    found: _Flows = {}
    for name, extra in sorted(member.settings.extra_rules.items()):
        ports = extra.ports.first, extra.ports.last
        traffic = Traffic(protocol=Protocol[extra.protocol.name], ports=ports)
        source, destination = _sides(extra)
        found[f"extra rule {name}"] = Flow(source, destination, traffic)
    return found


def _sides(extra: ExtraRule) -> tuple[Side, Side]:
    """Return who calls whom by a rule of the settings."""
    if extra.direction is RuleDirection.INGRESS:
        return extra.cidr, extra.subnet
    return extra.subnet, extra.cidr


def _ingress_gateway(member: Member, openings: Openings) -> _Flows:
    is_public = openings.ingress is Exposure.PUBLIC
    usual = {"anyone": ANYWHERE} if is_public else {"the VCN": member.settings.vcn_cidr}
    callers = {str(cidr): cidr for cidr in openings.ingress_cidrs} or usual
    found = {
        f"{who} calls the ingress gateway by {name}": Flow(
            cidr, _PUBLIC_LB if is_public else _INTERNAL_LB, traffic
        )
        for who, cidr in callers.items()
        for name, traffic in (("HTTP", HTTP), ("HTTPS", HTTPS))
    }
    if openings.ingress_keeps_addresses:
        # Nodes have no public address: only what the load balancer passes on gets there.
        found |= {
            f"{who} reaches node ports through the load balancer": Flow(cidr, _WORKERS, NODE_PORTS)
            for who, cidr in callers.items()
        }
    return found


def _path_discovery(member: Member) -> _Flows:
    """Let routers say that a packet is too big: type 3, code 4, from wherever they are.

    OCI's VNICs take 9000 bytes and the internet 1500, so that connections hang without it.
    """
    return {
        f"path discovery {way} {role.value}": flow
        for role in member.subnets
        for way, flow in (
            ("from anywhere to", Flow(ANYWHERE, role, PATH_DISCOVERY)),
            ("to anywhere from", Flow(role, ANYWHERE, PATH_DISCOVERY)),
        )
    }


def rules(member: Member, openings: Openings) -> RuleTable:
    """Return the rules of each group of one cluster, as if it were alone."""
    pairs = [
        pair
        for sentence, flow in flows(member, openings).items()
        for pair in _rules(sentence, flow)
    ]
    return {role: tuple(rule for at, rule in pairs if at is role) for role in member.subnets}


def _rules(sentence: str, flow: Flow) -> Iterator[tuple[SubnetRole, Rule]]:
    if isinstance(flow.source, SubnetRole):
        yield flow.source, reach(sentence, flow.destination, flow.traffic)
    if isinstance(flow.destination, SubnetRole):
        yield flow.destination, accept(sentence, flow.source, flow.traffic)
