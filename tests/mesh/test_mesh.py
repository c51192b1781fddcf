"""The mesh of every topology: what is installed where, in which order, with which values."""

from __future__ import annotations

import base64

import pytest
import yaml

from tests.mesh.support import (
    GATEWAY,
    NAMESPACE,
    ONE_NETWORK,
    PEER_AUTHENTICATION,
    RELEASE,
    SECRET,
    SERVICE,
    THREE,
    cluster_of,
    mesh,
    read_by,
)
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.outputs import address, ocid


@pytest.fixture(scope="module")
def flat() -> Deployment:
    return mesh(**ONE_NETWORK)


def test_every_primary_gets_every_chart_and_both_gateways(primaries: Deployment) -> None:
    assert primaries.names(RELEASE) == [
        f"{key}-{part}"
        for key in ("primary", "secondary")
        for part in ("eastwestgateway", "ingressgateway", "istio-base", "istio-istiod")
    ]


def test_everything_of_a_cluster_goes_through_its_own_provider(primaries: Deployment) -> None:
    strays = [
        resource.name
        for resource in primaries.resources
        if resource.custom and resource.type.startswith("kubernetes:")
        if not resource.name.startswith(cluster_of(primaries, resource.name))
    ]
    assert strays == []


def test_istiod_knows_its_mesh_cluster_and_network(primaries: Deployment) -> None:
    values = primaries.one(RELEASE, "secondary-istio-istiod").inputs["values"]
    assert values["global"] == {
        "meshID": "oke-mesh",
        "network": "secondary-network",
        "multiCluster": {"clusterName": "secondary-cluster"},
        "externalIstiod": False,
        "logging": {"level": "default:info"},
    }


def test_all_clusters_share_the_trust_domain(primaries: Deployment) -> None:
    domains = {
        release.inputs["values"]["meshConfig"]["trustDomain"]
        for release in primaries.of(RELEASE)
        if release.name.endswith("istiod")
    }
    assert domains == {"oke.local"}


def test_proxies_can_trust_two_roots_from_the_first_day(primaries: Deployment) -> None:
    values = primaries.one(RELEASE, "primary-istio-istiod").inputs["values"]
    assert values["env"]["ISTIO_MULTIROOT_MESH"] == "true"
    metadata = values["meshConfig"]["defaultConfig"]["proxyMetadata"]
    assert metadata["PROXY_CONFIG_XDS_AGENT"] == "true"


def test_extra_values_are_merged_deep() -> None:
    extra = {"global": {"logAsJson": True}, "replicaCount": 3}
    made = mesh(mesh__istio={"values": extra})
    values = made.one(RELEASE, "primary-istio-istiod").inputs["values"]
    assert values["global"]["logAsJson"] is True
    assert values["global"]["meshID"] == "oke-mesh"
    assert values["replicaCount"] == 3


def test_a_release_is_there_when_all_of_it_is_ready(primaries: Deployment) -> None:
    for release in primaries.of(RELEASE):
        assert release.inputs["skipAwait"] is False
        # A load balancer alone may take five minutes, and new nodes pull images before it.
        assert release.inputs["timeout"] >= 900


def test_a_release_that_failed_stays_to_be_looked_at(primaries: Deployment) -> None:
    assert {release.inputs["atomic"] for release in primaries.of(RELEASE)} == {False}


def test_no_release_makes_a_namespace_without_its_network(primaries: Deployment) -> None:
    assert {release.inputs["createNamespace"] for release in primaries.of(RELEASE)} == {False}


def test_the_keys_in_cacerts_are_secret(primaries: Deployment) -> None:
    secret = primaries.one(SECRET, "primary-istio-system-cacerts")
    assert "stringData" in secret.secrets
    assert secret.inputs["stringData"]["ca-key.pem"] == "key-of-primary"


def test_the_namespace_carries_its_network(primaries: Deployment) -> None:
    namespace = primaries.one(NAMESPACE, "primary-istio-system-namespace")
    labels = namespace.inputs["metadata"]["labels"]
    assert labels["topology.istio.io/network"] == "primary-network"


def test_an_east_west_gateway_is_internal_by_default(primaries: Deployment) -> None:
    service = primaries.one(SERVICE, "primary-eastwestgateway-service")
    assert service.inputs["metadata"] == {
        "name": "istio-eastwestgateway",
        "namespace": "istio-system",
        "labels": {"app": "istio-eastwestgateway", "istio": "eastwestgateway"},
        "annotations": {
            "oci.oraclecloud.com/load-balancer-type": "lb",
            "oci.oraclecloud.com/oci-network-security-groups": ocid(
                "networksecuritygroup", "primary-internalLb"
            ),
            "oci.oraclecloud.com/initial-freeform-tags-override": (
                '{"cluster": "primary", "mesh": "oke-mesh", "project": "oke-mesh", '
                '"role": "gateway", "stack": "test"}'
            ),
            "service.beta.kubernetes.io/oci-load-balancer-backend-protocol": "TCP",
            "service.beta.kubernetes.io/oci-load-balancer-connection-idle-timeout": "7200",
            "service.beta.kubernetes.io/oci-load-balancer-health-check-interval": "5000",
            "service.beta.kubernetes.io/oci-load-balancer-health-check-retries": "3",
            "service.beta.kubernetes.io/oci-load-balancer-health-check-timeout": "3000",
            "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
            "service.beta.kubernetes.io/oci-load-balancer-security-list-management-mode": "None",
            "service.beta.kubernetes.io/oci-load-balancer-shape": "flexible",
            "service.beta.kubernetes.io/oci-load-balancer-shape-flex-max": "100",
            "service.beta.kubernetes.io/oci-load-balancer-shape-flex-min": "10",
            "service.beta.kubernetes.io/oci-load-balancer-subnet1": ocid(
                "subnet", "primary-internalLb"
            ),
        },
    }


def test_the_east_west_ports_are_those_of_istio(primaries: Deployment) -> None:
    ports = primaries.one(SERVICE, "primary-eastwestgateway-service").inputs["spec"]["ports"]
    assert [port["port"] for port in ports] == [15021, 15443, 15012, 15017]


def test_a_load_balancer_asks_each_node_for_its_own_gateway(primaries: Deployment) -> None:
    """So it has left a node that is drained before that node is off."""
    found = [service.inputs["spec"] for service in primaries.of(SERVICE)]
    assert {spec["externalTrafficPolicy"] for spec in found if spec.get("type")} == {"Local"}


@pytest.mark.parametrize(("asked", "drain"), [(5, 23), (60, 60)])
def test_a_gateway_that_ends_answers_until_load_balancers_have_left_it(
    asked: int, drain: int
) -> None:
    values = mesh(mesh__drainSeconds=asked).one(RELEASE, "primary-ingressgateway").inputs["values"]
    annotation = values["podAnnotations"]["proxy.istio.io/config"]
    assert yaml.safe_load(annotation) == {"terminationDrainDuration": f"{drain}s"}
    assert values["terminationGracePeriodSeconds"] > drain


def test_each_port_of_a_load_balancer_leads_to_the_same_of_its_pods(primaries: Deployment) -> None:
    for service in primaries.of(SERVICE):
        ports = service.inputs["spec"]["ports"]
        assert [port["targetPort"] for port in ports] == [port["port"] for port in ports]


def test_an_ingress_gateway_is_public_by_default(primaries: Deployment) -> None:
    annotations = primaries.one(SERVICE, "primary-ingressgateway-service").inputs["metadata"][
        "annotations"
    ]
    prefix = "service.beta.kubernetes.io/oci-load-balancer"
    assert annotations[f"{prefix}-internal"] == "false"
    assert annotations[f"{prefix}-subnet1"] == ocid("subnet", "primary-publicLb")


def test_the_addresses_are_those_of_the_load_balancers(primaries: Deployment) -> None:
    assert primaries.exports == {
        "ingress": {
            key: address(f"{key}-ingressgateway-service") for key in ("primary", "secondary")
        },
        "eastWest": {
            key: address(f"{key}-eastwestgateway-service") for key in ("primary", "secondary")
        },
    }


def test_services_are_exposed_on_every_primary(primaries: Deployment) -> None:
    assert primaries.names(GATEWAY) == [
        "primary-exposure-cross-network-gateway",
        "secondary-exposure-cross-network-gateway",
    ]
    assert primaries.of(GATEWAY)[0].inputs["spec"] == {
        "selector": {"istio": "eastwestgateway"},
        "servers": [
            {
                "port": {"number": 15443, "name": "tls", "protocol": "TLS"},
                "tls": {"mode": "AUTO_PASSTHROUGH"},
                "hosts": ["*.local"],
            }
        ],
    }


def test_mtls_is_strict_everywhere_by_default(primaries: Deployment) -> None:
    assert [p.inputs["spec"] for p in primaries.of(PEER_AUTHENTICATION)] == [
        {"mtls": {"mode": "STRICT"}},
        {"mtls": {"mode": "STRICT"}},
    ]


def test_every_primary_reads_the_others(primaries: Deployment) -> None:
    assert [name for name in primaries.names(SECRET) if "reads" in name] == [
        f"{key}-reads-{readable}-secret"
        for key in ("primary", "secondary")
        for readable in ("others", "remotes")
    ]
    assert cluster_of(primaries, "primary-reads-others-secret") == "primary"
    assert list(read_by(primaries, "primary-reads-others-secret")) == ["secondary-cluster"]


def test_a_reader_has_one_secret_for_all_that_it_reads() -> None:
    made = mesh(clusters=THREE)
    assert list(read_by(made, "a-reads-others-secret")) == ["b-cluster", "c-cluster"]
    assert len([name for name in made.names(SECRET) if "reads" in name]) == 2 * len(THREE)


def test_a_cluster_leaves_its_readers_by_an_update() -> None:
    """Also the last one: a Secret that went with it would go when its gateways do."""
    alone = mesh(clusters={"a": THREE["a"]})
    for made in (mesh(clusters=THREE), alone):
        assert "a-reads-others-secret" in made.names(SECRET)
    assert read_by(alone, "a-reads-others-secret") == {}


def test_a_remote_secret_has_the_form_that_istiod_looks_for(primaries: Deployment) -> None:
    secret = primaries.one(SECRET, "primary-reads-others-secret")
    assert secret.inputs["metadata"] == {
        "name": "istio-remote-secret-others",
        "namespace": "istio-system",
        "labels": {"istio/multiCluster": "true"},
    }
    assert "data" in secret.secrets


def test_a_remote_secret_signs_in_with_a_token_and_runs_nothing(primaries: Deployment) -> None:
    text = read_by(primaries, "primary-reads-others-secret")["secondary-cluster"]
    assert yaml.safe_load(text)["users"] == [
        {"name": "secondary-cluster", "user": {"token": "token-of-secondary-istio-reader-token"}}
    ]


def test_a_remote_secret_is_written_the_same_way_each_time(primaries: Deployment) -> None:
    """istiod closes the watch of a cluster whose key has changed, and opens another."""
    text = read_by(primaries, "primary-reads-others-secret")["secondary-cluster"]
    assert text == yaml.safe_dump(yaml.safe_load(text), sort_keys=True)


def test_a_remote_secret_leads_to_the_private_address_of_its_source(
    primaries: Deployment,
) -> None:
    text = read_by(primaries, "primary-reads-others-secret")["secondary-cluster"]
    (cluster,) = yaml.safe_load(text)["clusters"]
    assert cluster["cluster"]["server"] == "https://10.9.0.1:6443"
    assert base64.b64decode(cluster["cluster"]["certificate-authority-data"]) == b"ca"


@pytest.mark.parametrize(
    "opened",
    [
        "secondary-eastwestgateway-service",
        "secondary-eastwestgateway-label",
        "secondary-exposure-cross-network-gateway",
        "secondary-istio-istiod",
    ],
)
def test_nobody_is_sent_to_a_cluster_before_the_way_into_it_is_open(
    primaries: Deployment, opened: str
) -> None:
    assert order(primaries, opened, "primary-reads-others-secret")


def test_an_east_west_gateway_that_is_ready_listens(primaries: Deployment) -> None:
    exposure, gateway = "primary-exposure-cross-network-gateway", "primary-eastwestgateway"
    assert order(primaries, exposure, gateway)


def test_no_gateway_and_no_workload_of_a_primary_waits_for_the_others(
    primaries: Deployment,
) -> None:
    for name in ("primary-eastwestgateway-service", "primary-workload"):
        assert not order(primaries, "secondary-istio-base", name)


def test_another_token_of_the_reader_comes_before_the_old_one_goes(primaries: Deployment) -> None:
    """A name of ours would be taken, and so the old one would have to go first."""
    token = primaries.one(SECRET, "primary-istio-reader-token")
    assert set(token.inputs["metadata"]) == {"namespace", "annotations"}


def test_the_reader_token_is_waited_for(primaries: Deployment) -> None:
    token = primaries.one(SECRET, "primary-istio-reader-token")
    annotations = token.inputs["metadata"]["annotations"]
    assert annotations["pulumi.com/waitFor"] == "jsonpath={.data.token}"


def test_on_one_network_there_is_no_east_west_gateway(flat: Deployment) -> None:
    assert [name for name in flat.names(RELEASE) if "eastwest" in name] == []
    assert flat.names(GATEWAY) == []


def test_on_one_network_primaries_read_each_other_all_the_same(flat: Deployment) -> None:
    assert list(read_by(flat, "primary-reads-others-secret")) == ["secondary-cluster"]


def test_on_one_network_a_cluster_is_read_when_the_reader_has_its_rights(flat: Deployment) -> None:
    assert order(flat, "secondary-istio-istiod", "primary-reads-others-secret")


def test_without_the_mesh_only_namespaces_and_cacerts_are_made() -> None:
    made = mesh(mesh__enabled=False)
    assert sorted(r.name for r in made.resources if r.type.startswith("kubernetes:")) == [
        "primary-istio-system-cacerts",
        "primary-istio-system-namespace",
        "secondary-istio-system-cacerts",
        "secondary-istio-system-namespace",
    ]
    assert made.exports == {"ingress": {}, "eastWest": {}}


def test_options_add_their_charts(optional: Deployment) -> None:
    extra = [name for name in optional.names(RELEASE) if "cni" in name or "egress" in name]
    assert extra == [
        "primary-egressgateway",
        "primary-istio-cni",
        "secondary-egressgateway",
        "secondary-istio-cni",
    ]
    values = optional.one(RELEASE, "primary-istio-istiod").inputs["values"]
    assert values["cni"] == {"enabled": True}


@pytest.mark.parametrize(
    ("charts", "expected"),
    [
        (
            "https://charts.example/istio/",
            ("istiod", "1.31.4", {"repo": "https://charts.example/istio"}),
        ),
        ("oci://registry.example/charts", ("oci://registry.example/charts/istiod", "1.31.4", None)),
        ("charts/istio", ("charts/istio/istiod", None, None)),
    ],
)
def test_charts_come_from_a_repository_a_registry_or_a_folder(
    charts: str, expected: tuple[object, ...]
) -> None:
    inputs = mesh(mesh__istio={"charts": charts}).one(RELEASE, "primary-istio-istiod").inputs
    found = tuple(inputs.get(key) for key in ("chart", "version", "repositoryOpts"))
    assert found == expected


def test_a_revision_reaches_istiod_and_its_gateways() -> None:
    made = mesh(mesh__istio={"revision": "blue"})
    revisions = {r.name: r.inputs["values"].get("revision") for r in made.of(RELEASE)}
    assert revisions["primary-istio-istiod"] == "blue"
    assert revisions["primary-eastwestgateway"] == "blue"


def test_a_load_balancer_is_waited_for_on_a_busy_day_too(primaries: Deployment) -> None:
    service = primaries.one(SERVICE, "primary-ingressgateway-service")
    patience = {"create": "15m", "update": "15m", "delete": "15m"}
    assert service.options["customTimeouts"] == patience


def test_a_drained_node_never_takes_the_last_pod_of_a_gateway(primaries: Deployment) -> None:
    for name in ("primary-ingressgateway", "primary-eastwestgateway"):
        values = primaries.one(RELEASE, name).inputs["values"]
        assert values["podDisruptionBudget"] == {"minAvailable": 1}


@pytest.mark.parametrize("revision", ["blue", None])
def test_every_object_is_checked_by_the_istiod_that_there_is(revision: str | None) -> None:
    made = mesh(mesh__istio={"revision": revision})
    values = made.one(RELEASE, "primary-istio-base").inputs["values"]
    # The chart's own default is the istiod without a revision.
    assert values.get("defaultRevision") == revision


def test_a_preview_shows_the_same_graph(primaries: Deployment) -> None:
    assert mesh(preview=True).urns() == primaries.urns()
