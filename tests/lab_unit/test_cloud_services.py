"""Services of type LoadBalancer: annotations, load balancers, status, events, the end."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import oci
import pytest

from lab.ccm import wanted
from lab.ccm.balancer import Balancers
from lab.ccm.controller import FINALIZER, Controller
from lab.ccm.mirror import Mirror
from lab.cloud.ids import COMPARTMENT_ID
from lab.cloud.records import Json
from lab.hosts.spec import Listener
from tests.lab_unit.cloud_fixtures import Lab
from tests.lab_unit.cloud_services import NODE, service_of

Rule = tuple[str, int]
"""The peer of a rule, and its port."""

SERVICE_PATH = "/api/v1/namespaces/istio-system/services/gateway"


class FakeKube:
    """One Service and its events, changed as an API server would."""

    def __init__(self, service: Json) -> None:
        self.service: Json | None = service
        self.events: list[Json] = []
        self.changes: list[Json] = []

    def get(self, path: str) -> Json:
        items = {
            "/api/v1/services": [self.service] if self.service else [],
            "/api/v1/nodes": [NODE],
        }
        return {"metadata": {"resourceVersion": "1"}, "items": deepcopy(items[path])}

    def watch(self, path: str, version: str) -> Iterator[Json]:
        return iter(self.changes)

    def merge(self, path: str, patch: Json) -> None:
        assert self.service is not None
        assert path.removesuffix("/status") == SERVICE_PATH
        for part in ("metadata", "status"):
            self.service.setdefault(part, {}).update(patch.get(part, {}))
        going = "deletionTimestamp" in self.service["metadata"]
        if going and not self.service["metadata"]["finalizers"]:
            self.service = None

    def create(self, path: str, document: Json) -> None:
        assert path == "/api/v1/namespaces/istio-system/events"
        self.events.append(document)


class Scene:
    """A cluster in the cloud, and the controller with one Service."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        vcn = lab.vcn()
        self.api = lab.subnet(vcn, "10.0.0.0/29")
        self.inside = lab.subnet(
            vcn,
            "10.0.2.0/27",
            prohibit_public_ip_on_vnic=True,
            security_list_ids=[self._list(vcn)],
        )
        self.outside = lab.subnet(vcn, "10.0.3.0/27", security_list_ids=[self._list(vcn)])
        self.workers = lab.subnet(vcn, "10.0.1.0/24", security_list_ids=[self._list(vcn)])
        self.group = (
            lab.network()
            .create_network_security_group(
                oci.core.models.CreateNetworkSecurityGroupDetails(
                    compartment_id=COMPARTMENT_ID, vcn_id=vcn.id
                )
            )
            .data
        )
        self.cluster_id = self._cluster(vcn)
        self.kube = FakeKube({})
        self.controller = Controller(self.kube, Balancers(lab.running.store, self.cluster_id))

    def _list(self, vcn: Any) -> str:
        """A security list without rules."""
        details = oci.core.models.CreateSecurityListDetails(
            compartment_id=COMPARTMENT_ID,
            vcn_id=vcn.id,
            ingress_security_rules=[],
            egress_security_rules=[],
        )
        return str(self.lab.network().create_security_list(details).data.id)

    def _cluster(self, vcn: Any) -> str:
        models = oci.container_engine.models
        details = models.CreateClusterDetails(
            compartment_id=COMPARTMENT_ID,
            vcn_id=vcn.id,
            name="primary-cluster",
            kubernetes_version="v1.36.3",
            endpoint_config=models.CreateClusterEndpointConfigDetails(subnet_id=self.api.id),
        )
        self.lab.engine().create_cluster(details)
        self.lab.settle()
        return str(self.lab.engine().list_clusters(COMPARTMENT_ID).data[0].id)

    def take(self, service: Json) -> None:
        self.kube.service = service
        self.look()

    def look(self) -> None:
        """Passes of the controller, with the machines following in between."""
        for _ in range(5):
            self.controller.services.follow()
            self.controller.nodes.follow()
            for item in self.controller.services.objects():
                self.controller.sync(item)
            self.lab.settle()

    def balancers(self) -> list[Any]:
        return list(self.lab.balancers().list_load_balancers(COMPARTMENT_ID).data)

    def gone(self) -> bool:
        return self.kube.service is None and not self.balancers()

    def messages(self) -> list[str]:
        return [event["message"] for event in self.kube.events]


@pytest.fixture
def scene(lab: Lab) -> Scene:
    return Scene(lab)


def _internal(scene: Scene, **notes: str) -> Json:
    return service_of(internal="true", subnet1=scene.inside.id, **notes)


def test_an_internal_service_gets_an_address_of_its_subnet(scene: Scene) -> None:
    scene.take(_internal(scene))
    assert scene.kube.service is not None
    assert scene.kube.service["status"]["loadBalancer"]["ingress"] == [
        {"ip": "10.0.2.2", "ipMode": "VIP"}
    ]


def test_a_public_service_gets_a_public_address(scene: Scene) -> None:
    scene.take(service_of(subnet1=scene.outside.id))
    assert scene.kube.service is not None
    address = scene.kube.service["status"]["loadBalancer"]["ingress"][0]["ip"]
    assert address.startswith("198.18.128.")


def test_the_load_balancer_shows_in_the_api(scene: Scene) -> None:
    scene.take(_internal(scene))
    found = scene.balancers()[0]
    assert (found.display_name, found.lifecycle_state, list(found.listeners)) == (
        "uid-1",
        "ACTIVE",
        ["TCP-15443"],
    )


def test_the_machines_forward_to_the_nodes_port(scene: Scene) -> None:
    scene.take(_internal(scene))
    assert scene.lab.machines.estates[-1].load_balancers[0].listeners == (
        Listener(
            name="TCP-15443",
            port=15443,
            backends=(("10.0.1.2", 31443),),
            health_port=10256,
            health_path="/healthz",
        ),
    )


def test_the_backends_health_is_what_the_machines_saw(scene: Scene) -> None:
    scene.take(_internal(scene))
    balancer = scene.balancers()[0]
    health = scene.lab.balancers().get_load_balancer_health(balancer.id).data
    assert (health.status, health.total_backend_set_count) == ("OK", 1)


def test_the_service_is_held_until_its_load_balancer_is_gone(scene: Scene) -> None:
    scene.take(_internal(scene))
    assert scene.kube.service is not None
    assert scene.kube.service["metadata"]["finalizers"] == [FINALIZER]


def test_a_deleted_service_takes_its_load_balancer_with_it(scene: Scene) -> None:
    scene.take(_internal(scene))
    assert scene.kube.service is not None
    scene.kube.service["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z"
    scene.look()
    assert scene.gone()


def test_a_service_of_another_type_loses_its_load_balancer(scene: Scene) -> None:
    scene.take(_internal(scene))
    assert scene.kube.service is not None
    scene.kube.service["spec"]["type"] = "ClusterIP"
    scene.look()
    assert scene.kube.service["status"]["loadBalancer"]["ingress"] is None
    assert scene.balancers() == []


def test_groups_are_set_and_changed(scene: Scene) -> None:
    scene.take(_internal(scene))
    assert scene.kube.service is not None
    scene.kube.service["metadata"]["annotations"][wanted.GROUPS] = scene.group.id
    scene.look()
    assert scene.balancers()[0].network_security_group_ids == [scene.group.id]


def test_bandwidth_changes_in_place(scene: Scene) -> None:
    scene.take(_internal(scene))
    before = scene.balancers()[0].id
    scene.take(_internal(scene, shape_flex_max="200"))
    after = scene.balancers()[0]
    assert (after.id, after.shape_details.maximum_bandwidth_in_mbps) == (before, 200)


def test_the_idle_timeout_reaches_the_listener(scene: Scene) -> None:
    scene.take(_internal(scene, connection_idle_timeout="1200"))
    listener = scene.balancers()[0].listeners["TCP-15443"]
    assert listener.connection_configuration.idle_timeout == 1200


def test_a_reserved_address_is_used(scene: Scene) -> None:
    details = oci.core.models.CreatePublicIpDetails(
        compartment_id=COMPARTMENT_ID, lifetime="RESERVED"
    )
    reserved = scene.lab.network().create_public_ip(details).data
    service = service_of(subnet1=scene.outside.id)
    service["spec"]["loadBalancerIP"] = reserved.ip_address
    scene.take(service)
    assert [a.ip_address for a in scene.balancers()[0].ip_addresses] == [reserved.ip_address]


def test_a_reserved_address_is_free_again_afterwards(scene: Scene) -> None:
    details = oci.core.models.CreatePublicIpDetails(
        compartment_id=COMPARTMENT_ID, lifetime="RESERVED"
    )
    reserved = scene.lab.network().create_public_ip(details).data
    service = service_of(subnet1=scene.outside.id)
    service["spec"]["loadBalancerIP"] = reserved.ip_address
    scene.take(service)
    assert scene.kube.service is not None
    scene.kube.service["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z"
    scene.look()
    assert scene.lab.network().get_public_ip(reserved.id).data.lifecycle_state == "AVAILABLE"


def _public(scene: Scene, **more: Any) -> Json:
    """A user's own Service, with nothing said about security lists."""
    service = service_of(subnet1=scene.outside.id)
    del service["metadata"]["annotations"][wanted.SECURITY_MODE]
    service["metadata"]["annotations"] |= more.pop("notes", {})
    service["spec"] |= more
    return service


def _opened(scene: Scene, subnet: Any) -> tuple[list[Rule], list[Rule]]:
    """What the list of a subnet lets in and out, but for what a VCN's own list has."""
    found = scene.lab.network().get_security_list(subnet.security_list_ids[0]).data
    return (
        [_port(rule.source, rule) for rule in found.ingress_security_rules],
        [_port(rule.destination, rule) for rule in found.egress_security_rules],
    )


def _port(peer: str, rule: Any) -> Rule:
    return peer, rule.tcp_options.destination_port_range.min


def test_by_default_the_lists_are_opened_for_a_load_balancer(scene: Scene) -> None:
    scene.take(_public(scene))
    assert _opened(scene, scene.outside) == (
        [("0.0.0.0/0", 15443)],
        [("10.0.1.0/24", 10256), ("10.0.1.0/24", 31443)],
    )
    assert _opened(scene, scene.workers) == ([("10.0.3.0/27", 10256), ("10.0.3.0/27", 31443)], [])
    assert _opened(scene, scene.inside) == ([], [])


def test_only_those_named_may_call(scene: Scene) -> None:
    scene.take(_public(scene, loadBalancerSourceRanges=["192.0.2.0/24"]))
    assert _opened(scene, scene.outside)[0] == [("192.0.2.0/24", 15443)]
    scene.take(_public(scene, loadBalancerSourceRanges=["198.51.100.0/24"]))
    assert _opened(scene, scene.outside)[0] == [("198.51.100.0/24", 15443)]


def test_the_front_alone_is_opened_when_it_is_asked_for(scene: Scene) -> None:
    scene.take(_public(scene, notes={wanted.SECURITY_MODE: "Frontend"}))
    assert _opened(scene, scene.outside)[0] == [("0.0.0.0/0", 15443)]
    assert _opened(scene, scene.workers) == ([], [])


def test_nothing_is_opened_when_it_is_not_asked_for(scene: Scene) -> None:
    scene.take(service_of(subnet1=scene.outside.id))
    assert _opened(scene, scene.outside) == _opened(scene, scene.workers) == ([], [])


def test_the_lists_are_closed_with_the_load_balancer(scene: Scene) -> None:
    scene.take(_public(scene))
    assert scene.kube.service is not None
    scene.kube.service["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z"
    scene.look()
    assert _opened(scene, scene.outside) == _opened(scene, scene.workers) == ([], [])


def test_the_steps_are_told_as_events(scene: Scene) -> None:
    scene.take(_internal(scene))
    assert scene.messages() == ["Ensuring load balancer", "Ensured load balancer"]


def test_a_fault_is_told_once(scene: Scene) -> None:
    scene.take(service_of(internal="true"))
    assert scene.messages() == [
        "Error syncing load balancer: a subnet must be specified for creating a load balancer"
    ]


def test_a_public_load_balancer_in_a_private_subnet_is_told(scene: Scene) -> None:
    scene.take(service_of(subnet1=scene.inside.id))
    assert scene.messages() == [
        (
            "Error syncing load balancer: failed to ensure load balancer: "
            f"Subnet {scene.inside.id} prohibits public IP addresses: "
            "a VNIC in it cannot have one."
        )
    ]


def test_internal_cannot_change(scene: Scene) -> None:
    scene.take(_internal(scene))
    scene.take(service_of(subnet1=scene.outside.id))
    assert scene.messages()[-1] == (
        "Error syncing load balancer: "
        "the load balancer's internal setting cannot change; replace the Service"
    )


def test_a_subnet_with_a_load_balancer_cannot_be_deleted(scene: Scene) -> None:
    scene.take(_internal(scene))
    with pytest.raises(oci.exceptions.ServiceError, match=f"The Subnet {scene.inside.id} refere"):
        scene.lab.network().delete_subnet(scene.inside.id)


def test_a_mirror_forgets_what_is_deleted() -> None:
    kube = FakeKube(service_of())
    kube.changes.append({"type": "DELETED", "object": deepcopy(kube.service)})
    mirror = Mirror(kube, "/api/v1/services", lambda: None)
    mirror.follow()
    assert mirror.objects() == []
