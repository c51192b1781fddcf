"""The rules that let the mesh in to a public east-west gateway.

Apart from the VCNs, because each needs addresses of all the others, and of their clusters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pulumi

from components.cloud import naming
from components.context import Context
from components.known_after import known_after
from components.network.details import VcnDetails
from components.network.security_rule import Sides, create_rule
from components.plan.firewall.public import public_gateway_rules
from components.plan.firewall.rule import Rule, role_slug
from components.settings.clusters import SubnetRole


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicGatewayRulesArgs:
    """The rules of one cluster, and what they are about."""

    key: str
    rules: tuple[Rule, ...]
    vcn: VcnDetails
    """That of the cluster."""
    nat_addresses: Mapping[str, pulumi.Input[str]]
    """Public addresses of the callers, by cluster key."""
    endpoint_addresses: Mapping[str, pulumi.Input[str]]
    """Public addresses of the callers' Kubernetes APIs, by cluster key."""

    @classmethod
    def of(
        cls,
        context: Context,
        key: str,
        *,
        vcns: Mapping[str, VcnDetails],
        endpoints: Mapping[str, pulumi.Output[str | None]],
    ) -> "PublicGatewayRulesArgs":
        """Return the rules of the cluster `key`."""
        plan, exposure = context.plan, context.settings.mesh.east_west.exposure
        return cls(
            key=key,
            rules=public_gateway_rules(plan.members[key], plan.peers_of(key), exposure),
            vcn=vcns[key],
            nat_addresses={
                other: vcn.nat_address for other, vcn in vcns.items() if vcn.nat_address is not None
            },
            endpoint_addresses={
                other: url.apply(_host)
                for other, url in endpoints.items()
                if plan.members[other].has_public_endpoint
            },
        )


class PublicGatewayRules(pulumi.ComponentResource):
    """Opens the public east-west gateway of one cluster to those that it is there for."""

    vcn: VcnDetails
    """That of the cluster. Whoever uses its group of public load balancers waits for these too."""

    def __init__(
        self, name: str, args: PublicGatewayRulesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:PublicGatewayRules", name, None, opts)
        group_id = args.vcn.nsg_ids[SubnetRole.PUBLIC_LB]
        made = [
            create_rule(
                naming.logical(args.key, role_slug(SubnetRole.PUBLIC_LB), "nsg", rule.slug),
                rule,
                group_id=group_id,
                sides=Sides(
                    nat_addresses=args.nat_addresses, endpoint_addresses=args.endpoint_addresses
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for rule in args.rules
        ]
        nsg_ids = {**args.vcn.nsg_ids, SubnetRole.PUBLIC_LB: known_after(group_id, made)}
        self.vcn = replace(args.vcn, nsg_ids=nsg_ids)
        self.register_outputs({})


def _host(url: str | None) -> str:
    """Return the address in the URL of a public endpoint.

    Raises:
        ValueError: there is none, although the cluster has a public endpoint.
    """
    host = urlsplit(url or "").hostname
    if host is None:
        raise ValueError(f"no address in the public endpoint {url!r}")
    return host
