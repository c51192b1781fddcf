"""The IAM policy statements for whoever deploys, and those that OKE needs; pure.

They are printed, never created: who deploys clusters is rarely who may write policies.
Sources: https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengpolicyconfig.htm,
https://docs.oracle.com/iaas/Content/Identity/policyreference/corepolicyreference.htm and
https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengusingclusterautoscaler.htm
"""

from collections.abc import Iterator
from typing import Final

from components.plan.plan import Member, Plan
from components.settings.clusters import Cni
from components.settings.oci import Auth
from components.settings.stack import Settings

# Clusters with pools and add-ons, nodes and the operator host; and in the network: VCNs with all
# that is in them, DRGs and remote peering.
_OWN_GRANTS: Final = ("manage cluster-family", "manage instance-family")
_NETWORK_GRANT: Final = "manage virtual-network-family"

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


def deployer_statements(settings: Settings, plan: Plan) -> tuple[str, ...]:
    """Return what whoever deploys needs, with `<deployers>` for the name of their group."""
    who = deployers(settings.oci.auth)
    own = sorted({member.compartment_id for member in plan.members.values()})
    # DRGs and remote peering are in the compartment of the document `oci`.
    network = sorted({*own, settings.oci.compartment_id})
    return (
        f"Allow {who} to inspect compartments in tenancy",
        *(f"Allow {who} to {grant} in compartment id {c}" for c in own for grant in _OWN_GRANTS),
        *(f"Allow {who} to {_NETWORK_GRANT} in compartment id {c}" for c in network),
    )


def deployers(auth: Auth) -> str:
    """Return who deploys as a statement names them: machines are in a dynamic group."""
    is_machine = auth in {Auth.INSTANCE_PRINCIPAL, Auth.RESOURCE_PRINCIPAL}
    return f"{'dynamic-group' if is_machine else 'group'} <deployers>"


def iam_statements(member: Member, network_compartment_id: str) -> tuple[str, ...]:
    """Return what a cluster needs before it is created; with every default nothing.

    Args:
        member: The cluster.
        network_compartment_id: Of the VCN, which may be one that the settings bring.
    """
    return (*_across(member, network_compartment_id), *_key(member))


def autoscaler_statements(member: Member, cluster_id: str) -> tuple[str, ...]:
    """Return what the autoscaler of a cluster needs; nothing if no pool has bounds.

    They name the cluster, for every cluster's autoscaler is the same workload otherwise.
    """
    if not any(pool.autoscaler for pool in member.settings.node_pools.values()):
        return ()
    condition = _all(
        "request.principal.type = 'workload'",
        "request.principal.namespace = 'kube-system'",
        "request.principal.service_account = 'cluster-autoscaler'",
        f"request.principal.cluster_id = '{cluster_id}'",
    )
    place = f"compartment id {member.compartment_id}"
    return tuple(
        f"Allow any-user to {grant} in {place} where {condition}" for grant in _AUTOSCALER_GRANTS
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
    # The program makes security groups and routes there, for whoever deploys.
    yield f"Allow group <deployers> to {_NETWORK_GRANT} in compartment id {network}"
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


def _all(*conditions: str) -> str:
    return f"ALL {{{', '.join(conditions)}}}"
