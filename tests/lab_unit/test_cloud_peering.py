"""DRGs and remote peering between two regions."""

from __future__ import annotations

from typing import Any

import oci
import pytest

from lab.cloud.ids import COMPARTMENT_ID
from lab.hosts.spec import Peering
from tests.lab_unit.cloud_fixtures import OTHER_REGION, REGION, Lab, refusal

ServiceError = oci.exceptions.ServiceError
M = oci.core.models


def _drg(lab: Lab, region: str = REGION) -> Any:
    client = lab.network(region)
    drg = client.create_drg(M.CreateDrgDetails(compartment_id=COMPARTMENT_ID)).data
    client.get_drg(drg.id)
    return client.get_drg(drg.id).data


def _attach(lab: Lab, drg: Any, vcn: Any) -> Any:
    network = M.VcnDrgAttachmentNetworkCreateDetails(id=vcn.id)
    details = M.CreateDrgAttachmentDetails(drg_id=drg.id, network_details=network)
    return lab.network().create_drg_attachment(details).data


def _connection(lab: Lab, drg: Any, region: str = REGION) -> Any:
    details = M.CreateRemotePeeringConnectionDetails(compartment_id=COMPARTMENT_ID, drg_id=drg.id)
    return lab.network(region).create_remote_peering_connection(details).data


def _connect(lab: Lab, mine: Any, theirs: Any, *, region: str = OTHER_REGION) -> None:
    details = M.ConnectRemotePeeringConnectionsDetails(peer_id=theirs.id, peer_region_name=region)
    lab.network().connect_remote_peering_connections(mine.id, details)


def _status(lab: Lab, connection: Any, region: str = REGION) -> str:
    found = lab.network(region).get_remote_peering_connection(connection.id)
    return str(found.data.peering_status)


@pytest.fixture
def pair(lab: Lab) -> tuple[Any, Any]:
    here = _connection(lab, _drg(lab))
    return here, _connection(lab, _drg(lab, OTHER_REGION), OTHER_REGION)


def test_a_drg_has_a_route_table_for_vcns_and_one_for_the_rest(lab: Lab) -> None:
    drg = _drg(lab)
    tables = lab.network().list_drg_route_tables(drg.id).data
    defaults = drg.default_drg_route_tables
    assert [table.id for table in tables] == [defaults.vcn, defaults.remote_peering_connection]


def test_a_drg_has_no_connection_to_be_redundant(lab: Lab) -> None:
    """Asked by the vendor's plugin after each read of a DRG."""
    status = lab.network().get_drg_redundancy_status(_drg(lab).id).data
    assert status.status == "NOT_REDUNDANT_NO_CONNECTION"


def test_a_vcn_is_attached_once(lab: Lab) -> None:
    vcn, drg = lab.vcn(), _drg(lab)
    _attach(lab, drg, vcn)
    with pytest.raises(ServiceError) as fault:
        _attach(lab, _drg(lab), vcn)
    assert refusal(fault) == (
        409,
        "IncorrectState",
        f"VCN {vcn.id} is already attached to DRG {drg.id}.",
    )


def test_vcns_behind_one_drg_may_not_overlap(lab: Lab) -> None:
    first, second, drg = lab.vcn(), lab.vcn("10.0.128.0/17"), _drg(lab)
    _attach(lab, drg, first)
    with pytest.raises(ServiceError) as fault:
        _attach(lab, drg, second)
    assert refusal(fault)[2] == (
        f"VCN {second.id} (10.0.128.0/17) overlaps VCN {first.id} (10.0.0.0/16), "
        f"which is attached to the same DRG {drg.id}."
    )


def test_an_attachment_is_attached_after_a_while(lab: Lab) -> None:
    made = _attach(lab, _drg(lab), lab.vcn())
    states = [lab.network().get_drg_attachment(made.id).data.lifecycle_state for _ in range(2)]
    assert [made.lifecycle_state, *states] == ["ATTACHING", "ATTACHING", "ATTACHED"]


def test_an_attachment_shows_its_network(lab: Lab) -> None:
    vcn = lab.vcn()
    made = _attach(lab, _drg(lab), vcn)
    assert (made.network_details.id, made.network_details.vcn_route_type) == (
        vcn.id,
        "SUBNET_CIDRS",
    )


def test_a_drg_with_an_attachment_cannot_be_deleted(lab: Lab) -> None:
    drg = _drg(lab)
    made = _attach(lab, drg, lab.vcn())
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_drg(drg.id)
    assert refusal(fault)[2].startswith(f"The DRG {drg.id} references the DrgAttachment {made.id}.")


def test_a_drgs_attachments_are_found_by_kind(lab: Lab) -> None:
    drg = _drg(lab)
    connection = _connection(lab, drg)
    found = lab.network().list_drg_attachments(
        COMPARTMENT_ID, drg_id=drg.id, attachment_type="REMOTE_PEERING_CONNECTION"
    )
    assert [a.network_details.id for a in found.data] == [connection.id]


def test_a_pair_is_pending_and_then_peered(lab: Lab, pair: tuple[Any, Any]) -> None:
    before = _status(lab, pair[0])
    _connect(lab, *pair)
    assert [before, _status(lab, pair[0]), _status(lab, pair[0])] == ["NEW", "PENDING", "PEERED"]


def test_the_accepting_side_is_peered_too(lab: Lab, pair: tuple[Any, Any]) -> None:
    _connect(lab, *pair)
    _status(lab, pair[1], OTHER_REGION)
    found = lab.network(OTHER_REGION).get_remote_peering_connection(pair[1].id).data
    assert (found.peering_status, found.peer_id, found.peer_region_name) == (
        "PEERED",
        pair[0].id,
        REGION,
    )


def test_a_deleted_side_leaves_the_other_revoked(lab: Lab, pair: tuple[Any, Any]) -> None:
    _connect(lab, *pair)
    lab.network().delete_remote_peering_connection(pair[0].id)
    assert _status(lab, pair[1], OTHER_REGION) == "REVOKED"


def test_a_revoked_side_makes_the_next_invalid(lab: Lab, pair: tuple[Any, Any]) -> None:
    _connect(lab, *pair)
    lab.network().delete_remote_peering_connection(pair[0].id)
    fresh = _connection(lab, _drg(lab))
    _connect(lab, fresh, pair[1])
    assert _status(lab, fresh) == "INVALID"


def test_a_peered_connection_is_not_connected_again(lab: Lab, pair: tuple[Any, Any]) -> None:
    _connect(lab, *pair)
    with pytest.raises(ServiceError) as fault:
        _connect(lab, *pair)
    assert refusal(fault)[1:] == (
        "IncorrectState",
        f"RemotePeeringConnection {pair[0].id} is PENDING, only a NEW one can be connected.",
    )


def test_a_peer_is_in_another_region(lab: Lab, pair: tuple[Any, Any]) -> None:
    with pytest.raises(ServiceError) as fault:
        _connect(lab, *pair, region=REGION)
    assert refusal(fault)[2] == f"peerRegionName must be another region than {REGION}."


def test_the_machines_join_peered_drgs(lab: Lab, pair: tuple[Any, Any]) -> None:
    _connect(lab, *pair)
    lab.settle()
    drgs = sorted(connection.drg_id for connection in pair)
    assert lab.machines.estates[-1].peerings == (Peering(drg_ids=(drgs[0], drgs[1])),)


def test_the_machines_part_revoked_drgs(lab: Lab, pair: tuple[Any, Any]) -> None:
    _connect(lab, *pair)
    lab.network().delete_remote_peering_connection(pair[0].id)
    lab.settle()
    assert lab.machines.estates[-1].peerings == ()
