"""The second update: clusters join and leave while everybody goes on asking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from oci.container_engine import ContainerEngineClient
from oci.core import VirtualNetworkClient
from oci.load_balancer import LoadBalancerClient

from tests.lab.changing import nobody_fails, until, up, update, urns
from tests.lab.stack_kit import KEYS, REGIONS, Lab

# Not yet measured against the time that `make test-lab` may take.
pytestmark = pytest.mark.lab_all

CLUSTERS = ("oke-mesh:clusters",)
THIRD_REGION = "us-ashburn-1"
THIRD = {
    "region": THIRD_REGION,
    "vcnCidr": "10.2.0.0/16",
    "servicesCidr": "10.98.0.0/16",
    "sampleVersion": "v3",
}
"""In a region of its own: with it the region leaves."""
FOURTH = {
    "region": REGIONS["secondary"],
    "vcnCidr": "10.3.0.0/16",
    "servicesCidr": "10.99.0.0/16",
    "sampleVersion": "v4",
}
"""In a region that stays."""


def with_more(lab: Lab, **more: dict[str, Any]) -> dict[str, Any]:
    """The two clusters of `Pulumi.lab.yaml`, and others of their size."""
    settings = yaml.safe_load(lab.paths.stack_settings.read_text())["config"]
    clusters: dict[str, Any] = settings["oke-mesh:clusters"]
    return clusters | {key: clusters[KEYS[0]] | own for key, own in more.items()}


def test_a_cluster_joins_and_no_request_fails(lab: Lab, tmp_path: Path) -> None:
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        up(lab, tmp_path, CLUSTERS, to=with_more(lab, third=THIRD))
        until(streams, {"v1", "v2", "v3"})


def test_a_cluster_leaves_in_one_update_and_no_request_fails(lab: Lab, tmp_path: Path) -> None:
    """The last one of its region, which goes with it."""
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2", "v3"})
        up(lab, tmp_path, CLUSTERS, to=with_more(lab, third=THIRD | {"enabled": False}))
        until(streams, {"v1", "v2"})
    assert _left_in(lab, THIRD_REGION) == []
    assert [urn for urn in urns(lab) if "third" in urn] == []


def test_two_clusters_join_at_once_and_no_request_fails(lab: Lab, tmp_path: Path) -> None:
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        up(lab, tmp_path, CLUSTERS, to=with_more(lab, third=THIRD, fourth=FOURTH))
        until(streams, {"v1", "v2", "v3", "v4"})


def test_two_clusters_leave_at_once_and_no_request_fails(lab: Lab, tmp_path: Path) -> None:
    """Their entries are taken out; a region goes with one, the other's stays."""
    before = _left_in(lab, FOURTH["region"])
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2", "v3", "v4"})
        update(lab)
        until(streams, {"v1", "v2"})
    assert _left_in(lab, THIRD_REGION) == []
    # Network, cluster and pool, two load balancers.
    assert len(before) - len(_left_in(lab, FOURTH["region"])) > 4
    assert [urn for urn in urns(lab) if "third" in urn or "fourth" in urn] == []


def test_what_was_there_before_is_there_again(lab: Lab) -> None:
    said = lab("preview", "--expect-no-changes")
    assert said.code == 0, said.text


def _left_in(lab: Lab, region: str) -> list[str]:
    """What of a stack's large things is in a region."""
    compartment = lab.compartment_id
    network = lab.client(VirtualNetworkClient, region)
    found = [
        *network.list_vcns(compartment).data,
        *network.list_drgs(compartment).data,
        *network.list_remote_peering_connections(compartment).data,
        *lab.client(LoadBalancerClient, region).list_load_balancers(compartment).data,
        *lab.client(ContainerEngineClient, region).list_clusters(compartment).data,
        *lab.client(ContainerEngineClient, region).list_node_pools(compartment).data,
    ]
    return [one.id for one in found if one.lifecycle_state not in ("DELETED", "TERMINATED")]
