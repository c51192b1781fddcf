"""Clusters, node pools, instances and lookups of the `oci` plugin against the lab's cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from lab.cloud.ids import COMPARTMENT_ID
from lab.plugins.base.values import Secret, encode
from lab.plugins.oci import provider
from sdks.values import UNKNOWN, Properties
from tests.lab_unit.cloud_fixtures import REGION, Lab
from tests.lab_unit.oci_plugin_fixtures import (
    CLUSTER,
    GROUP,
    POOL,
    SUBNET,
    cluster_inputs,
    made_in,
    made_vcn,
    subnet_inputs,
)
from tests.lab_unit.plugin_engine import Engine, Kept, partial_state, refused, serving, urn

INSTANCE = "oci:Core/instance:Instance"
OPTIONS = "oci:ContainerEngine/getNodePoolOption:getNodePoolOption"
SERVICES = "oci:Core/getServices:getServices"
AVAILABILITY = "oci:Limits/getResourceAvailability:getResourceAvailability"
DOMAIN = "OKEM:US-SANJOSE-1-AD-1"


@pytest.fixture
def subnet(oci_engine: Engine) -> Kept:
    return oci_engine.create(SUBNET, subnet_inputs(made_vcn(oci_engine, dnsLabel="net")))


@pytest.fixture
def group(oci_engine: Engine, subnet: Kept) -> Kept:
    inputs = {"compartmentId": COMPARTMENT_ID, "vcnId": subnet.inputs["vcnId"]}
    return oci_engine.create(GROUP, inputs)


@pytest.fixture
def cluster(oci_engine: Engine, subnet: Kept, group: Kept, *, moving: Lab) -> Kept:
    return oci_engine.create(CLUSTER, cluster_inputs(subnet, group))


def pool_inputs(engine: Engine, cluster: Kept, subnet: Kept) -> Properties:
    asked = {"nodePoolOptionId": "all", "compartmentId": COMPARTMENT_ID}
    image = engine.invoke(OPTIONS, asked)["sources"][0]["imageId"]
    return {
        "clusterId": cluster.id,
        "compartmentId": COMPARTMENT_ID,
        "name": "np1",
        "kubernetesVersion": "v1.36.3",
        "nodeShape": "VM.Standard.E4.Flex",
        "nodeShapeConfig": {"ocpus": 2, "memoryInGbs": 32},
        "nodeSourceDetails": {
            "sourceType": "IMAGE",
            "imageId": image,
            "bootVolumeSizeInGbs": "100",
        },
        "nodeConfigDetails": {
            "size": 1,
            "placementConfigs": [{"availabilityDomain": DOMAIN, "subnetId": subnet.id}],
        },
    }


def test_a_cluster_is_there_once_its_work_is_done(cluster: Kept) -> None:
    assert cluster.outputs["state"] == "ACTIVE"
    assert cluster.outputs["endpoints"][0]["privateEndpoint"].endswith(":6443")


def test_a_cluster_reads_back_as_it_was_asked_for(oci_engine: Engine, cluster: Kept) -> None:
    read = oci_engine.refresh(cluster)
    assert read is not None
    assert read.inputs == cluster.inputs


def test_a_cluster_moves_its_endpoint_to_other_groups_in_place(
    oci_engine: Engine, cluster: Kept, subnet: Kept, *, lab: Lab
) -> None:
    vcn = Kept(token="", name="", id=subnet.inputs["vcnId"], inputs={}, outputs={})
    other = made_in(oci_engine, vcn, GROUP)
    endpoint = {**cluster.inputs["endpointConfig"], "nsgIds": [other.id]}
    news = {**cluster.inputs, "endpointConfig": endpoint}
    assert oci_engine.diff(cluster, news).changes == {"endpointConfig.nsgIds[0]": "UPDATE"}
    oci_engine.update(cluster, news)
    assert lab.engine().get_cluster(cluster.id).data.endpoint_config.nsg_ids == [other.id]


def test_a_cluster_is_renamed_in_place(oci_engine: Engine, cluster: Kept, lab: Lab) -> None:
    news = {**cluster.inputs, "name": "other"}
    assert oci_engine.diff(cluster, news).changes == {"name": "UPDATE"}
    assert oci_engine.update(cluster, news)["name"] == "other"


@pytest.mark.parametrize(
    ("path", "value", "changed"),
    [
        (("endpointConfig", "subnetId"), "other", "endpointConfig.subnetId"),
        (
            ("options", "kubernetesNetworkConfig", "podsCidr"),
            "10.245.0.0/16",
            "options.kubernetesNetworkConfig.podsCidr",
        ),
        (("vcnId",), UNKNOWN, "vcnId"),
        (("kmsKeyId",), "key", "kmsKeyId"),
    ],
)
def test_what_a_cluster_cannot_change_replaces_it(
    path: tuple[str, ...], value: Any, *, changed: str, oci_engine: Engine, cluster: Kept
) -> None:
    news: Properties = dict(cluster.inputs)
    place = news
    for step in path[:-1]:
        place[step] = dict(place[step])
        place = place[step]
    place[path[-1]] = value
    assert oci_engine.diff(cluster, news).replaces == (path[0],)
    assert list(oci_engine.diff(cluster, news).changes) == [changed]


def test_a_cluster_that_is_not_ready_in_time_is_kept_in_the_state(
    oci_engine: Engine, subnet: Kept, group: Kept, *, lab: Lab
) -> None:
    lab.machines.ready = False
    request = pb.CreateRequest(
        urn=urn(CLUSTER, "late"),
        properties=encode(cluster_inputs(subnet, group)),
        timeout=0.5,
    )
    with pytest.raises(grpc.RpcError) as fault:
        oci_engine.stub.Create(request)
    left = partial_state(fault.value)
    assert left.id.startswith("ocid1.cluster.")
    assert list(left.reasons) == ["late: not ready after 0.5 s; last state: IN_PROGRESS"]
    assert left.properties["state"] == "CREATING"


def test_a_cluster_goes_with_its_work_request(oci_engine: Engine, cluster: Kept) -> None:
    oci_engine.delete(cluster)
    assert oci_engine.refresh(cluster) is None


def test_a_node_pool_grows_in_place(
    oci_engine: Engine, cluster: Kept, subnet: Kept, *, lab: Lab
) -> None:
    made = oci_engine.create(POOL, pool_inputs(oci_engine, cluster, subnet))
    assert made.outputs["state"] == "ACTIVE"
    details = {**made.inputs["nodeConfigDetails"], "size": 2}
    news = {**made.inputs, "nodeConfigDetails": details}
    assert oci_engine.diff(made, news).changes == {"nodeConfigDetails.size": "UPDATE"}
    assert len(oci_engine.update(made, news)["nodes"]) == 2


def test_a_node_pool_reads_back_as_it_was_asked_for(
    oci_engine: Engine, cluster: Kept, subnet: Kept
) -> None:
    made = oci_engine.create(POOL, pool_inputs(oci_engine, cluster, subnet))
    read = oci_engine.refresh(made)
    assert read is not None
    assert read.inputs == made.inputs


def test_another_network_plugin_needs_another_pool(
    oci_engine: Engine, cluster: Kept, subnet: Kept
) -> None:
    inputs = pool_inputs(oci_engine, cluster, subnet)
    flannel = {"nodePoolPodNetworkOptionDetails": {"cniType": "FLANNEL_OVERLAY"}}
    inputs["nodeConfigDetails"] |= flannel
    made = oci_engine.create(POOL, inputs)
    native = {"nodePoolPodNetworkOptionDetails": {"cniType": "OCI_VCN_IP_NATIVE"}}
    details = {**inputs["nodeConfigDetails"], **native}
    planned = oci_engine.diff(made, {**inputs, "nodeConfigDetails": details})
    assert planned.changes == {
        "nodeConfigDetails.nodePoolPodNetworkOptionDetails.cniType": "UPDATE_REPLACE"
    }


def test_an_instance_tells_its_addresses(oci_engine: Engine, subnet: Kept, moving: Lab) -> None:
    images = oci_engine.invoke(
        "oci:Core/getImages:getImages",
        {"compartmentId": COMPARTMENT_ID, "operatingSystem": "Oracle Linux"},
    )["images"]
    made = oci_engine.create(
        INSTANCE,
        {
            "compartmentId": COMPARTMENT_ID,
            "availabilityDomain": DOMAIN,
            "shape": "VM.Standard.E4.Flex",
            "shapeConfig": {"ocpus": 1, "memoryInGbs": 8},
            "sourceDetails": {"sourceType": "image", "sourceId": images[0]["id"]},
            "createVnicDetails": {"subnetId": subnet.id, "assignPublicIp": "true"},
            "metadata": {"user_data": "aGk="},
            "preserveBootVolume": False,
        },
    )
    assert made.outputs["state"] == "RUNNING"
    assert made.outputs["privateIp"].startswith("10.0.0.")
    listed = oci_engine.invoke(
        "oci:Core/getInstances:getInstances", {"compartmentId": COMPARTMENT_ID}
    )["instances"]
    sources = {one["id"]: one["sourceDetails"][0]["sourceId"] for one in listed}
    assert sources[made.id] == images[0]["id"]
    read = oci_engine.refresh(made)
    assert read is not None
    assert oci_engine.diff(read, made.inputs).changes == {}
    oci_engine.delete(made)
    assert oci_engine.refresh(made) is None


def test_the_same_question_has_the_same_id(oci_engine: Engine) -> None:
    answers = [oci_engine.invoke(SERVICES, {}) for _ in range(2)]
    assert answers[0]["id"] == answers[1]["id"]


def test_a_lookup_of_one_thing_has_its_id(oci_engine: Engine) -> None:
    made = made_vcn(oci_engine)
    found = oci_engine.invoke("oci:Core/getVcn:getVcn", {"vcnId": made.id})
    assert (found["id"], found["cidrBlocks"]) == (made.id, ["10.0.0.0/16"])


def test_a_lookup_without_its_argument_is_refused(oci_engine: Engine) -> None:
    with refused() as told:
        oci_engine.invoke("oci:Core/getVcn:getVcn", {})
    assert told == ["vcnId: required argument is missing"]


def test_a_filter_is_refused_and_not_left_out(oci_engine: Engine) -> None:
    with refused() as told:
        oci_engine.invoke(SERVICES, {"filters": [{"name": "name", "values": ["All.*"]}]})
    assert told == ["filters: the lab's plugin does not serve them"]


def test_a_lookup_of_what_is_not_there_is_refused(oci_engine: Engine) -> None:
    with refused() as told:
        oci_engine.invoke("oci:Core/getSubnet:getSubnet", {"subnetId": "ocid1.subnet.oc1..x"})
    assert told[0].startswith("get_subnet: 404 NotAuthorizedOrNotFound: ")


def test_a_kubeconfig_is_the_apis_file(oci_engine: Engine, cluster: Kept) -> None:
    found = oci_engine.invoke(
        "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig",
        {"clusterId": cluster.id, "endpoint": "PRIVATE_ENDPOINT", "tokenVersion": "2.0.0"},
    )
    assert cluster.outputs["endpoints"][0]["privateEndpoint"] in found["content"]
    assert found["endpoint"] == "PRIVATE_ENDPOINT"


def test_what_a_limit_leaves_is_looked_up(oci_engine: Engine) -> None:
    asked = {
        "compartmentId": COMPARTMENT_ID,
        "serviceName": "vcn",
        "limitName": "vcn-count",
    }
    before = oci_engine.invoke(AVAILABILITY, asked)
    made_vcn(oci_engine)
    after = oci_engine.invoke(AVAILABILITY, asked)
    assert int(after["available"]) == int(before["available"]) - 1
    assert int(after["used"]) == int(before["used"]) + 1


def test_versions_on_offer_are_looked_up(oci_engine: Engine) -> None:
    token = "oci:ContainerEngine/getClusterOption:getClusterOption"
    found = oci_engine.invoke(token, {"clusterOptionId": "all"})
    assert "v1.36.3" in found["kubernetesVersions"]


def test_a_key_given_in_the_settings_signs_in(lab: Lab) -> None:
    with serving(provider()) as engine:
        engine.configure(
            region=REGION,
            tenancyOcid=lab.config["tenancy"],
            userOcid=lab.config["user"],
            fingerprint=lab.config["fingerprint"],
            privateKey=Secret(Path(lab.config["key_file"]).read_text()),
        )
        found = engine.invoke(SERVICES, {})
    assert len(found["services"]) == 2


def test_a_key_file_that_is_not_there_is_told(lab: Lab) -> None:
    with serving(provider()) as engine:
        engine.configure(region=REGION, privateKeyPath="/nowhere/key.pem")
        with refused() as told:
            engine.invoke(SERVICES, {})
    assert told[0].startswith("provider: the sign-in is not complete: ")
    assert "/nowhere/key.pem" in told[0]
