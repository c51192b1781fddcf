"""What a cluster registers for each choice of its settings."""

import pytest
import yaml

from components.cloud.kubeconfig import SignIn
from components.errors import OfferError
from tests.cluster.support import (
    ADDON,
    CLUSTER,
    KUBERNETES,
    POOL,
    deployed,
    flannel_changes,
    pool_changes,
)

PREFIX = "clusters__primary__"
PROXY = "socks5://127.0.0.1:10080"


def inputs(**changes: object) -> dict[str, object]:
    return dict(deployed(dict(changes)).one(CLUSTER, "primary-cluster").inputs)


def test_the_default_is_an_enhanced_cluster_with_native_pods() -> None:
    found = inputs()
    assert found["type"] == "ENHANCED_CLUSTER"
    assert found["clusterPodNetworkOptions"] == [{"cniType": "OCI_VCN_IP_NATIVE"}]


def test_a_basic_cluster_is_the_settings_choice() -> None:
    assert inputs(**{f"{PREFIX}type": "basic"})["type"] == "BASIC_CLUSTER"


@pytest.mark.parametrize("endpoint", ["public", "private"])
def test_the_endpoint_lies_in_its_subnet_and_group(endpoint: str) -> None:
    changes = {f"{PREFIX}endpoint": endpoint, "access__cluster": "primary"}
    assert inputs(**changes)["endpointConfig"] == {
        "subnetId": "subnet-api",
        "nsgIds": ["nsg-api"],
        "isPublicIpEnabled": endpoint == "public",
    }


def test_native_pods_send_no_range_of_pods() -> None:
    assert inputs()["options"]["kubernetesNetworkConfig"] == {"servicesCidr": "172.16.0.0/16"}  # type: ignore[index] # a nested input


def test_flannel_sends_its_range_of_pods() -> None:
    found = inputs(**flannel_changes())
    assert found["clusterPodNetworkOptions"] == [{"cniType": "FLANNEL_OVERLAY"}]
    assert found["options"]["kubernetesNetworkConfig"] == {  # type: ignore[index] # a nested input
        "podsCidr": "172.20.0.0/16",
        "servicesCidr": "172.16.0.0/16",
    }


def test_the_old_add_ons_are_off_and_services_go_to_the_public_subnet() -> None:
    options = inputs()["options"]
    assert options["addOns"] == {  # type: ignore[index] # a nested input
        "isKubernetesDashboardEnabled": False,
        "isTillerEnabled": False,
    }
    assert options["serviceLbSubnetIds"] == ["subnet-publicLb"]  # type: ignore[index] # likewise


def test_what_the_cluster_makes_by_itself_is_tagged_too() -> None:
    options = inputs()["options"]
    roles = [
        options[part]["freeformTags"]["role"]  # type: ignore[index] # a nested input
        for part in ("serviceLbConfig", "persistentVolumeConfig")
    ]
    assert roles == ["gateway", "nodes"]


def test_a_vault_key_is_passed_on() -> None:
    key = "ocid1.key.oc1.sjc.vault.key"
    assert inputs(**{f"{PREFIX}kmsKeyId": key})["kmsKeyId"] == key


def test_without_a_vault_key_none_is_sent() -> None:
    assert "kmsKeyId" not in inputs()


@pytest.mark.parametrize("protect", [True, False])
def test_protection_is_the_settings_choice(protect: bool) -> None:
    found = deployed(protect=protect)
    assert found.one(CLUSTER, "primary-cluster").options == ({"protect": True} if protect else {})


def test_protection_of_the_cluster_leaves_its_pools_free() -> None:
    assert "protect" not in deployed(protect=True).one(POOL, "primary-np1-pool").options


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_a_version_that_the_region_lacks_lists_its_offers(preview: bool) -> None:
    changes = {f"{PREFIX}kubernetesVersion": "v1.35.0"}
    with pytest.raises(OfferError) as error:
        deployed(changes, preview=preview)
    assert str(error.value) == (
        "clusters.primary.kubernetesVersion: is not offered in us-sanjose-1, got v1.35.0; "
        "choose one of v1.34.2, v1.34.10, v1.35.2, v1.36.4"
    )


def test_the_version_of_a_pool_is_checked_at_its_own_place() -> None:
    with pytest.raises(OfferError) as error:
        deployed(pool_changes(kubernetesVersion="v1.34.9"))
    assert str(error.value) == (
        "clusters.primary.nodePools.np1.kubernetesVersion: is not offered in us-sanjose-1, "
        "got v1.34.9; choose one of v1.34.2, v1.34.10, v1.35.2, v1.36.4"
    )


def test_every_patch_version_counts_as_offered() -> None:
    tokens = {
        "oci:ContainerEngine/getClusterOption:getClusterOption",
        "oci:ContainerEngine/getNodePoolOption:getNodePoolOption",
    }
    asked = [args for token, args, _ in deployed().calls if token in tokens]
    assert [args["shouldListAllPatchVersions"] for args in asked] == [True, True]


@pytest.mark.parametrize(
    ("endpoint", "kind"), [("public", "PUBLIC_ENDPOINT"), ("private", "PRIVATE_ENDPOINT")]
)
def test_the_kubeconfig_is_asked_for_the_endpoint_in_use(endpoint: str, kind: str) -> None:
    changes = {f"{PREFIX}endpoint": endpoint, "access__cluster": "primary"}
    token = "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig"
    asked = [args for name, args, _ in deployed(changes).calls if name == token]
    assert asked == [
        {
            "clusterId": "ocid1.cluster.oc1.test.primary-cluster",
            "endpoint": kind,
            "tokenVersion": "2.0.0",
        }
    ]


def test_every_lookup_goes_through_the_regions_provider() -> None:
    assert {provider.split("::")[3] for _, _, provider in deployed().calls} == {"oci-us-sanjose-1"}


def test_the_kubeconfig_is_secret_wherever_it_goes() -> None:
    found = deployed()
    assert found.secret_exports == {"kubeconfig"}
    assert found.one(KUBERNETES, "primary-kubernetes").secrets == {"kubeconfig"}


def test_the_provider_uses_the_exported_kubeconfig() -> None:
    found = deployed()
    used = found.one(KUBERNETES, "primary-kubernetes").inputs["kubeconfig"]
    assert used == found.exports["kubeconfig"]
    assert yaml.safe_load(used)["current-context"] == "primary-cluster"


def test_a_private_endpoint_is_reached_through_the_proxy() -> None:
    changes = {f"{PREFIX}endpoint": "private", "access__cluster": "primary"}
    document = yaml.safe_load(deployed(changes, proxy_url=PROXY).exports["kubeconfig"])
    assert document["clusters"][0]["cluster"]["proxy-url"] == PROXY


def test_a_public_endpoint_needs_no_proxy() -> None:
    document = yaml.safe_load(deployed(proxy_url=PROXY).exports["kubeconfig"])
    assert "proxy-url" not in document["clusters"][0]["cluster"]


def test_the_users_sign_in_is_the_programs() -> None:
    sign_in = SignIn(arguments=("--profile", "X"))
    document = yaml.safe_load(deployed(sign_in=sign_in).exports["kubeconfig"])
    assert document["users"][0]["user"]["exec"]["args"][-2:] == ["--profile", "X"]


def test_a_changed_kubeconfig_is_still_the_same_cluster() -> None:
    given = deployed().one(KUBERNETES, "primary-kubernetes").inputs
    assert given["clusterIdentifier"] == "ocid1.cluster.oc1.test.primary-cluster"


def test_a_lost_connection_never_counts_as_success() -> None:
    given = deployed().one(KUBERNETES, "primary-kubernetes").inputs
    assert {"deleteUnreachable", "skipUpdateUnreachable"}.isdisjoint(given)


def test_a_secret_with_new_content_is_changed_in_place() -> None:
    given = deployed().one(KUBERNETES, "primary-kubernetes").inputs
    assert given["enableSecretMutable"] in (True, "true")


def test_a_config_map_with_new_content_is_changed_in_place() -> None:
    given = deployed().one(KUBERNETES, "primary-kubernetes").inputs
    assert given["enableConfigMapMutable"] in (True, "true")


def test_what_others_wrote_into_an_object_is_left_alone() -> None:
    """istiod writes into webhooks; the server knows whose each field is."""
    given = deployed().one(KUBERNETES, "primary-kubernetes").inputs
    assert given["enableServerSideApply"] in (True, "true")


def test_objects_wait_for_the_nodes() -> None:
    found = deployed()
    pool = found.one(POOL, "primary-np1-pool").urn
    assert pool in found.one(KUBERNETES, "primary-kubernetes").dependencies


def test_endpoints_are_urls() -> None:
    exports = deployed().exports
    assert exports["privateEndpoint"] == "https://10.9.0.60:6443"
    assert exports["publicEndpoint"] == "https://203.0.113.60:6443"


def test_a_private_cluster_has_no_public_endpoint() -> None:
    changes = {f"{PREFIX}endpoint": "private", "access__cluster": "primary"}
    assert "publicEndpoint" not in deployed(changes).exports


def test_pools_are_exported_by_key() -> None:
    pools = {"np1": {}, "gpu": {"shape": "VM.GPU.A10.1"}}
    assert deployed({f"{PREFIX}nodePools": pools}).exports["nodePoolIds"] == {
        "gpu": "ocid1.nodepool.oc1.test.primary-gpu-pool",
        "np1": "ocid1.nodepool.oc1.test.primary-np1-pool",
    }


def test_the_autoscaler_knows_the_bounds_of_its_pools_only() -> None:
    pools = {
        "a": {"autoscaler": {"min": 1, "max": 5}},
        "b": {},
        "c": {"autoscaler": {"min": 0, "max": 2}},
    }
    addon = deployed({f"{PREFIX}nodePools": pools}).one(ADDON, "primary-autoscaler").inputs
    assert addon["addonName"] == "ClusterAutoscaler"
    assert addon["configurations"] == [
        {"key": "authType", "value": "workload"},
        {
            "key": "nodes",
            "value": "1:5:ocid1.nodepool.oc1.test.primary-a-pool, "
            "0:2:ocid1.nodepool.oc1.test.primary-c-pool",
        },
    ]


def test_without_bounds_there_is_no_add_on() -> None:
    assert deployed().of(ADDON) == []


def test_a_basic_cluster_with_an_autoscaler_is_a_wiring_mistake() -> None:
    changes = {f"{PREFIX}type": "basic", **pool_changes(autoscaler={"min": 1, "max": 2})}
    with pytest.raises(ValueError, match=r"^cluster primary is basic and cannot have add-ons$"):
        deployed(changes)


def test_a_preview_registers_what_an_update_does() -> None:
    assert deployed(preview=True).urns() == deployed().urns()
