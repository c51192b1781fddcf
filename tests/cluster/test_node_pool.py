"""What a node pool registers for each choice of its settings."""

import base64
from typing import Any

import pytest

from components.cluster import cloud_init
from components.cluster.node_pool import NodePoolArgs
from components.errors import OfferError
from tests.cluster.support import (
    NSGS,
    OWNER,
    POOL,
    SUBNETS,
    deployed,
    flannel_changes,
    pool_changes,
)
from tests.support.documents import member
from tests.support.outputs import ocid

NODE_POOL_OPTION = "oci:ContainerEngine/getNodePoolOption:getNodePoolOption"


def inputs(changes: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return dict(deployed(changes, **options).one(POOL, "primary-np1-pool").inputs)


def test_a_pool_is_named_after_stack_cluster_and_key() -> None:
    assert inputs()["name"] == "oke-mesh-test-primary-np1"


def test_a_flexible_shape_has_its_size() -> None:
    found = inputs(pool_changes(ocpus=4, memoryGb=32))
    assert found["nodeShape"] == "VM.Standard.E4.Flex"
    assert found["nodeShapeConfig"] == {"ocpus": 4, "memoryInGbs": 32}


def test_a_fixed_shape_has_no_size() -> None:
    assert "nodeShapeConfig" not in inputs(pool_changes(shape="VM.GPU.A10.1"))


def test_the_image_is_looked_up_by_name_and_booted_with_the_disk_asked_for() -> None:
    assert inputs(pool_changes(bootVolumeGb=200))["nodeSourceDetails"] == {
        "sourceType": "IMAGE",
        "imageId": ocid("image", "oracle-linux-8.10-2026.08.31-0-oke-1.36.4-1720"),
        "bootVolumeSizeInGbs": "200",
    }


def test_the_image_fits_the_version_of_the_pool() -> None:
    found = inputs(pool_changes(kubernetesVersion="v1.34.2"))
    assert found["kubernetesVersion"] == "v1.34.2"
    assert found["nodeSourceDetails"]["imageId"] == ocid(
        "image", "oracle-linux-8.10-2026.02.27-0-oke-1.34.2-1505"
    )


def test_a_pool_that_is_there_keeps_its_image() -> None:
    mine = {
        "name": "oke-mesh-test-primary-np1",
        "state": "ACTIVE",
        "nodeSources": [
            {
                "imageId": "mine",
                "sourceName": "Oracle-Linux-8.10-2026.07.31-0-OKE-1.36.4-1710",
                "sourceType": "IMAGE",
            }
        ],
    }
    answers = {"oci:ContainerEngine/getNodePools:getNodePools": {"nodePools": [mine]}}
    found = deployed(answers=answers).one(POOL, "primary-np1-pool").inputs
    assert found["nodeSourceDetails"]["imageId"] == "mine"


def test_an_image_of_ones_own_is_not_looked_up() -> None:
    image = "ocid1.image.oc1.sjc.mine"
    found = deployed(pool_changes(image={"id": image}))
    pool = found.one(POOL, "primary-np1-pool")
    assert pool.inputs["nodeSourceDetails"]["imageId"] == image
    assert NODE_POOL_OPTION not in [token for token, _, _ in found.calls]


def test_an_image_that_is_not_offered_stops_a_preview() -> None:
    with pytest.raises(OfferError, match=r"^clusters\.primary\.nodePools\.np1\.image: matches no"):
        deployed(pool_changes(image={"build": 1}), preview=True)


def test_nodes_spread_over_every_availability_domain() -> None:
    assert inputs()["nodeConfigDetails"]["placementConfigs"] == [
        {"availabilityDomain": f"test:AD-{number}", "subnetId": "subnet-workers"}
        for number in (1, 2, 3)
    ]


def test_nodes_are_placed_by_the_numbers_of_the_settings() -> None:
    found = inputs(pool_changes(availabilityDomains=[2], faultDomains=[3, 1]))
    assert found["nodeConfigDetails"]["placementConfigs"] == [
        {
            "availabilityDomain": "test:AD-2",
            "subnetId": "subnet-workers",
            "faultDomains": ["FAULT-DOMAIN-1", "FAULT-DOMAIN-3"],
        }
    ]


def test_native_pods_have_subnet_group_and_number() -> None:
    found = inputs(pool_changes(maxPodsPerNode=60))
    assert found["nodeConfigDetails"]["nodePoolPodNetworkOptionDetails"] == {
        "cniType": "OCI_VCN_IP_NATIVE",
        "maxPodsPerNode": 60,
        "podSubnetIds": ["subnet-pods"],
        "podNsgIds": ["nsg-pods"],
    }


def test_flannel_pods_have_none_of_it() -> None:
    found = inputs(flannel_changes())
    assert found["nodeConfigDetails"]["nodePoolPodNetworkOptionDetails"] == {
        "cniType": "FLANNEL_OVERLAY"
    }


def test_nodes_are_in_the_group_of_workers_and_tagged() -> None:
    found = inputs()
    details = found["nodeConfigDetails"]
    assert details["nsgIds"] == ["nsg-workers"]
    assert details["freeformTags"] == found["freeformTags"] == OWNER_TAGS


OWNER_TAGS = {
    "project": "oke-mesh",
    "stack": "test",
    "mesh": "oke-mesh",
    "role": "nodes",
    "cluster": "primary",
}


def test_nodes_have_no_metadata_service_that_answers_without_a_header() -> None:
    assert inputs()["nodeMetadata"]["areLegacyImdsEndpointsDisabled"] == "true"


def test_nodes_run_the_first_boot_of_the_project() -> None:
    user_data = inputs()["nodeMetadata"]["user_data"]
    assert base64.b64decode(user_data).decode() == cloud_init.node_script()


def test_nodes_of_an_enhanced_cluster_are_cycled() -> None:
    found = inputs(pool_changes(cycling={"maxSurge": 2, "maxUnavailable": 1}))
    assert found["nodePoolCyclingDetails"] == {
        "isNodeCyclingEnabled": True,
        "maximumSurge": "2",
        "maximumUnavailable": "1",
    }


def test_cycling_can_be_off() -> None:
    found = inputs(pool_changes(cycling={"enabled": False}))
    assert found["nodePoolCyclingDetails"]["isNodeCyclingEnabled"] is False


def test_nodes_of_a_basic_cluster_are_not_cycled() -> None:
    assert "nodePoolCyclingDetails" not in inputs({"clusters__primary__type": "basic"})


def test_a_pod_that_cannot_be_evicted_does_not_keep_its_node() -> None:
    found = inputs(pool_changes(evictionGraceMinutes=5))
    assert found["nodeEvictionNodePoolSettings"] == {
        "evictionGraceDuration": "PT5M",
        "isForceActionAfterGraceDuration": True,
        "isForceDeleteAfterGraceDuration": True,
    }


def test_a_pool_may_take_as_long_as_its_nodes_one_after_the_other() -> None:
    pool = deployed().one(POOL, "primary-np1-pool")
    assert pool.options["customTimeouts"] == {"update": "12h", "delete": "3h"}


def test_labels_are_sent_in_order() -> None:
    found = inputs(pool_changes(labels={"tier": "mesh", "app": "x"}))
    assert found["initialNodeLabels"] == [
        {"key": "app", "value": "x"},
        {"key": "tier", "value": "mesh"},
    ]


def test_the_ssh_key_is_passed_on() -> None:
    assert inputs(ssh_public_key="ssh-ed25519 AAAA me")["sshPublicKey"] == "ssh-ed25519 AAAA me"


def test_the_size_is_the_settings_own() -> None:
    pool = deployed(pool_changes(size=5)).one(POOL, "primary-np1-pool")
    assert pool.inputs["nodeConfigDetails"]["size"] == 5
    assert "ignoreChanges" not in pool.options


def test_the_size_of_a_scaled_pool_is_left_to_the_autoscaler() -> None:
    changes = pool_changes(autoscaler={"min": 1, "max": 3})
    pool = deployed(changes).one(POOL, "primary-np1-pool")
    assert pool.options["ignoreChanges"] == ["nodeConfigDetails.size"]


def test_another_pool_leaves_the_first_as_it_is() -> None:
    one = deployed({"clusters__primary__nodePools": {"np1": {}}})
    two = deployed({"clusters__primary__nodePools": {"np1": {}, "np2": {}}})
    name = "primary-np1-pool"
    assert one.one(POOL, name) == two.one(POOL, name)


def test_a_pool_that_the_cluster_lacks_is_a_wiring_mistake() -> None:
    with pytest.raises(ValueError, match=r"^cluster primary has no node pool 'np2'$"):
        NodePoolArgs(
            member=member(),
            pool="np2",
            owner=OWNER,
            cluster_id="c",
            kubernetes_version="v1.34.2",
            subnet_ids=SUBNETS,
            nsg_ids=NSGS,
            ssh_public_key=None,
        )
