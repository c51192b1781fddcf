"""A mesh of one primary and a remote: what is installed where, in which order, how exposed."""

from __future__ import annotations

import pytest

from tests.mesh.support import (
    GATEWAY,
    NAMESPACE,
    PEER_AUTHENTICATION,
    PRIMARY_REMOTE,
    RELEASE,
    SECRET,
    VIRTUAL_SERVICE,
    cluster_of,
    mesh,
    read_by,
)
from tests.support.documents import cluster
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.outputs import address


@pytest.fixture(scope="module")
def remote() -> Deployment:
    return mesh(**PRIMARY_REMOTE)


def test_a_primary_with_a_remote_runs_istiod_for_others(remote: Deployment) -> None:
    base = remote.one(RELEASE, "fra-istio-base").inputs["values"]
    istiod = remote.one(RELEASE, "fra-istio-istiod").inputs["values"]
    assert base == {"global": {"externalIstiod": True}}
    assert istiod["global"]["externalIstiod"] is True


def test_istiod_is_exposed_to_remotes_without_opening_its_tls(remote: Deployment) -> None:
    servers = remote.one(GATEWAY, "fra-exposure-istiod-gateway").inputs["spec"]["servers"]
    assert [(s["port"]["number"], s["tls"]["mode"]) for s in servers] == [
        (15012, "PASSTHROUGH"),
        (15017, "PASSTHROUGH"),
    ]


def test_the_route_to_istiod_leads_to_its_own_ports(remote: Deployment) -> None:
    routes = remote.one(VIRTUAL_SERVICE, "fra-exposure-istiod-vs").inputs["spec"]["tls"]
    found = {
        tls["match"][0]["port"]: (
            tls["route"][0]["destination"]["host"],
            tls["route"][0]["destination"]["port"]["number"],
        )
        for tls in routes
    }
    host = "istiod.istio-system.svc.cluster.local"
    assert found == {15012: (host, 15012), 15017: (host, 443)}


def test_the_route_to_a_revisioned_istiod_names_the_revision() -> None:
    made = mesh(**PRIMARY_REMOTE, mesh__istio={"revision": "blue"})
    routes = made.one(VIRTUAL_SERVICE, "fra-exposure-istiod-vs").inputs["spec"]["tls"]
    hosts = {tls["route"][0]["destination"]["host"] for tls in routes}
    assert hosts == {"istiod-blue.istio-system.svc.cluster.local"}


def test_a_remote_takes_its_configuration_from_its_primary(remote: Deployment) -> None:
    values = remote.one(RELEASE, "ash-istio-istiod").inputs["values"]
    assert values == {
        "profile": "remote",
        "istiodRemote": {"injectionPath": "/inject/cluster/ash-cluster/net/ash-network"},
        "global": {
            "meshID": "oke-mesh",
            "network": "ash-network",
            "multiCluster": {"clusterName": "ash-cluster"},
            "configCluster": True,
            "remotePilotAddress": address("fra-eastwestgateway-service"),
        },
        "configMap": True,
        "meshConfig": {
            "trustDomain": "oke.local",
            "defaultConfig": {
                "proxyMetadata": {
                    "PROXY_CONFIG_XDS_AGENT": "true",
                    "ISTIO_META_DNS_CAPTURE": "true",
                }
            },
        },
    }


def test_a_remote_has_the_mesh_configuration_of_its_primary() -> None:
    """istiod takes the trust domain of a cluster from the cluster's own ConfigMap."""
    own = {"accessLogFile": "/dev/stdout", "defaultConfig": {"concurrency": 2}}
    made = mesh(
        **PRIMARY_REMOTE, mesh__trustDomain="corp.example", mesh__istio__values={"meshConfig": own}
    )
    found = [made.one(RELEASE, f"{key}-istio-istiod").inputs["values"] for key in ("fra", "ash")]
    assert found[0]["meshConfig"] == found[1]["meshConfig"]
    assert found[1]["meshConfig"]["trustDomain"] == "corp.example"
    assert found[1]["meshConfig"]["defaultConfig"]["concurrency"] == 2


def test_a_remote_has_no_signing_certificate(remote: Deployment) -> None:
    assert [name for name in remote.names(SECRET) if "cacerts" in name] == [
        "fra-istio-system-cacerts"
    ]


def test_the_namespace_of_a_remote_names_its_primary(remote: Deployment) -> None:
    metadata = remote.one(NAMESPACE, "ash-istio-system-namespace").inputs["metadata"]
    assert metadata["annotations"] == {"topology.istio.io/controlPlaneClusters": "fra-cluster"}
    assert metadata["labels"]["topology.istio.io/network"] == "ash-network"


def test_only_the_primary_reads_and_only_the_remote_is_read(remote: Deployment) -> None:
    assert [name for name in remote.names(SECRET) if "reads" in name] == [
        "fra-reads-others-secret",
        "fra-reads-remotes-secret",
    ]
    assert list(read_by(remote, "fra-reads-remotes-secret")) == ["ash-cluster"]
    assert read_by(remote, "fra-reads-others-secret") == {}


def test_the_namespace_of_a_remote_is_marked_before_it_is_read(remote: Deployment) -> None:
    assert order(remote, "ash-istio-system-namespace", "fra-reads-remotes-secret")


def test_a_gateway_of_a_remote_waits_until_injection_works(remote: Deployment) -> None:
    for gateway in ("ash-ingressgateway", "ash-eastwestgateway"):
        assert order(remote, "fra-reads-remotes-secret", gateway)
        assert order(remote, "fra-exposure-istiod-vs", gateway)


def test_workloads_of_a_remote_wait_for_its_gateway(remote: Deployment) -> None:
    """Its primary reads it before, and would send others to the addresses of their pods."""
    assert order(remote, "ash-eastwestgateway-service", "ash-workload")
    assert not order(remote, "ash-eastwestgateway-service", "fra-reads-remotes-secret")


def test_who_does_not_serve_a_remote_reads_it_when_its_gateway_is_there() -> None:
    made = mesh(
        clusters={
            "a": cluster(0),
            "b": cluster(1),
            "far": cluster(2, role="remote", primary="b"),
        }
    )
    assert list(read_by(made, "a-reads-others-secret")) == ["b-cluster", "far-cluster"]
    assert list(read_by(made, "b-reads-others-secret")) == ["a-cluster"]
    assert list(read_by(made, "b-reads-remotes-secret")) == ["far-cluster"]
    assert order(made, "far-eastwestgateway-service", "a-reads-others-secret")


def test_objects_of_istio_are_made_on_the_primary_only(remote: Deployment) -> None:
    kinds = (GATEWAY, VIRTUAL_SERVICE, PEER_AUTHENTICATION)
    clusters = {cluster_of(remote, r.name) for kind in kinds for r in remote.of(kind)}
    assert clusters == {"fra"}


def test_a_preview_of_primary_remote_shows_the_same_graph(remote: Deployment) -> None:
    assert mesh(preview=True, **PRIMARY_REMOTE).urns() == remote.urns()
