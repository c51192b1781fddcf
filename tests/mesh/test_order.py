"""What of a mesh must be there before what; each order ends a race."""

from __future__ import annotations

from tests.support.graph import order
from tests.support.harness import Deployment


def test_cacerts_is_there_before_a_chart_is_installed(primaries: Deployment) -> None:
    assert order(primaries, "primary-istio-system-cacerts", "primary-istio-base")


def test_istiod_comes_after_the_custom_resource_definitions(primaries: Deployment) -> None:
    assert order(primaries, "primary-istio-base", "primary-istio-istiod")


def test_gateways_come_after_the_injector(primaries: Deployment) -> None:
    assert order(primaries, "primary-istio-istiod", "primary-ingressgateway")
    assert order(primaries, "primary-istio-istiod", "primary-eastwestgateway")


def test_the_plugin_for_pods_comes_after_the_definitions_and_before_istiod(
    optional: Deployment,
) -> None:
    assert order(optional, "primary-istio-base", "primary-istio-cni")
    assert order(optional, "primary-istio-cni", "primary-istio-istiod")


def test_an_egress_gateway_comes_after_the_injector(optional: Deployment) -> None:
    assert order(optional, "primary-istio-istiod", "primary-egressgateway")


def test_a_load_balancer_comes_after_the_pods_behind_it(primaries: Deployment) -> None:
    """The wait for the Service asks for an endpoint that is ready."""
    for name in ("primary-ingressgateway", "primary-eastwestgateway"):
        assert order(primaries, name, f"{name}-service")


def test_objects_of_istio_come_after_the_webhook_that_checks_them(primaries: Deployment) -> None:
    for name in ("primary-exposure-cross-network-gateway", "primary-exposure-default"):
        assert order(primaries, "primary-istio-istiod", name)


def test_the_reader_token_comes_after_the_account_that_it_is_for(primaries: Deployment) -> None:
    """The token controller deletes a token whose account is not there."""
    assert order(primaries, "primary-istio-base", "primary-istio-reader-token")


def test_a_remote_secret_comes_after_the_rights_that_it_uses(primaries: Deployment) -> None:
    assert order(primaries, "secondary-istio-istiod", "primary-reads-others-secret")


def test_a_remote_secret_comes_after_the_istiod_that_reads_it(primaries: Deployment) -> None:
    assert order(primaries, "primary-istio-istiod", "primary-reads-others-secret")
