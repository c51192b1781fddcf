"""Remote peering connections: two of them, in two regions, become one link."""

from __future__ import annotations

from lab.cloud.authority import REGIONS
from lab.cloud.core import drg as drgs
from lab.cloud.core.vcn import in_region
from lab.cloud.errors import incorrect_state, invalid
from lab.cloud.ids import TENANCY_ID
from lab.cloud.lifecycle import polls
from lab.cloud.router import Call
from lab.cloud.store import Json, Record, Store

NEW, PENDING, PEERED, REVOKED, INVALID = "NEW", "PENDING", "PEERED", "REVOKED", "INVALID"


def create_connection(store: Store, call: Call, body: Json) -> Record:
    drg = in_region(store, "drg", body["drgId"], region=call.region)
    connection = store.create(
        "remotepeeringconnection",
        call.region,
        {"isCrossTenancyPeering": False, "peeringStatus": NEW, **body},
    )
    name = f"Attachment of {body['displayName']}"
    network = {"type": drgs.PEERING, "id": connection.id}
    attachment = drgs.attach(store, drg, network, body={"displayName": name})
    attachment.body["lifecycleState"] = "ATTACHED"
    return connection


def connect(store: Store, connection: Record, wanted: Json) -> None:
    """Asks the other side; PENDING turns into PEERED on both, or this side is INVALID."""
    if connection.body["peeringStatus"] != NEW:
        raise incorrect_state(
            f"RemotePeeringConnection {connection.id} is {connection.body['peeringStatus']}, "
            "only a NEW one can be connected."
        )
    region = wanted["peerRegionName"]
    if region not in REGIONS:
        raise invalid(f"peerRegionName '{region}' is not a region.")
    if region == connection.region:
        raise invalid(f"peerRegionName must be another region than {region}.")
    _set_peer(connection, wanted["peerId"], region)
    peer = store.records.get(wanted["peerId"])
    if not _can_peer(peer, region) or peer is None:
        connection.body["peeringStatus"] = INVALID
    else:
        _set_peer(peer, connection.id, connection.region)
        # either side may be the one that is watched, so both count their own reads
        for side in (connection, peer):
            side.pass_through("peeringStatus", (PENDING, PEERED), polls(1))
    store.touch()


def delete_connection(store: Store, connection: Record) -> None:
    peer = store.records.get(connection.body.get("peerId", ""))
    if peer is not None and peer.body.get("peerId") == connection.id:
        peer.pending = [p for p in peer.pending if p.field != "peeringStatus"]
        peer.body["peeringStatus"] = REVOKED
        peer.revision += 1
    for attachment in store.find(
        "drgattachment", where=lambda r: r.hidden["networkId"] == connection.id
    ):
        store.drop(attachment)


def linked_drgs(store: Store) -> set[tuple[str, str]]:
    """The DRG pairs that a peering joins."""
    pairs = set()
    joined = {
        connection.id: connection
        for connection in store.find("remotepeeringconnection")
        if connection.body["peeringStatus"] in (PENDING, PEERED)
        and connection.state != "TERMINATING"
    }
    for connection in joined.values():
        peer = joined.get(connection.body["peerId"])
        if peer is not None:
            low, high = sorted((connection.body["drgId"], peer.body["drgId"]))
            pairs.add((low, high))
    return pairs


def _can_peer(peer: Record | None, region: str) -> bool:
    return (
        peer is not None
        and peer.live
        and peer.kind == "remotepeeringconnection"
        and peer.region == region
        and peer.body["peeringStatus"] == NEW
    )


def _set_peer(connection: Record, peer_id: str, region: str) -> None:
    connection.body |= {
        "peerId": peer_id,
        "peerRegionName": region,
        "peerTenancyId": TENANCY_ID,
    }
    connection.revision += 1
