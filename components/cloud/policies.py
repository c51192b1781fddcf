"""Tells whoever deploys which IAM policy statements the choices need; see `iam`."""

from collections.abc import Sequence

import pulumi
import pulumi_oci as oci

from components.cloud.iam import autoscaler_statements, iam_statements, operator_statements
from components.plan.plan import Member, Plan


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
