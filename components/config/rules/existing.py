"""Networks of one's own: what has to come together, and what belongs to one cluster only."""

from collections.abc import Iterator
from typing import Final

from components.config.rules.access import too_wide
from components.config.rules.given import Given, Rule, problem
from components.config.rules.ranges import absent_remedy
from components.errors import Problem
from components.plan.subnets import subnet_roles
from components.settings.clusters import ClusterSettings, ExistingVcn, Role
from components.settings.mesh import Exposure
from components.settings.stack import Backbone
from components.settings.types import ocid_region


def _networks(given: Given) -> Iterator[tuple[str, ClusterSettings, ExistingVcn]]:
    for key, cluster in given.clusters.items():
        if cluster.existing is not None:
            yield key, cluster, cluster.existing


def _subnets_of_an_existing_vcn(given: Given) -> Iterator[Problem]:
    for key, cluster, network in _networks(given):
        roles = subnet_roles(cluster, given.has_operator(key))
        ids, ranges = network.subnets.given(), cluster.subnets.given()
        for role in roles if network.vcn_id else ():
            if role not in ids:
                yield problem(
                    f"clusters.{key}.existing.subnets.{role}",
                    "is missing beside existing.vcnId",
                    got=None,
                    remedy="give the OCID of the subnet",
                )
            if role not in ranges:
                yield problem(
                    f"clusters.{key}.subnets.{role}",
                    "is missing for an existing subnet",
                    got=None,
                    remedy="give the range of the subnet, which the rules of the peers need",
                )


def _subnets_without_use(given: Given) -> Iterator[Problem]:
    for key, cluster, network in _networks(given):
        roles = subnet_roles(cluster, given.has_operator(key))
        for role, ocid in network.subnets.given().items():
            location = f"clusters.{key}.existing.subnets.{role}"
            if network.vcn_id is None:
                yield problem(
                    location,
                    "is of a VCN that is not given",
                    got=ocid,
                    remedy="give existing.vcnId too, or remove it",
                )
            elif role not in roles:
                yield problem(
                    location,
                    "is a subnet that this cluster does not use",
                    got=ocid,
                    remedy=absent_remedy(key, role),
                )


def _callers(given: Given) -> Iterator[Problem]:
    """A public gateway lets in those that it knows, never the world."""
    is_public = given.settings.mesh.east_west.exposure is Exposure.PUBLIC
    for key, cluster, network in _networks(given):
        location = f"clusters.{key}.existing.egressCidrs"
        calls = cluster.role is Role.REMOTE or given.spans_networks
        needs = is_public and given.settings.mesh.enabled and calls
        if network.egress_cidrs and network.vcn_id is None:
            yield problem(
                location,
                "is of a VCN that is not given",
                got=network.egress_cidrs,
                remedy="remove it; the NAT gateway that the program makes is known",
            )
        elif needs and network.vcn_id and not network.egress_cidrs:
            yield problem(
                location,
                "is missing while mesh.eastWest.exposure is public",
                got=None,
                remedy="give the address of the VCN's NAT gateway, which other clusters let in",
            )
        yield from too_wide(location, network.egress_cidrs, "east-west gateways")


def _used_once(given: Given) -> Iterator[Problem]:
    """A VCN or subnet that two settings name would get two sets of routes and rules."""
    taken: dict[str, str] = {}
    for key, _, network in _networks(given):
        own: dict[str, str | None] = {f"clusters.{key}.existing.vcnId": network.vcn_id}
        for role, subnet_id in network.subnets.given().items():
            own[f"clusters.{key}.existing.subnets.{role}"] = subnet_id
        for location, ocid in own.items():
            if ocid is None:
                continue
            if ocid in taken:
                yield problem(
                    location, f"is the same as {taken[ocid]}", got=ocid, remedy="give each its own"
                )
            taken.setdefault(ocid, location)


def _one_drg_per_region(given: Given) -> Iterator[Problem]:
    first: dict[str, tuple[str, str]] = {}
    for key, cluster, network in _networks(given):
        if network.drg_id is None:
            continue
        other, drg_id = first.setdefault(cluster.region, (key, network.drg_id))
        if drg_id != network.drg_id:
            yield problem(
                f"clusters.{key}.existing.drgId",
                f"differs from clusters.{other}.existing.drgId in {cluster.region}",
                got=network.drg_id,
                remedy="give the one DRG of the region, in which its clusters meet",
            )


def _one_region_per_drg(given: Given) -> Iterator[Problem]:
    first: dict[str, tuple[str, str]] = {}
    for key, cluster, network in _networks(given):
        if network.drg_id is None:
            continue
        other, region = first.setdefault(network.drg_id, (key, cluster.region))
        if region != cluster.region:
            yield problem(
                f"clusters.{key}.existing.drgId",
                f"is the DRG of clusters.{other} in {region}",
                got=network.drg_id,
                remedy=f"give a DRG in {cluster.region}",
            )


def _route_table_of_an_attachment(given: Given) -> Iterator[Problem]:
    for key, _, network in _networks(given):
        if network.drg_route_table_id and (network.vcn_id or not network.drg_id):
            yield problem(
                f"clusters.{key}.existing.drgRouteTableId",
                "is for an attachment that the program does not make"
                if network.drg_id
                else "is of a DRG that is not given",
                got=network.drg_route_table_id,
                remedy="set it at the attachment of your VCN, and remove it here"
                if network.drg_id
                else "give existing.drgId too, or remove it",
            )


def _backbone_of_ones_own(given: Given) -> Iterator[Problem]:
    if given.settings.backbone is Backbone.PEERINGS:
        return
    regions = {cluster.region for cluster in given.clusters.values()}
    if len(regions) == 1:
        yield problem(
            "backbone",
            "has no effect in a mesh of one region",
            got=Backbone.NONE,
            remedy="remove it",
        )
        return
    brought = {cluster.region for _, cluster, network in _networks(given) if network.drg_id}
    for key, cluster in given.clusters.items():
        if cluster.region not in brought:
            yield problem(
                f"clusters.{key}.existing.drgId",
                f"is missing with backbone {Backbone.NONE}",
                got=None,
                remedy=f"give the DRG of {cluster.region} that is joined to the others, or "
                f"set backbone to {Backbone.PEERINGS}",
            )


def _regions_of_ocids(given: Given) -> Iterator[Problem]:
    """Most OCIDs name their region, so that a mix-up is seen before anything is asked for."""
    for key, cluster in given.clusters.items():
        for location, ocid in (*regional_ocids(key, cluster), *image_of_operator(key, given)):
            region = ocid_region(ocid)
            if region not in {None, cluster.region}:
                yield problem(
                    location,
                    f"is in {region}, but the cluster is in {cluster.region}",
                    got=ocid,
                    remedy="give an OCID of the cluster's region",
                )


def regional_ocids(key: str, cluster: ClusterSettings) -> Iterator[tuple[str, str]]:
    """Yield the place and the OCID of everything that a cluster brings from its region."""
    location = f"clusters.{key}"
    network = cluster.existing or ExistingVcn()
    if network.vcn_id:
        yield f"{location}.existing.vcnId", network.vcn_id
    if network.drg_id:
        yield f"{location}.existing.drgId", network.drg_id
    for role, ocid in network.subnets.given().items():
        yield f"{location}.existing.subnets.{role}", ocid
    if cluster.kms_key_id:
        yield f"{location}.kmsKeyId", cluster.kms_key_id
    yield from _of_pools(location, cluster)
    for index, ocid in enumerate(cluster.image_key_ids):
        yield f"{location}.imageKeyIds[{index}]", ocid


def _of_pools(location: str, cluster: ClusterSettings) -> Iterator[tuple[str, str]]:
    for name, pool in cluster.node_pools.items():
        own = {
            "image.id": pool.image.id,
            "bootVolumeKeyId": pool.boot_volume_key_id,
            "capacityReservationId": pool.capacity_reservation_id,
        }
        for place, ocid in own.items():
            if ocid:
                yield f"{location}.nodePools.{name}.{place}", ocid


def image_of_operator(key: str, given: Given) -> Iterator[tuple[str, str]]:
    """Yield the place and the OCID of the host's image, where the host is in the cluster `key`."""
    access = given.settings.access
    own = {"imageId": access.image_id, "bootVolumeKeyId": access.boot_volume_key_id}
    for place, ocid in own.items():
        if given.has_operator(key) and ocid:
            yield f"access.{place}", ocid


RULES: Final[tuple[Rule, ...]] = (
    _callers,
    _subnets_of_an_existing_vcn,
    _subnets_without_use,
    _used_once,
    _one_drg_per_region,
    _one_region_per_drg,
    _route_table_of_an_attachment,
    _backbone_of_ones_own,
    _regions_of_ocids,
)
