"""One rule of a network security group, as a resource."""

from typing import Final, NamedTuple

import pulumi
import pulumi_oci as oci

from components.plan.firewall.rule import Direction, Passage, Protocol, Traffic

_Options = oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsArgs
_PortRange = oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsDestinationPortRangeArgs
_IcmpOptions = oci.core.NetworkSecurityGroupSecurityRuleIcmpOptionsArgs

# Destination unreachable: fragmentation needed, https://www.rfc-editor.org/rfc/rfc1191
_PATH_DISCOVERY: Final = _IcmpOptions(type=3, code=4)


class OtherSide(NamedTuple):
    """Who is on the other side of a rule, as OCI is told."""

    type: str
    id: pulumi.Input[str]

    @classmethod
    def range(cls, cidr: pulumi.Input[str]) -> "OtherSide":
        """Return the addresses of a range as a side."""
        return cls(type="CIDR_BLOCK", id=cidr)


def create_rule(
    name: str,
    passage: Passage,
    *,
    group_id: pulumi.Input[str],
    side: OtherSide,
    opts: pulumi.ResourceOptions,
) -> oci.core.NetworkSecurityGroupSecurityRule:
    """Create the rule of a group that lets `passage` through, from or to `side`."""
    is_ingress = passage.direction is Direction.INGRESS
    return oci.core.NetworkSecurityGroupSecurityRule(
        name,
        network_security_group_id=group_id,
        description=passage.sentence,
        direction=passage.direction.value,
        protocol=passage.traffic.protocol.value,
        source=side.id if is_ingress else None,
        source_type=side.type if is_ingress else None,
        destination=None if is_ingress else side.id,
        destination_type=None if is_ingress else side.type,
        stateless=False,
        tcp_options=_tcp_options(passage.traffic),
        icmp_options=_PATH_DISCOVERY if passage.traffic.protocol is Protocol.ICMP else None,
        opts=opts,
    )


def _tcp_options(traffic: Traffic) -> _Options | None:
    if traffic.ports is None:
        return None
    first, last = traffic.ports
    return _Options(destination_port_range=_PortRange(min=first, max=last))
