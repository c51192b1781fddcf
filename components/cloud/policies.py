"""Tells an administrator which IAM statements the settings need; see `iam`."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud.iam import Known, Need, needs
from components.cloud.owner import Owner
from components.plan.plan import Member, Plan
from components.settings.stack import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What the statements name, and where it is made."""

    clusters: Mapping[str, pulumi.Resource]
    """By their keys; lookups go where they are."""
    cluster_ids: Mapping[str, pulumi.Output[str]]
    host_id: pulumi.Output[str] | None
    """Of the operator host."""


def tell_needs(
    settings: Settings, plan: Plan, owner: Owner, *, made: Made
) -> pulumi.Output[list[str]]:
    """Return every statement; print them once, in the preview that makes a cluster.

    What is not made yet has no OCID: words stand for it in the preview, and the OCID in the
    statements that are returned by the update.
    """
    networks = {
        key: _network_compartment_id(made.clusters[key], member)
        for key, member in plan.members.items()
    }
    ids = {
        key: _known_or(id_, f"<OCID of clusters.{key}>") for key, id_ in made.cluster_ids.items()
    }
    host_id = _known_or(made.host_id, "<OCID of the operator host>") if made.host_id else ""
    found = pulumi.Output.all(networks, ids, host_id).apply(
        lambda known: needs(
            settings,
            plan,
            group=owner.title("operator"),
            known=Known(networks=known[0], cluster_ids=known[1], host_id=known[2]),
        )
    )
    if pulumi.runtime.is_dry_run():
        are_there = pulumi.Output.all(*(id_.is_known() for id_ in made.cluster_ids.values()))
        pulumi.Output.all(are_there, found).apply(
            lambda known: None if all(known[0]) else _tell(known[1])
        )
    return found.apply(lambda all_: [line for need in all_ for line in need.statements])


def _tell(found: tuple[Need, ...]) -> None:
    lines = ["IAM statements that these settings need, for an administrator of the tenancy:"]
    for need in found:
        lines += [f"  {need.who}:", *(f"    {statement}" for statement in need.statements)]
    pulumi.log.info("\n".join(lines))


def _known_or(value: pulumi.Output[str], words: str) -> pulumi.Output[str]:
    async def shown() -> str:
        return (await value.future() or words) if await value.is_known() else words

    return pulumi.Output.from_input(shown())


def _network_compartment_id(cluster: pulumi.Resource, member: Member) -> pulumi.Output[str]:
    existing = member.settings.existing
    if existing is None or existing.vcn_id is None:
        return pulumi.Output.from_input(member.compartment_id)
    found = oci.core.get_vcn_output(
        vcn_id=existing.vcn_id, opts=pulumi.InvokeOptions(parent=cluster)
    )
    return found.compartment_id
