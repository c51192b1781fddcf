"""What every stage of the program may ask: the settings, the plan, the owner and the providers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.cloud.availability import tell_shortages
from components.cloud.kubernetes import Kubernetes, find_kubernetes
from components.cloud.owner import Owner
from components.config.secrets import Secrets
from components.plan.plan import Plan, build_plan
from components.providers import Providers, create_providers
from components.settings.mesh import Exposure
from components.settings.stack import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The description that the program carries out, and the means to do it."""

    settings: Settings
    secrets: Secrets
    plan: Plan
    owner: Owner
    providers: Providers
    kubernetes: Mapping[str, Kubernetes]
    """What each cluster runs, by its key."""

    @property
    def sampled(self) -> tuple[str, ...]:
        """Return the keys of the clusters in which the sample workloads run."""
        mesh = self.settings.mesh
        return tuple(self.plan.members) if mesh.enabled and mesh.samples else ()

    @property
    def public_gateways(self) -> tuple[str, ...]:
        """Return the keys of the clusters whose east-west gateway has a public address."""
        mesh = self.settings.mesh
        if not mesh.enabled or mesh.east_west.exposure is not Exposure.PUBLIC:
            return ()
        return tuple(key for key, member in self.plan.members.items() if member.needs_east_west)

    def in_region_of(self, key: str) -> pulumi.ResourceOptions:
        """Return options that place a component into the region of the cluster `key`."""
        region = self.plan.members[key].settings.region
        return pulumi.ResourceOptions(providers=[self.providers.oci[region]])


def create_context(settings: Settings, secrets: Secrets, last: Mapping[str, Any]) -> Context:
    """Return the context of this stack; creates the providers.

    A preview ends here where an update would meet a service limit; what the last one left, as its
    outputs say, is there already.
    """
    plan = build_plan(settings)
    owner = Owner(
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        mesh=settings.mesh.id,
        extra=settings.tags,
        defined=settings.defined_tags,
    )
    dns = settings.steered
    besides = [dns.region] if dns else []
    providers = create_providers(plan, settings.oci, secrets, besides=besides)
    tell_shortages(settings, plan, last, providers=providers.oci)
    return Context(
        settings=settings,
        secrets=secrets,
        plan=plan,
        owner=owner,
        providers=providers,
        kubernetes={
            key: find_kubernetes(
                member,
                name=owner.title(key),
                istio=settings.mesh.istio.version,
                provider=providers.oci[member.settings.region],
            )
            for key, member in plan.members.items()
        },
    )
