"""Remote peering connections: two of them, in two regions, become one link."""

from __future__ import annotations

from typing import TypeGuard

from lab.cloud.authority import REGIONS
from lab.cloud.core import drg as drgs
from lab.cloud.core.records import (
    PEERING_TYPE,
    Drg,
    DrgAttachment,
    DrgNetwork,
    RemotePeeringConnection,
)
from lab.cloud.errors import incorrect_state, invalid
from lab.cloud.ids import TENANCY_ID
from lab.cloud.lifecycle import polls
from lab.cloud.records import Resource
from lab.cloud.store import Store

NEW, PENDING, PEERED, REVOKED, INVALID = "NEW", "PENDING", "PEERED", "REVOKED", "INVALID"


def create_connection(store: Store, connection: RemotePeeringConnection) -> None:
    drg = store.live(Drg, connection.drg_id, connection.region)
    attachment = DrgAttachment(
        region=drg.region,
        compartment_id=drg.compartment_id,
        display_name=f"Attachment of {connection.display_name}",
        drg_id=drg.id,
        network_details=DrgNetwork(type=PEERING_TYPE, id=connection.id),
        lifecycle_state="ATTACHED",
    )
    drgs.complete(attachment, drg)
    store.keep(attachment)


def connect(
    store: Store, connection: RemotePeeringConnection, *, peer_id: str, region: str
) -> None:
    """Asks the other side; PENDING turns into PEERED on both, or this side is INVALID."""
    if connection.peering_status != NEW:
        raise incorrect_state(
            f"RemotePeeringConnection {connection.id} is {connection.peering_status}, "
            "only a NEW one can be connected."
        )
    if region not in REGIONS:
        raise invalid(f"peerRegionName '{region}' is not a region.")
    if region == connection.region:
        raise invalid(f"peerRegionName must be another region than {region}.")
    _set_peer(connection, peer_id, region)
    peer = store.records.get(peer_id)
    if _can_peer(peer, region):
        _set_peer(peer, connection.id, connection.region)
        # either side may be the one that is watched, so both count their own reads
        for side in (connection, peer):
            side.pass_through("peering_status", (PENDING, PEERED), polls(1))
    else:
        connection.peering_status = INVALID
    store.touch()


def delete_connection(store: Store, connection: RemotePeeringConnection) -> None:
    peer = store.records.get(connection.peer_id or "")
    if isinstance(peer, RemotePeeringConnection) and peer.peer_id == connection.id:
        peer.pending = [p for p in peer.pending if p.field != "peering_status"]
        peer.peering_status = REVOKED
        peer.revision += 1
    for attachment in store.find(DrgAttachment, where=lambda r: r.network_id == connection.id):
        store.drop(attachment)


def linked_drgs(store: Store) -> set[tuple[str, str]]:
    """The DRG pairs that a peering joins."""
    pairs = set()
    joined = {
        connection.id: connection
        for connection in store.find(RemotePeeringConnection)
        if connection.peering_status in (PENDING, PEERED)
        and connection.lifecycle_state != "TERMINATING"
    }
    for connection in joined.values():
        peer = joined.get(connection.peer_id or "")
        if peer is not None:
            low, high = sorted((connection.drg_id, peer.drg_id))
            pairs.add((low, high))
    return pairs


def _can_peer(peer: Resource | None, region: str) -> TypeGuard[RemotePeeringConnection]:
    return (
        isinstance(peer, RemotePeeringConnection)
        and peer.live
        and peer.region == region
        and peer.peering_status == NEW
    )


def _set_peer(connection: RemotePeeringConnection, peer_id: str, region: str) -> None:
    connection.peer_id, connection.peer_region_name = peer_id, region
    connection.peer_tenancy_id = TENANCY_ID
    connection.revision += 1
