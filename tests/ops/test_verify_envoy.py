"""What Envoy's admin answers say."""

from __future__ import annotations

from typing import Any

from ops.verify.envoy import Transport, growth, requests_by_endpoint, transport_by_endpoint
from tests.ops import verify_answers as answers
from tests.ops.verify_answers import OUTBOUND, PEER

NEAR, FAR = "10.1.1.7:5000", "10.2.0.66:15443"
ISTIO = {"tlsMode": "istio"}


def test_requests_are_counted_by_endpoint() -> None:
    dump = answers.envoy_clusters({NEAR: 52, FAR: 48})
    assert requests_by_endpoint(dump, OUTBOUND) == {NEAR: 52, FAR: 48}


def test_an_endpoint_without_a_request_yet_has_none() -> None:
    assert requests_by_endpoint(answers.envoy_clusters({NEAR: 0}), OUTBOUND) == {NEAR: 0}


def test_a_proxy_that_does_not_know_the_service_has_no_endpoint() -> None:
    assert requests_by_endpoint({}, OUTBOUND) == {}
    assert requests_by_endpoint(answers.envoy_clusters({}), "outbound|80||other") == {}


def test_only_the_growth_counts() -> None:
    assert growth({NEAR: 5, "10.1.1.8:5000": 9}, {NEAR: 57, FAR: 48}) == {NEAR: 52, FAR: 48}


def transports(
    marks: dict[str, dict[str, str]], socket: dict[str, Any] | None = None
) -> dict[str, Transport]:
    return transport_by_endpoint(answers.envoy_config(marks, socket), OUTBOUND)


def with_cluster(marks: dict[str, dict[str, str]], **cluster: Any) -> dict[str, Transport]:
    """What the endpoints get where a DestinationRule has made one transport for all of them."""
    active = [{"cluster": {"name": OUTBOUND, **cluster}}]
    endpoints = answers.envoy_endpoints(marks)
    dump = {
        "configs": [{"dynamic_active_clusters": active}, {"dynamic_endpoint_configs": endpoints}]
    }
    return transport_by_endpoint(dump, OUTBOUND)


def test_an_endpoint_marked_for_mutual_tls_gets_it() -> None:
    assert transports({FAR: ISTIO}) == {FAR: Transport(is_mtls=True, peers=(PEER,))}


def test_an_endpoint_without_the_mark_gets_plaintext() -> None:
    assert transports({NEAR: {}}) == {NEAR: Transport(is_mtls=False)}


def test_tls_without_a_certificate_of_the_client_is_not_mutual() -> None:
    found = transports({FAR: ISTIO}, answers.tls_socket(own=None))
    assert found == {FAR: Transport(is_mtls=False, peers=(PEER,))}


def test_a_destination_rule_gives_every_endpoint_the_same_transport() -> None:
    assert with_cluster({NEAR: {}}, transport_socket=answers.tls_socket())[NEAR].is_mtls


def test_a_destination_rule_that_disables_tls_is_seen() -> None:
    assert with_cluster({NEAR: ISTIO}) == {NEAR: Transport(is_mtls=False)}


def test_newer_matchers_of_identities_are_read_too() -> None:
    socket = answers.tls_socket()
    context = socket["typed_config"]["common_tls_context"]["combined_validation_context"]
    matcher = {"san_type": "URI", "matcher": {"exact": PEER}}
    context["default_validation_context"] = {"match_typed_subject_alt_names": [matcher]}
    assert transports({FAR: ISTIO}, socket)[FAR].peers == (PEER,)


def test_without_the_clusters_configuration_nothing_is_claimed() -> None:
    only = {"configs": [{"dynamic_endpoint_configs": answers.envoy_endpoints({FAR: ISTIO})}]}
    assert transport_by_endpoint(only, OUTBOUND) == {}
