"""The IAM policy statements that OKE needs for what the settings choose; pure.

They are printed, never created: who deploys clusters is rarely who may write policies.
Sources: https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengpolicyconfig.htm and
https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengusingclusterautoscaler.htm
"""

from collections.abc import Iterator, Sequence
from typing import Final

from components.settings.cluster import Cni
from components.settings.plan import Member, Plan

# What the add-on does with a pool, for the workload identity that it signs in with.
_AUTOSCALER_GRANTS: Final = (
    "manage cluster-node-pools",
    "manage instance-family",
    "use subnets",
    "read virtual-network-family",
    "use vnics",
    "inspect compartments",
)

# What a cluster does in a network that lies in another compartment.
_ACROSS_GRANTS: Final = ("use network-security-groups", "use subnets", "use vnics")
_NATIVE_ACROSS_GRANTS: Final = ("manage instances", "use private-ips")


def iam_statements(
    member: Member, network_compartment_id: str | None = None, cluster_id: str | None = None
) -> tuple[str, ...]:
    """Return the statements for one cluster; none are needed with every default.

    Args:
        member: The cluster.
        network_compartment_id: Of an existing VCN; the cluster's own if not given.
        cluster_id: Narrows the autoscaler's grants to this cluster, once it exists.
    """
    network = network_compartment_id or member.compartment_id
    return (
        *_across(member, network),
        *_key(member),
        *_autoscaler(member, cluster_id),
    )


def operator_statements(plan: Plan, group: str, instance_id: str) -> tuple[str, ...]:
    """Return the dynamic group of the operator host, and its statements.

    The host signs in as itself to every cluster, so that no user's key lies on it.
    """
    compartments = sorted({member.compartment_id for member in plan.members.values()})
    rule = f"Dynamic group {group}, matching rule: ALL {{instance.id = '{instance_id}'}}"
    grants = (
        f"Allow dynamic-group {group} to manage clusters in compartment id {compartment}"
        for compartment in compartments
    )
    return (rule, *grants)


def _across(member: Member, network: str) -> Iterator[str]:
    if network == member.compartment_id:
        return
    condition = _all(
        "request.principal.type = 'cluster'",
        f"request.principal.compartment.id = '{member.compartment_id}'",
    )
    is_native = member.settings.cni is Cni.VCN_NATIVE
    for grant in _ACROSS_GRANTS + (_NATIVE_ACROSS_GRANTS if is_native else ()):
        # The nodes are in the cluster's compartment, everything else of this in the network's.
        place = member.compartment_id if grant == "manage instances" else network
        yield f"Allow any-user to {grant} in compartment id {place} where {condition}"


def _key(member: Member) -> Iterator[str]:
    if member.settings.kms_key_id:
        condition = _all(
            "request.principal.type = 'cluster'",
            f"target.key.id = '{member.settings.kms_key_id}'",
        )
        yield f"Allow any-user to use keys in tenancy where {condition}"


def _autoscaler(member: Member, cluster_id: str | None) -> Iterator[str]:
    if not any(pool.autoscaler for pool in member.settings.node_pools.values()):
        return
    conditions = [
        "request.principal.type = 'workload'",
        "request.principal.namespace = 'kube-system'",
        "request.principal.service_account = 'cluster-autoscaler'",
    ]
    if cluster_id:
        conditions.append(f"request.principal.cluster_id = '{cluster_id}'")
    for grant in _AUTOSCALER_GRANTS:
        place = f"compartment id {member.compartment_id}"
        yield f"Allow any-user to {grant} in {place} where {_all(*conditions)}"


def _all(*conditions: str) -> str:
    return f"ALL {{{_comma(conditions)}}}"


def _comma(parts: Sequence[str]) -> str:
    return ", ".join(parts)
