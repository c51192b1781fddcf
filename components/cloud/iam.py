"""The IAM statements that the settings need, for an administrator to copy; pure.

They are printed, never created: who deploys clusters is rarely who may write policies.
Sources: https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengpolicyconfig.htm,
https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengaboutaccesscontrol.htm,
https://docs.oracle.com/iaas/Content/Identity/policyreference/corepolicyreference.htm,
https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengusingclusterautoscaler.htm,
https://docs.oracle.com/iaas/Content/Identity/policyreference/dnspolicyreference.htm,
https://docs.oracle.com/iaas/Content/Identity/Reference/healthcheckpolicyreference.htm,
https://docs.oracle.com/iaas/Content/Billing/Concepts/budgetsoverview.htm,
https://docs.oracle.com/iaas/Content/Security/Reference/monitoring_security.htm and
https://docs.oracle.com/iaas/Content/Identity/dynamicgroups/Writing_Matching_Rules_to_Define_Dynamic_Groups.htm
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from components.plan.plan import Member, Plan
from components.settings.clusters import Cni
from components.settings.oci import Auth
from components.settings.stack import Settings

# Clusters with pools and add-ons, nodes and the operator host; and in the network: VCNs with all
# that is in them, DRGs and remote peering.
_OWN_GRANTS: Final = ("manage cluster-family", "manage instance-family")
_NETWORK_GRANT: Final = "manage virtual-network-family"

# What the add-on does with a pool, for the workload identity that it signs in with, and which of
# it is done where the network lies.
_AUTOSCALER_NETWORK_GRANTS: Final = ("use subnets", "read virtual-network-family", "use vnics")
_AUTOSCALER_GRANTS: Final = (
    "manage cluster-node-pools",
    "manage instance-family",
    *_AUTOSCALER_NETWORK_GRANTS,
    "inspect compartments",
)

# What a cluster does in a network that lies in another compartment.
_ACROSS_GRANTS: Final = ("use network-security-groups", "use subnets", "use vnics")
_NATIVE_ACROSS_GRANTS: Final = ("manage instances", "use private-ips")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What Oracle Cloud alone knows; before something is made, words stand in its place."""

    networks: Mapping[str, str]
    """The compartment of each cluster's VCN, by the cluster's key."""
    cluster_ids: Mapping[str, str]
    host_id: str
    """Of the operator host, where there is one."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one of those who act needs."""

    who: str
    statements: tuple[str, ...]


def needs(settings: Settings, plan: Plan, *, group: str, known: Known) -> tuple[Need, ...]:
    """Return everything that the settings need, by who needs it.

    Args:
        settings: The settings.
        plan: Of the settings.
        group: Name for the dynamic group of the operator host.
        known: What the settings do not say.
    """
    clusters = (
        need
        for key, member in plan.members.items()
        for need in (
            Need(f"OKE, for clusters.{key}", oke_statements(settings, member, known.networks[key])),
            Need(
                f"the autoscaler of clusters.{key}",
                autoscaler_statements(member, known.cluster_ids[key], network=known.networks[key]),
            ),
        )
    )
    found = (
        Need("whoever deploys", deployer_statements(settings, plan, known.networks)),
        *clusters,
        Need(
            "the operator host",
            operator_statements(settings, plan, group=group, host_id=known.host_id),
        ),
    )
    return tuple(need for need in found if need.statements)


def deployer_statements(
    settings: Settings, plan: Plan, networks: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what whoever deploys needs, with `<deployers>` for the name of their group.

    `networks` has the compartments of the VCNs, in which the program makes groups and routes.
    """
    who = deployers(settings.oci.auth)
    own = sorted({member.compartment_id for member in plan.members.values()})
    # DRGs and remote peering are in the compartment of the document `oci`.
    network = sorted({*own, *networks.values(), settings.oci.compartment_id})
    return (
        f"Allow {who} to inspect compartments in tenancy",
        *(f"Allow {who} to {grant} in compartment id {c}" for c in own for grant in _OWN_GRANTS),
        *(f"Allow {who} to {_NETWORK_GRANT} in compartment id {c}" for c in network),
        *_logs(who, plan),
        *_host_key(who, settings),
        *_names(who, settings),
        *_budget(who, settings),
        *_alarms(who, settings, own),
        *(
            f"Allow {who} to use tag-namespaces in tenancy where {_namespace(name)}"
            for name in _namespaces(settings.defined_tags, settings.access.defined_tags)
        ),
    )


def _logs(who: str, plan: Plan) -> Iterator[str]:
    logged = {m.compartment_id for m in plan.members.values() if m.settings.flow_log_days}
    for compartment in sorted(logged):
        yield f"Allow {who} to manage log-groups in compartment id {compartment}"


def _host_key(who: str, settings: Settings) -> Iterator[str]:
    key = settings.access.boot_volume_key_id
    if key:
        yield _volumes_use(key)
        yield f"Allow {who} to use key-delegates in tenancy where target.key.id = '{key}'"


def _names(who: str, settings: Settings) -> Iterator[str]:
    """Yield what leads names to the gateways: all of ours, and of DNS the one zone.

    An attachment is made by the right to use its zone, and lies in the zone's compartment.
    """
    dns = settings.steered
    if dns is None:
        return
    for grant in ("manage health-check-monitor", "manage dns-steering-policies"):
        yield f"Allow {who} to {grant} in compartment id {settings.oci.compartment_id}"
    for grant in ("use dns-zones", "use dns-records"):
        yield f"Allow {who} to {grant} in tenancy where target.dns-zone.name = '{dns.zone}'"
    yield f"Allow {who} to read dns-steering-policy-attachments in tenancy"


def _budget(who: str, settings: Settings) -> Iterator[str]:
    """Yield what makes a budget; it lies in the root compartment, whatever it counts."""
    if settings.budget:
        yield f"Allow {who} to inspect tenancies in tenancy"
        yield f"Allow {who} to manage usage-budgets in tenancy"


def _alarms(who: str, settings: Settings, own: Iterable[str]) -> Iterator[str]:
    """Yield what makes alarms, and lets them read the metrics of clusters and DRGs."""
    if settings.alarms is None:
        return
    place = settings.oci.compartment_id
    for grant in ("manage alarms", "manage ons-topics", "manage ons-subscriptions"):
        yield f"Allow {who} to {grant} in compartment id {place}"
    for compartment in sorted({*own, place}):
        yield f"Allow {who} to read metrics in compartment id {compartment}"


def deployers(auth: Auth) -> str:
    """Return who deploys as a statement names them: machines are in a dynamic group."""
    is_machine = auth in {Auth.INSTANCE_PRINCIPAL, Auth.RESOURCE_PRINCIPAL}
    return f"{'dynamic-group' if is_machine else 'group'} <deployers>"


def oke_statements(settings: Settings, member: Member, network: str) -> tuple[str, ...]:
    """Return what OKE needs to make a cluster and what belongs to it; with every default nothing.

    `network` is the compartment of the VCN, which may be one that the settings bring.
    """
    return (*_across(member, network), *_key(member), *_tags(settings, member))


def autoscaler_statements(member: Member, cluster_id: str, *, network: str) -> tuple[str, ...]:
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
    places: dict[str, tuple[str, ...]] = {member.compartment_id: _AUTOSCALER_GRANTS}
    if network != member.compartment_id:
        places[network] = _AUTOSCALER_NETWORK_GRANTS
    return tuple(
        f"Allow any-user to {grant} in compartment id {place} where {condition}"
        for place, grants in places.items()
        for grant in grants
    )


def operator_statements(
    settings: Settings, plan: Plan, *, group: str, host_id: str
) -> tuple[str, ...]:
    """Return the dynamic group of the operator host, and its statements; nothing without a host.

    The host signs in as itself to every cluster, so that no user's key lies on it. It may use
    clusters: what it may do inside of them is for their role bindings to say.
    """
    host = plan.operator
    if host is None:
        return ()
    compartments = sorted({member.compartment_id for member in plan.members.values()})
    rule = _all(*_matching(settings.access.defined_tags, host.compartment_id, host_id))
    return (
        f"Dynamic group {group}, matching rule: {rule}",
        *(
            f"Allow dynamic-group {group} to use clusters in compartment id {compartment}"
            for compartment in compartments
        ),
    )


def _matching(tags: Mapping[str, str], compartment_id: str, host_id: str) -> Iterator[str]:
    """Yield what makes a host a member of its group.

    Tags of its own outlive the host: the next one bears them too. Those that the whole stack
    bears will not do, for its nodes bear them too, and freeform ones cannot be matched.
    """
    if not tags:
        yield f"instance.id = '{host_id}'"
        return
    yield f"instance.compartment.id = '{compartment_id}'"
    for name, value in sorted(tags.items()):
        yield f"tag.{name}.value = '{value}'"


def _across(member: Member, network: str) -> Iterator[str]:
    if network == member.compartment_id:
        return
    condition = _cluster_of(member)
    is_native = member.settings.cni is Cni.VCN_NATIVE
    for grant in _ACROSS_GRANTS + (_NATIVE_ACROSS_GRANTS if is_native else ()):
        # The nodes are in the cluster's compartment, everything else of this in the network's.
        place = member.compartment_id if grant == "manage instances" else network
        yield f"Allow any-user to {grant} in compartment id {place} where {_all(*condition)}"


def _key(member: Member) -> Iterator[str]:
    if member.settings.kms_key_id:
        condition = _all(
            "request.principal.type = 'cluster'",
            f"target.key.id = '{member.settings.kms_key_id}'",
        )
        yield f"Allow any-user to use keys in tenancy where {condition}"
    pools = member.settings.node_pools.values()
    for key in sorted({pool.boot_volume_key_id for pool in pools if pool.boot_volume_key_id}):
        condition = _all("request.principal.type = 'nodepool'", f"target.key.id = '{key}'")
        yield _volumes_use(key)
        yield f"Allow any-user to use key-delegates in tenancy where {condition}"


def _volumes_use(key: str) -> str:
    return f"Allow service blockstorage to use keys in tenancy where target.key.id = '{key}'"


def _tags(settings: Settings, member: Member) -> Iterator[str]:
    """Yield what OKE needs to tag nodes, load balancers and volumes.

    Oracle asks for it where the namespace is in another compartment than the cluster, which the
    settings do not say.
    """
    for name in _namespaces(settings.defined_tags):
        condition = _all(*_cluster_of(member), _namespace(name))
        yield f"Allow any-user to use tag-namespaces in tenancy where {condition}"


def _cluster_of(member: Member) -> tuple[str, str]:
    return (
        "request.principal.type = 'cluster'",
        f"request.principal.compartment.id = '{member.compartment_id}'",
    )


def _namespaces(*tags: Mapping[str, str]) -> list[str]:
    return sorted({name.partition(".")[0] for some in tags for name in some})


def _namespace(name: str) -> str:
    return f"target.tag-namespace.name = '{name}'"


def _all(*conditions: str) -> str:
    return f"ALL {{{', '.join(conditions)}}}"
