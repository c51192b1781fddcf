"""Tells whoever deploys which IAM policy statements the choices need; see `iam`."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_oci as oci

from components.cloud.iam import (
    autoscaler_statements,
    deployer_statements,
    iam_statements,
    operator_statements,
)
from components.plan.plan import Member, Plan
from components.settings.stack import Settings


def tell_of_deployer(
    settings: Settings, plan: Plan, cluster_ids: Mapping[str, pulumi.Output[str]]
) -> None:
    """Print once what whoever deploys needs, in a preview that makes a cluster."""
    if pulumi.runtime.is_dry_run():
        are_there = pulumi.Output.all(*(id_.is_known() for id_ in cluster_ids.values()))
        are_there.apply(lambda known: None if all(known) else _tell_deployer(settings, plan))


def _tell_deployer(settings: Settings, plan: Plan) -> None:
    heading = "whoever deploys needs these IAM policy statements, with a group for <deployers>:"
    pulumi.log.info("\n  ".join((heading, *deployer_statements(settings, plan))))


def tell_of_cluster(
    cluster: pulumi.Resource, member: Member, cluster_id: pulumi.Output[str]
) -> None:
    """Print what the cluster needs, in the preview already where it is known then."""
    subject = f"clusters.{member.key}"
    network_compartment_id = _network_compartment_id(cluster, member)
    network_compartment_id.apply(
        lambda known: _tell(cluster, subject, iam_statements(member, known))
    )
    cluster_id.apply(lambda known: _tell(cluster, subject, autoscaler_statements(member, known)))


def tell_of_operator(
    host: pulumi.Resource, plan: Plan, *, group: str, instance_id: pulumi.Output[str]
) -> None:
    """Print what the operator host needs to sign in to the clusters."""
    instance_id.apply(
        lambda known: _tell(host, "access.cluster", operator_statements(plan, group, known))
    )


def _network_compartment_id(cluster: pulumi.Resource, member: Member) -> pulumi.Output[str]:
    existing = member.settings.existing
    if existing is None or existing.vcn_id is None:
        return pulumi.Output.from_input(member.compartment_id)
    found = oci.core.get_vcn_output(
        vcn_id=existing.vcn_id, opts=pulumi.InvokeOptions(parent=cluster)
    )
    return found.compartment_id


def _tell(resource: pulumi.Resource, subject: str, statements: Sequence[str]) -> None:
    if statements:
        lines = "\n  ".join((f"{subject}: needs these IAM policy statements:", *statements))
        pulumi.log.info(lines, resource)
