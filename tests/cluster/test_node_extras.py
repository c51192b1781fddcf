"""What a pool, a cluster and the operator host are given beyond shape and size."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.support import (
    ADDON,
    CLUSTER,
    POOL,
    deployed,
    pool_changes,
)

KEY = "ocid1.key.oc1..aaaa"
RESERVATION = "ocid1.capacityreservation.oc1..aaaa"


def pool(**settings: Any) -> dict[str, Any]:
    return dict(deployed(pool_changes(**settings)).one(POOL, "primary-np1-pool").inputs)


def placement(**settings: Any) -> dict[str, Any]:
    found: dict[str, Any] = pool(**settings)["nodeConfigDetails"]["placementConfigs"][0]
    return found


def test_a_node_has_16_gb_by_default() -> None:
    assert pool()["nodeShapeConfig"] == {"ocpus": 2, "memoryInGbs": 16}


def test_boot_volumes_have_the_key_and_the_encryption_asked_for() -> None:
    found = pool(bootVolumeKeyId=KEY, encryptInTransit=True)["nodeConfigDetails"]
    assert found["kmsKeyId"] == KEY
    assert found["isPvEncryptionInTransitEnabled"] is True


def test_what_nobody_asked_for_is_not_sent() -> None:
    found = pool()["nodeConfigDetails"]
    assert not {"kmsKeyId", "isPvEncryptionInTransitEnabled"} & found.keys()
    assert (
        not {"capacityReservationId", "preemptibleNodeConfig"} & found["placementConfigs"][0].keys()
    )


def test_nodes_come_out_of_a_reservation() -> None:
    found = placement(capacityReservationId=RESERVATION, availabilityDomains=[1])
    assert found["capacityReservationId"] == RESERVATION


def test_preemptible_nodes_end_with_their_boot_volumes() -> None:
    assert placement(preemptible=True)["preemptibleNodeConfig"] == {
        "preemptionAction": {"type": "TERMINATE", "isPreserveBootVolume": False}
    }


def test_images_have_to_be_signed_with_one_of_the_keys() -> None:
    found = deployed({"clusters__primary__imageKeyIds": [KEY]}).one(CLUSTER, "primary-cluster")
    assert found.inputs["imagePolicyConfig"] == {
        "isPolicyEnabled": True,
        "keyDetails": [{"kmsKeyId": KEY}],
    }
    assert "imagePolicyConfig" not in deployed().one(CLUSTER, "primary-cluster").inputs


ADDONS = {
    "KubernetesMetricsServer": {"configuration": {"numOfReplicas": "2"}},
    "CertManager": {},
    "CoreDNS": {"version": "v1.12.2"},
}


def test_each_add_on_has_its_version_and_configuration() -> None:
    made = deployed({"clusters__primary__addons": ADDONS})
    metrics = made.one(ADDON, "primary-addons-kubernetesmetricsserver").inputs
    assert metrics["configurations"] == [{"key": "numOfReplicas", "value": "2"}]
    assert "version" not in metrics
    assert made.one(ADDON, "primary-addons-coredns").inputs["version"] == "v1.12.2"


def test_an_add_on_that_every_cluster_has_is_taken_over_and_never_taken_away() -> None:
    made = deployed({"clusters__primary__addons": ADDONS})
    essential = made.one(ADDON, "primary-addons-coredns").inputs
    assert essential["overrideExisting"] is True
    assert essential["removeAddonResourcesOnDelete"] is False
    other = made.one(ADDON, "primary-addons-certmanager").inputs
    assert "overrideExisting" not in other
    assert other["removeAddonResourcesOnDelete"] is True


def test_the_metrics_server_waits_for_its_certificates_and_all_for_nodes() -> None:
    made = deployed({"clusters__primary__addons": ADDONS})

    def waits_for(name: str) -> set[str]:
        addon = made.one(ADDON, f"primary-addons-{name}")
        return {urn.split("::")[-1] for urn in addon.dependencies}

    assert "primary-np1-pool" in waits_for("certmanager")
    assert "primary-addons-certmanager" in waits_for("kubernetesmetricsserver")


def test_a_basic_cluster_with_add_ons_is_a_wiring_mistake() -> None:
    changes = {"clusters__primary__type": "basic", "clusters__primary__addons": ADDONS}
    with pytest.raises(ValueError, match=r"^cluster primary is basic and cannot have add-ons$"):
        deployed(changes)
