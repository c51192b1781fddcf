"""One rule of a network security group, as a resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import pulumi
import pulumi_oci as oci

from components.plan.firewall.rule import (
    Direction,
    EndpointAddress,
    NatAddress,
    OracleServices,
    Protocol,
    Rule,
    Side,
    Traffic,
)
from components.settings.clusters import SubnetRole

_TcpOptions = oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsArgs
_TcpPortRange = oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsDestinationPortRangeArgs
_UdpOptions = oci.core.NetworkSecurityGroupSecurityRuleUdpOptionsArgs
_UdpPortRange = oci.core.NetworkSecurityGroupSecurityRuleUdpOptionsDestinationPortRangeArgs
_IcmpOptions = oci.core.NetworkSecurityGroupSecurityRuleIcmpOptionsArgs

# Destination unreachable: fragmentation needed, https://www.rfc-editor.org/rfc/rfc1191
_PATH_DISCOVERY: Final = _IcmpOptions(type=3, code=4)


class OtherSide(NamedTuple):
    """Who is on the other side of a rule, as OCI is told."""

    type: str
    id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """What stands for the sides of rules; a rule with a side that is not here is a wiring bug."""

    groups: Mapping[SubnetRole, pulumi.Input[str]] = field(default_factory=dict)
    """Ids of the groups of one VCN."""
    services: pulumi.Input[str] = ""
    """The label of all of Oracle's services in the region."""
    nat_addresses: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Public addresses of NAT gateways, by cluster key."""
    endpoint_addresses: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Public addresses of Kubernetes APIs, by cluster key."""

    def of(self, side: Side) -> OtherSide:
        """Return `side` as OCI is told of it."""
        match side:
            case SubnetRole():
                return OtherSide(type="NETWORK_SECURITY_GROUP", id=self.groups[side])
            case OracleServices():
                return OtherSide(type="SERVICE_CIDR_BLOCK", id=self.services)
            case NatAddress():
                return _one_address(self.nat_addresses[side.cluster])
            case EndpointAddress():
                return _one_address(self.endpoint_addresses[side.cluster])
        return OtherSide(type="CIDR_BLOCK", id=str(side))


def _one_address(address: pulumi.Input[str]) -> OtherSide:
    return OtherSide(type="CIDR_BLOCK", id=pulumi.Output.concat(address, "/32"))


def create_rule(
    name: str,
    rule: Rule,
    *,
    group_id: pulumi.Input[str],
    sides: Sides,
    opts: pulumi.ResourceOptions,
) -> oci.core.NetworkSecurityGroupSecurityRule:
    """Create `rule` in the group of that id."""
    side = sides.of(rule.side)
    is_ingress = rule.direction is Direction.INGRESS
    return oci.core.NetworkSecurityGroupSecurityRule(
        name,
        network_security_group_id=group_id,
        description=rule.sentence,
        direction=rule.direction.value,
        protocol=rule.traffic.protocol.value,
        source=side.id if is_ingress else None,
        source_type=side.type if is_ingress else None,
        destination=None if is_ingress else side.id,
        destination_type=None if is_ingress else side.type,
        stateless=False,
        tcp_options=_tcp_options(rule.traffic),
        udp_options=_udp_options(rule.traffic),
        icmp_options=_PATH_DISCOVERY if rule.traffic.protocol is Protocol.ICMP else None,
        opts=opts,
    )


def _tcp_options(traffic: Traffic) -> _TcpOptions | None:
    if traffic.ports is None or traffic.protocol is not Protocol.TCP:
        return None
    first, last = traffic.ports
    return _TcpOptions(destination_port_range=_TcpPortRange(min=first, max=last))


def _udp_options(traffic: Traffic) -> _UdpOptions | None:
    if traffic.ports is None or traffic.protocol is not Protocol.UDP:
        return None
    first, last = traffic.ports
    return _UdpOptions(destination_port_range=_UdpPortRange(min=first, max=last))
