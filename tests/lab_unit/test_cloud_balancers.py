"""The load balancer API, and the vendor's command line in front of the cloud."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import oci
import pytest

from lab.cloud.ids import COMPARTMENT_ID
from lab.daemon import balancer_seconds
from lab.errors import LabError
from tests.lab_unit.cloud_fixtures import Lab, refusal

ServiceError = oci.exceptions.ServiceError
M = oci.load_balancer.models


def _details(subnet: Any, **more: Any) -> Any:
    checker = M.HealthCheckerDetails(protocol="TCP", port=80)
    backend = M.BackendDetails(ip_address="10.0.1.9", port=8080)
    chosen = M.BackendSetDetails(policy="ROUND_ROBIN", health_checker=checker, backends=[backend])
    listener = M.ListenerDetails(default_backend_set_name="set", port=80, protocol="TCP")
    shape = M.ShapeDetails(minimum_bandwidth_in_mbps=10, maximum_bandwidth_in_mbps=100)
    values = {
        "compartment_id": COMPARTMENT_ID,
        "display_name": "mine",
        "shape_name": "flexible",
        "shape_details": shape,
        "is_private": True,
        "subnet_ids": [subnet.id],
        "backend_sets": {"set": chosen},
        "listeners": {"http": listener},
        **more,
    }
    return M.CreateLoadBalancerDetails(**values)


@pytest.fixture
def subnet(lab: Lab) -> Any:
    return lab.subnet(lab.vcn(), "10.0.1.0/24")


@pytest.fixture
def balancer(lab: Lab, subnet: Any) -> Any:
    lab.balancers().create_load_balancer(_details(subnet))
    lab.settle()
    return lab.balancers().list_load_balancers(COMPARTMENT_ID).data[0]


def test_a_work_request_ends_with_the_load_balancer(lab: Lab, subnet: Any) -> None:
    answer = lab.balancers().create_load_balancer(_details(subnet))
    id_ = answer.headers["opc-work-request-id"]
    before = lab.balancers().get_work_request(id_).data.lifecycle_state
    lab.settle()
    after = lab.balancers().get_work_request(id_).data.lifecycle_state
    assert (before, after) == ("IN_PROGRESS", "SUCCEEDED")


def test_a_load_balancer_takes_as_long_as_the_lab_was_told(
    lab: Lab, subnet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> str:
        lab.settle()
        return str(lab.balancers().list_load_balancers(COMPARTMENT_ID).data[0].lifecycle_state)

    monkeypatch.setattr(lab.running.worker, "balancer_seconds", 60.0)
    lab.balancers().create_load_balancer(_details(subnet))
    early = state()
    monkeypatch.setattr(lab.running.worker, "balancer_seconds", 0.0)
    assert (early, state()) == ("CREATING", "ACTIVE")


def test_the_time_of_a_load_balancer_comes_from_the_environment() -> None:
    assert balancer_seconds({}) == 0
    assert balancer_seconds({"OKE_MESH_LAB_LB_SECONDS": "20"}) == 20
    with pytest.raises(LabError) as caught:
        balancer_seconds({"OKE_MESH_LAB_LB_SECONDS": "soon"})
    assert str(caught.value) == (
        "OKE_MESH_LAB_LB_SECONDS: is not a number of seconds, got 'soon'; unset it"
    )


def test_a_backend_is_named_by_address_and_port(lab: Lab, balancer: Any) -> None:
    backends = lab.balancers().list_backends(balancer.id, "set").data
    assert [backend.name for backend in backends] == ["10.0.1.9:8080"]


def test_a_backend_is_well_when_the_machines_say_so(lab: Lab, balancer: Any) -> None:
    health = lab.balancers().get_backend_health(balancer.id, "set", "10.0.1.9:8080").data
    assert health.status == "OK"


def test_a_new_backend_is_unknown_until_it_is_seen(lab: Lab, balancer: Any) -> None:
    details = M.CreateBackendDetails(ip_address="10.0.1.10", port=8080)
    lab.balancers().create_backend(details, balancer.id, "set")
    health = lab.balancers().get_backend_set_health(balancer.id, "set").data
    assert (health.status, health.unknown_state_backend_names) == ("CRITICAL", ["10.0.1.10:8080"])


def test_a_removed_listener_is_no_longer_forwarded(lab: Lab, balancer: Any) -> None:
    lab.balancers().delete_listener(balancer.id, "http")
    lab.settle()
    assert lab.machines.estates[-1].load_balancers[0].listeners == ()


def test_a_backend_set_in_use_cannot_be_deleted(lab: Lab, balancer: Any) -> None:
    with pytest.raises(ServiceError) as fault:
        lab.balancers().delete_backend_set(balancer.id, "set")
    assert refusal(fault)[2] == "Backend set set is used by listener http."


def test_a_fixed_shape_is_refused(lab: Lab, subnet: Any) -> None:
    with pytest.raises(ServiceError) as fault:
        lab.balancers().create_load_balancer(_details(subnet, shape_name="100Mbps"))
    assert refusal(fault)[2] == ("shapeName '100Mbps' cannot be created any more; use flexible.")


def test_bandwidth_has_bounds(lab: Lab, subnet: Any) -> None:
    shape = M.ShapeDetails(minimum_bandwidth_in_mbps=10, maximum_bandwidth_in_mbps=9000)
    with pytest.raises(ServiceError) as fault:
        lab.balancers().create_load_balancer(_details(subnet, shape_details=shape))
    assert refusal(fault)[2] == (
        "shapeDetails must be 10 <= minimum <= maximum <= 8000 Mbps, got 10 and 9000."
    )


def test_a_refused_load_balancer_leaves_nothing(lab: Lab) -> None:
    private = lab.subnet(lab.vcn(), "10.0.1.0/24", prohibit_public_ip_on_vnic=True)
    with pytest.raises(ServiceError):
        lab.balancers().create_load_balancer(_details(private, is_private=False))
    assert lab.balancers().list_load_balancers(COMPARTMENT_ID).data == []


def test_a_deleted_load_balancer_frees_its_subnet(lab: Lab, subnet: Any, balancer: Any) -> None:
    lab.balancers().delete_load_balancer(balancer.id)
    lab.settle()
    assert lab.network().delete_subnet(subnet.id).status == 204


def test_the_vendors_command_line_works(lab: Lab) -> None:
    vcn = lab.vcn()
    command = Path(sys.executable).parent / "oci"
    arguments = ["network", "vcn", "list", "--compartment-id", COMPARTMENT_ID]
    answer = subprocess.run(  # noqa: S603 - our own words
        [command, *arguments], capture_output=True, check=True, text=True
    )
    assert [found["id"] for found in json.loads(answer.stdout)["data"]] == [vcn.id]
