"""The sample workloads of one cluster."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from components.samples.samples import Samples, SamplesArgs
from ops.verify.answers import curl_words, single_words
from tests.support.harness import Deployment, deploy

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NAMESPACE = "kubernetes:core/v1:Namespace"
INJECTED = {"istio-injection": "enabled"}


def samples(
    *, version: str = "v1", labels: Mapping[str, str] = INJECTED, is_primary: bool = True
) -> Deployment:
    args = SamplesArgs(
        key="fra",
        version=version,
        labels=labels,
        identity={"oke-mesh/identity": "the same"},
        is_primary=is_primary,
        requires=[],
    )
    return deploy(lambda: Samples("fra-sample", args))


@pytest.fixture(scope="module")
def made() -> Deployment:
    return samples()


def test_helloworld_answers_with_the_version_of_its_cluster() -> None:
    pod = samples(version="blue").one(DEPLOYMENT, "fra-sample-helloworld-blue").inputs["spec"]
    (container,) = pod["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "SERVICE_VERSION", "value": "blue"}]
    assert pod["selector"]["matchLabels"] == {"app": "helloworld", "version": "blue"}


def test_pods_start_anew_when_what_their_proxies_keep_has_changed(made: Deployment) -> None:
    for deployment in made.of(DEPLOYMENT):
        template = deployment.inputs["spec"]["template"]["metadata"]
        assert template["annotations"] == {"oke-mesh/identity": "the same"}


def test_images_are_named_in_full(made: Deployment) -> None:
    """Nodes of OKE from Kubernetes 1.34 on refuse short names."""
    images = [
        deployment.inputs["spec"]["template"]["spec"]["containers"][0]["image"]
        for deployment in made.of(DEPLOYMENT)
    ]
    assert images == [
        "docker.io/curlimages/curl:8.16.0",
        "docker.io/istio/examples-helloworld-v1:1.0",
    ]


def test_the_namespace_has_its_labels_from_the_start(made: Deployment) -> None:
    labels = made.one(NAMESPACE, "fra-sample-namespace").inputs["metadata"]["labels"]
    assert labels == INJECTED


def test_the_ingress_gateway_leads_to_helloworld(made: Deployment) -> None:
    route = made.one(
        "kubernetes:networking.istio.io/v1:VirtualService", "fra-sample-helloworld-virtualservice"
    ).inputs["spec"]
    assert route["http"] == [
        {
            "match": [{"uri": {"exact": "/hello"}}],
            "route": [{"destination": {"host": "helloworld", "port": {"number": 5000}}}],
        }
    ]


def test_a_remote_has_no_routes_of_its_own() -> None:
    made = samples(is_primary=False)
    assert [r.name for r in made.resources if "istio.io" in r.type] == []


def test_a_cluster_has_a_service_that_no_other_has(made: Deployment) -> None:
    service = made.one("kubernetes:core/v1:Service", "fra-sample-helloworld-in-fra").inputs
    assert service["metadata"]["name"] == "helloworld-in-fra"
    assert service["spec"]["selector"] == {"app": "helloworld"}


def test_the_verification_asks_for_the_service_that_one_cluster_alone_has(
    made: Deployment,
) -> None:
    names = [r.inputs["metadata"]["name"] for r in made.of("kubernetes:core/v1:Service")]
    urls = [single_words(["fra"])[-1], curl_words(1)[-1]]
    hosts = {url.partition("//")[2].partition(".")[0] for url in urls}
    assert {host.replace("{", "").replace("}", "") for host in hosts} == set(names)


def test_no_rule_for_the_whole_mesh_keeps_requests_to_the_samples_near(made: Deployment) -> None:
    rule = made.one(
        "kubernetes:networking.istio.io/v1:DestinationRule",
        "fra-sample-helloworld-destinationrule",
    ).inputs["spec"]
    policy = rule["trafficPolicy"]
    assert rule["host"] == "*.sample.svc.cluster.local"
    assert policy["loadBalancer"]["localityLbSetting"] == {"enabled": False}
    assert policy["connectionPool"]["http"]["maxRequestsPerConnection"] == 1
    assert "outlierDetection" not in policy


def test_scaling_helloworld_to_none_does_not_fail_its_service(made: Deployment) -> None:
    service = made.one("kubernetes:core/v1:Service", "fra-sample-helloworld").inputs
    assert service["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
