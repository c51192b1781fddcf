"""One name for all gateways: health checks, steering, and the domain in a zone that is there.

Oracle's plugin makes a policy anew when one of its answers changes, and a domain takes one policy
at a time. So the policy comes beside the former one, and while the domain changes over, plain
records at the same domain answer, which a policy hides as long as it is attached (ADR 0028).
"""

# As in `steering`: what is not used is not imported.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pulumi
import pulumi_oci as oci

from components.cloud.owner import Owner, TagRole
from components.cloud.zones import find_zone
from components.context import Context
from components.ingress.hosts import Hosts, host_urls
from components.ingress.routes import check_path
from components.ingress.steering import ADDRESS, TEMPLATES, Place, answers, rules
from components.mesh.mesh import Mesh
from components.settings.dns import DnsSettings
from components.settings.hosts import HostSettings, HttpsSettings, Issuer

# The shortest; it is to be no longer than the interval.
_TIMEOUT_SECONDS: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class HostNamesArgs:
    """The host, its gateways, and how a name leads to one of them."""

    dns: DnsSettings
    zone_id: pulumi.Output[str]
    host: HostSettings
    https: HttpsSettings | None
    places: Sequence[Place]
    addresses: Sequence[pulumi.Output[str]]
    """Of `places`."""
    owner: Owner
    title: str
    """What Oracle Cloud shows."""
    compartment_id: str
    requires: Sequence[pulumi.Resource]
    """What the gateways need before a name leads to them."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the host, each once."""
        return tuple(dict.fromkeys(self.host.names))


class HostNames(pulumi.ComponentResource):
    """Leads each name of a host to one of its gateways that is well."""

    urls: list[str]
    """Where users call the host, whichever gateway answers."""

    def __init__(
        self, name: str, args: HostNamesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:ingress:HostNames", name, None, opts)
        found = pulumi.Output.all(*args.addresses)
        policy = self._policy(name, args, found)
        for called in args.names:
            self._domain(args, found, called=called, policy=policy)
        self.urls = host_urls(args.names, args.host, args.https)
        self.register_outputs({"urls": self.urls})

    def _policy(
        self, name: str, args: HostNamesArgs, found: pulumi.Output[list[str]]
    ) -> oci.dns.SteeringPolicy:
        return oci.dns.SteeringPolicy(
            f"{name}-policy",
            compartment_id=args.compartment_id,
            display_name=args.title,
            template=TEMPLATES[args.dns.steering],
            ttl=args.dns.ttl_seconds,
            health_check_monitor_id=self._monitor(name, args, found).id,
            answers=found.apply(partial(answers, args.dns, args.places)),
            rules=rules(args.dns, args.places),
            freeform_tags=args.owner.tags(TagRole.GATEWAY),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _monitor(
        self, name: str, args: HostNamesArgs, found: pulumi.Output[list[str]]
    ) -> oci.healthchecks.HttpMonitor:
        check = args.dns.health_check
        return oci.healthchecks.HttpMonitor(
            f"{name}-monitor",
            compartment_id=args.compartment_id,
            display_name=args.title,
            # By HTTPS an address would be asked without a name, by which gateways tell their
            # certificates apart.
            protocol="HTTP",
            port=80,
            method="GET",
            path=check_path(check),
            headers={"Host": args.names[0]},
            # Oracle knows an answer's health by its data, which is that of a target.
            targets=found,
            interval_in_seconds=check.interval_seconds,
            timeout_in_seconds=_TIMEOUT_SECONDS,
            is_enabled=True,
            freeform_tags=args.owner.tags(TagRole.GATEWAY),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.requires]),
        )

    def _domain(
        self,
        args: HostNamesArgs,
        found: pulumi.Output[list[str]],
        *,
        called: str,
        policy: oci.dns.SteeringPolicy,
    ) -> None:
        # Named after the domain alone, so that it changes over when it goes to another host: as
        # something new it would come before the former one had gone.
        name = f"host-{called}"
        records = oci.dns.Rrset(
            f"{name}-records",
            zone_name_or_id=args.zone_id,
            domain=called,
            rtype=ADDRESS,
            items=found.apply(partial(_records, called, args.dns.ttl_seconds)),
            # Otherwise a successor, which has the same domain, would be deleted with it.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*args.requires], delete_before_replace=True
            ),
        )
        oci.dns.SteeringPolicyAttachment(
            f"{name}-attachment",
            domain_name=called,
            zone_id=args.zone_id,
            steering_policy_id=policy.id,
            # A domain takes one at a time; in between, its records answer.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[records], delete_before_replace=True
            ),
        )


def _records(called: str, ttl: int, found: Sequence[str]) -> list[oci.dns.RrsetItemArgs]:
    return [
        oci.dns.RrsetItemArgs(domain=called, rtype=ADDRESS, rdata=address, ttl=ttl)
        for address in found
    ]


def create_names(
    context: Context, *, mesh: Mesh, hosts: Mapping[str, Hosts]
) -> dict[str, dict[str, Any]]:
    """Create what leads the names of hosts to the gateways; return the outputs, none without it.

    A host whose clusters are all disabled has no gateway, and its names lead nowhere.
    """
    settings, dns = context.settings, context.settings.steered
    if dns is None:
        return {}
    ingress, members = settings.mesh.ingress, context.plan.members
    # Public zones and policies are the same from every region; a monitor is changed where it was
    # made, https://docs.oracle.com/iaas/api/#/en/healthchecks/latest/HttpMonitor
    provider = context.providers.oci[dns.region]
    zone_id = find_zone("mesh.ingress.dns.zone", dns.zone, provider)
    # An ACME server calls by the name before it signs; with all others users are not to.
    is_acme = ingress.https is not None and ingress.https.issuer is Issuer.ACME
    urls: dict[str, list[str]] = {}
    for name, host in sorted(ingress.hosts.items()):
        keys = [key for key in members if host.is_at(key)]
        if not host.names or not keys:
            continue
        args = HostNamesArgs(
            dns=dns,
            zone_id=zone_id,
            host=host,
            https=ingress.https,
            places=[Place(key=key, region=members[key].settings.region) for key in keys],
            addresses=[mesh.ingress_addresses[key] for key in keys],
            owner=context.owner,
            title=context.owner.title("host", name),
            compartment_id=settings.oci.compartment_id,
            requires=[] if is_acme else [*hosts.values()],
        )
        in_region = pulumi.ResourceOptions(providers=[provider])
        urls[name] = HostNames(f"host-{name}", args, in_region).urls
    return {"names": urls} if urls else {}
