"""Clusters and node pools: states that follow the machines, work requests, kubeconfigs."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Any

import oci
import pytest
import yaml

from lab.cloud.ids import COMPARTMENT_ID
from tests.lab_unit.cloud_fixtures import Lab, refusal

ServiceError = oci.exceptions.ServiceError
M = oci.container_engine.models
DOMAIN = "OKEM:US-SANJOSE-1-AD-1"
NATIVE = "OCI_VCN_IP_NATIVE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    vcn: Any
    api: Any
    workers: Any
    pods: Any


@pytest.fixture
def places(lab: Lab) -> Places:
    vcn = lab.vcn()
    return Places(
        vcn=vcn,
        api=lab.subnet(vcn, "10.0.0.0/29"),
        workers=lab.subnet(vcn, "10.0.1.0/24", prohibit_public_ip_on_vnic=True),
        pods=lab.subnet(vcn, "10.0.8.0/21", prohibit_public_ip_on_vnic=True),
    )


def _cluster(lab: Lab, places: Places, **more: Any) -> Any:
    endpoint = M.CreateClusterEndpointConfigDetails(
        subnet_id=more.pop("subnet_id", places.api.id),
        is_public_ip_enabled=more.pop("public", True),
    )
    details = M.CreateClusterDetails(
        compartment_id=COMPARTMENT_ID,
        vcn_id=places.vcn.id,
        name="primary-cluster",
        kubernetes_version="v1.36.3",
        endpoint_config=endpoint,
        cluster_pod_network_options=[M.OciVcnIpNativeClusterPodNetworkOptionDetails()],
        **more,
    )
    answer = lab.engine().create_cluster(details)
    request = lab.engine().get_work_request(answer.headers["opc-work-request-id"]).data
    return lab.engine().get_cluster(request.resources[0].identifier).data


@pytest.fixture
def cluster(lab: Lab, places: Places) -> Any:
    made = _cluster(lab, places)
    lab.settle()
    return lab.engine().get_cluster(made.id).data


def _image(lab: Lab) -> str:
    sources = lab.engine().get_node_pool_options("all").data.sources
    return str(next(s.image_id for s in sources if "aarch64" not in s.source_name))


def _pool(lab: Lab, places: Places, cluster: Any, *, size: int = 1) -> Any:
    config = M.CreateNodePoolNodeConfigDetails(
        size=size,
        placement_configs=[
            M.NodePoolPlacementConfigDetails(
                availability_domain=DOMAIN, subnet_id=places.workers.id
            )
        ],
        node_pool_pod_network_option_details=M.OciVcnIpNativeNodePoolPodNetworkOptionDetails(
            pod_subnet_ids=[places.pods.id], max_pods_per_node=31
        ),
    )
    details = M.CreateNodePoolDetails(
        compartment_id=COMPARTMENT_ID,
        cluster_id=cluster.id,
        name="np1",
        kubernetes_version="v1.36.3",
        node_shape="VM.Standard.E4.Flex",
        node_shape_config=M.CreateNodeShapeConfigDetails(ocpus=2, memory_in_gbs=16),
        node_source_details=M.NodeSourceViaImageDetails(image_id=_image(lab)),
        node_config_details=config,
        initial_node_labels=[M.KeyValue(key="pool", value="np1")],
    )
    answer = lab.engine().create_node_pool(details)
    request = lab.engine().get_work_request(answer.headers["opc-work-request-id"]).data
    return lab.engine().get_node_pool(request.resources[0].identifier).data


def _resize(lab: Lab, pool: Any, size: int) -> Any:
    config = M.UpdateNodePoolNodeConfigDetails(size=size)
    details = M.UpdateNodePoolDetails(node_config_details=config)
    return lab.engine().update_node_pool(pool.id, details)


def _states(lab: Lab, pool: Any) -> list[str]:
    return [node.lifecycle_state for node in lab.engine().get_node_pool(pool.id).data.nodes]


def test_a_region_offers_the_version_that_the_lab_builds(lab: Lab) -> None:
    assert lab.engine().get_cluster_options("all").data.kubernetes_versions == ["v1.36.3"]


def test_another_version_is_refused_with_the_offered_ones(lab: Lab, places: Places) -> None:
    details = M.CreateClusterDetails(
        compartment_id=COMPARTMENT_ID,
        vcn_id=places.vcn.id,
        name="x",
        kubernetes_version="v1.28.0",
        endpoint_config=M.CreateClusterEndpointConfigDetails(subnet_id=places.api.id),
    )
    with pytest.raises(ServiceError) as fault:
        lab.engine().create_cluster(details)
    assert refusal(fault)[2] == "Invalid kubernetesVersion: v1.28.0. Valid: v1.36.3."


def test_a_cluster_is_creating_until_its_api_is_ready(lab: Lab, places: Places) -> None:
    lab.machines.ready = False
    made = _cluster(lab, places)
    lab.settle()
    states = [lab.engine().get_cluster(made.id).data.lifecycle_state]
    lab.machines.ready = True
    lab.settle()
    states.append(lab.engine().get_cluster(made.id).data.lifecycle_state)
    assert states == ["CREATING", "ACTIVE"]


def test_a_work_request_ends_with_its_cluster(lab: Lab, places: Places) -> None:
    made = _cluster(lab, places)
    id_ = made.metadata.created_by_work_request_id
    before = lab.engine().get_work_request(id_).data.status
    lab.settle()
    after = lab.engine().get_work_request(id_).data
    assert (before, after.status, after.resources[0].action_type) == (
        "IN_PROGRESS",
        "SUCCEEDED",
        "CREATED",
    )


def test_a_public_endpoint_in_a_private_subnet_fails_later(lab: Lab, places: Places) -> None:
    made = _cluster(lab, places, subnet_id=places.workers.id)
    id_ = made.metadata.created_by_work_request_id
    errors = lab.engine().list_work_request_errors(COMPARTMENT_ID, id_).data
    assert [error.message for error in errors] == [
        f"Public IP is enabled, but subnet {places.workers.id} prohibits public IPs."
    ]


def test_endpoints_are_address_and_port_without_a_scheme(cluster: Any) -> None:
    endpoints = cluster.endpoints
    assert (endpoints.private_endpoint, endpoints.public_endpoint, endpoints.kubernetes) == (
        "10.0.0.2:6443",
        "198.18.128.1:6443",
        "198.18.128.1:6443",
    )


def test_a_private_cluster_has_no_public_endpoint(lab: Lab, places: Places) -> None:
    endpoints = _cluster(lab, places, public=False).endpoints
    assert (endpoints.kubernetes, endpoints.public_endpoint) == ("10.0.0.2:6443", None)


def test_the_kubeconfig_signs_in_by_the_vendors_command(lab: Lab, cluster: Any) -> None:
    details = M.CreateClusterKubeconfigContentDetails(endpoint="PRIVATE_ENDPOINT")
    content = lab.engine().create_kubeconfig(
        cluster.id, create_cluster_kubeconfig_content_details=details
    )
    document = yaml.safe_load(content.data.content)
    assert document["users"][0]["user"]["exec"]["args"] == [
        "ce",
        "cluster",
        "generate-token",
        "--cluster-id",
        cluster.id,
        "--region",
        "us-sanjose-1",
    ]


def test_the_kubeconfig_has_the_chosen_endpoint_and_authority(lab: Lab, cluster: Any) -> None:
    details = M.CreateClusterKubeconfigContentDetails(endpoint="PRIVATE_ENDPOINT")
    content = lab.engine().create_kubeconfig(
        cluster.id, create_cluster_kubeconfig_content_details=details
    )
    found = yaml.safe_load(content.data.content)["clusters"][0]["cluster"]
    authority = base64.b64decode(found["certificate-authority-data"]).decode()
    assert (found["server"], authority) == (
        "https://10.0.0.2:6443",
        "the cluster's authority",
    )


def test_there_is_no_kubeconfig_before_the_api(lab: Lab, places: Places) -> None:
    made = _cluster(lab, places)
    with pytest.raises(ServiceError) as fault:
        lab.engine().create_kubeconfig(made.id)
    assert refusal(fault) == (
        409,
        "IncorrectState",
        f"Cluster {made.id} is in state CREATING: no API yet.",
    )


def test_a_pool_needs_an_active_cluster(lab: Lab, places: Places) -> None:
    made = _cluster(lab, places)
    with pytest.raises(ServiceError) as fault:
        _pool(lab, places, made)
    assert refusal(fault)[1:] == (
        "IncorrectState",
        f"Cluster {made.id} is in state CREATING, not ACTIVE.",
    )


def test_a_pool_is_active_when_its_nodes_are(lab: Lab, places: Places, cluster: Any) -> None:
    pool = _pool(lab, places, cluster, size=2)
    lab.settle()
    found = lab.engine().get_node_pool(pool.id).data
    assert (pool.lifecycle_state, found.lifecycle_state, _states(lab, pool)) == (
        "CREATING",
        "ACTIVE",
        ["ACTIVE", "ACTIVE"],
    )


def test_a_node_is_named_after_its_private_address(lab: Lab, places: Places, cluster: Any) -> None:
    _pool(lab, places, cluster)
    lab.settle()
    assert [node.name for node in lab.machines.estates[-1].nodes] == ["10.0.1.2"]


def test_nodes_hand_out_different_parts_of_the_pods_subnet(
    lab: Lab, places: Places, cluster: Any
) -> None:
    _pool(lab, places, cluster, size=2)
    lab.settle()
    assert [node.pod_range for node in lab.machines.estates[-1].nodes] == [
        "10.0.15.192/27",
        "10.0.15.160/27",
    ]


def test_a_nodes_labels_tell_region_zone_and_the_pools_own(
    lab: Lab, places: Places, cluster: Any
) -> None:
    _pool(lab, places, cluster)
    lab.settle()
    labels = lab.machines.estates[-1].nodes[0].labels
    names = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "pool")
    assert [labels[name] for name in names] == ["us-sanjose-1", "US-SANJOSE-1-AD-1", "np1"]


def test_a_pool_grows(lab: Lab, places: Places, cluster: Any) -> None:
    pool = _pool(lab, places, cluster)
    lab.settle()
    _resize(lab, pool, 3)
    before = _states(lab, pool)
    lab.settle()
    assert (before, _states(lab, pool)) == (["ACTIVE", "CREATING", "CREATING"], ["ACTIVE"] * 3)


def test_a_pool_shrinks(lab: Lab, places: Places, cluster: Any) -> None:
    pool = _pool(lab, places, cluster, size=2)
    lab.settle()
    _resize(lab, pool, 1)
    before = _states(lab, pool)
    lab.settle()
    assert (before, _states(lab, pool)) == (["ACTIVE", "DELETING"], ["ACTIVE"])


def test_a_deleted_node_is_replaced(lab: Lab, places: Places, cluster: Any) -> None:
    pool = _pool(lab, places, cluster)
    lab.settle()
    old = lab.engine().get_node_pool(pool.id).data.nodes[0]
    lab.engine().delete_node(pool.id, old.id)
    lab.settle()
    nodes = lab.engine().get_node_pool(pool.id).data.nodes
    assert [(node.id == old.id, node.lifecycle_state) for node in nodes] == [(False, "ACTIVE")]


def test_cycling_keeps_the_old_node_until_the_new_one_is_ready(
    lab: Lab, places: Places, cluster: Any
) -> None:
    pool = _pool(lab, places, cluster)
    lab.settle()
    details = M.UpdateNodePoolDetails(
        node_metadata={"user_data": "eA=="},
        node_pool_cycling_details=M.NodePoolCyclingDetails(is_node_cycling_enabled=True),
    )
    lab.engine().update_node_pool(pool.id, details)
    before = _states(lab, pool)
    lab.settle()
    assert (before, _states(lab, pool)) == (["ACTIVE", "CREATING"], ["ACTIVE"])


def test_an_image_for_nodes_is_checked(lab: Lab, places: Places, cluster: Any) -> None:
    details = M.CreateNodePoolDetails(
        compartment_id=COMPARTMENT_ID,
        cluster_id=cluster.id,
        name="np1",
        node_shape="VM.Standard.E4.Flex",
        node_shape_config=M.CreateNodeShapeConfigDetails(ocpus=2),
        node_source_details=M.NodeSourceViaImageDetails(image_id="ocid1.image.oc1..none"),
        node_config_details=M.CreateNodePoolNodeConfigDetails(size=1, placement_configs=[]),
    )
    with pytest.raises(ServiceError) as fault:
        lab.engine().create_node_pool(details)
    assert refusal(fault)[2] == (
        "nodeSourceDetails.imageId ocid1.image.oc1..none is not an image for nodes in us-sanjose-1."
    )


def test_a_flexible_shape_needs_its_size(lab: Lab, places: Places, cluster: Any) -> None:
    details = M.CreateNodePoolDetails(
        compartment_id=COMPARTMENT_ID,
        cluster_id=cluster.id,
        name="np1",
        node_shape="VM.Standard.E4.Flex",
        node_source_details=M.NodeSourceViaImageDetails(image_id="any"),
        node_config_details=M.CreateNodePoolNodeConfigDetails(size=1, placement_configs=[]),
    )
    with pytest.raises(ServiceError) as fault:
        lab.engine().create_node_pool(details)
    assert refusal(fault)[1:] == (
        "MissingParameter",
        "shapeConfig.ocpus is required for the flexible shape VM.Standard.E4.Flex.",
    )


def test_a_deleted_cluster_takes_its_nodes_and_addresses_with_it(
    lab: Lab, places: Places, cluster: Any
) -> None:
    _pool(lab, places, cluster)
    lab.settle()
    lab.engine().delete_cluster(cluster.id)
    lab.settle()
    assert lab.network().list_private_ips(subnet_id=places.workers.id).data == []


def test_a_deleted_cluster_is_listed_only_on_demand(lab: Lab, cluster: Any) -> None:
    lab.engine().delete_cluster(cluster.id)
    lab.settle()
    plain = lab.engine().list_clusters(COMPARTMENT_ID).data
    asked = lab.engine().list_clusters(COMPARTMENT_ID, lifecycle_state=["DELETED"]).data
    assert (plain, [found.id for found in asked]) == ([], [cluster.id])


def test_an_endpoint_loses_its_public_address_and_keeps_the_private_one(
    lab: Lab, cluster: Any
) -> None:
    details = M.UpdateClusterEndpointConfigDetails(is_public_ip_enabled=False)
    lab.engine().update_cluster_endpoint_config(cluster.id, details)
    lab.settle()
    endpoints = lab.engine().get_cluster(cluster.id).data.endpoints
    assert (endpoints.private_endpoint, endpoints.public_endpoint) == ("10.0.0.2:6443", None)


def test_the_machines_learn_where_to_have_tokens_looked_at(lab: Lab, cluster: Any) -> None:
    plane = lab.machines.estates[-1].control_planes[0]
    assert plane.webhook_url == f"{lab.running.worker.webhook.url}/{cluster.id}"


def test_a_clusters_addons_do_not_hold_a_managed_istio(lab: Lab, cluster: Any) -> None:
    names = [addon.name for addon in lab.engine().list_addons(cluster.id).data]
    assert names == ["CoreDNS", "KubeProxy", "OciVcnIpNative"]


def test_a_build_names_one_image_of_its_system_and_processor(lab: Lab) -> None:
    names = [s.source_name for s in lab.engine().get_node_pool_options("all").data.sources]
    fitting = [n for n in names if n.startswith("Oracle-Linux-8.10-2026") and n.endswith("-1330")]
    assert fitting == ["Oracle-Linux-8.10-2026.05.20-0-OKE-1.36.3-1330"]


def test_a_refused_pool_leaves_nothing(lab: Lab, places: Places, cluster: Any) -> None:
    small = lab.subnet(places.vcn, "10.0.2.0/30")
    with pytest.raises(ServiceError, match="is too small for 31 pod addresses"):
        _pool(lab, replace(places, pods=small), cluster)
    assert lab.engine().list_node_pools(COMPARTMENT_ID).data == []
    assert lab.network().list_private_ips(subnet_id=places.workers.id).data == []


def test_a_cluster_that_does_not_come_up_fails_with_the_reason(
    lab: Lab, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.cloud.worker.GIVE_UP_SECONDS", -1.0)
    lab.machines.ready, lab.machines.fault = False, "etcd: no space left"
    made = _cluster(lab, places)
    lab.settle()
    found = lab.engine().get_cluster(made.id).data
    assert (found.lifecycle_state, found.lifecycle_details) == ("FAILED", "etcd: no space left")
