"""The part of JSONPath that wait-for annotations use."""

from __future__ import annotations

import pytest

from lab.plugins.kubernetes.paths import PathError, parse_jsonpath

POD = {
    "metadata": {"labels": {"app.kubernetes.io/name": "x"}},
    "status": {
        "phase": "Running",
        "ready": True,
        "replicas": 2.0,
        "ingress": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}],
        "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "Initialized", "status": "False"},
        ],
    },
    "data": {"token": "abc", "ca.crt": "pem"},
}


@pytest.mark.parametrize(
    "text",
    [
        "{.status.phase}",
        "{.status.phase}=Running",
        "{$.status.phase}=Running",
        "{ .status.phase }=Running",
        "{.status.ready}=true",
        "{.status.replicas}=2",
        "{.status.ingress[0].ip}=10.0.0.1",
        "{.status.ingress[-1].ip}=10.0.0.2",
        "{.status.ingress[*].ip}=10.0.0.1",
        "{.data['ca.crt']}=pem",
        '{.data["ca.crt"]}=pem',
        "{.metadata.labels['app.kubernetes.io/name']}=x",
        '{.status.conditions[?(@.type=="Ready")].status}=True',
        "{.status.conditions[?(@.type == 'Initialized')].status}=False",
    ],
)
def test_an_expression_matches(text: str) -> None:
    assert parse_jsonpath(text).matches(POD)


@pytest.mark.parametrize(
    "text",
    [
        "{.status.missing}",
        "{.status.phase}=Pending",
        "{.status.phase.deeper}",
        "{.status.ingress[2].ip}",
        '{.status.conditions[?(@.type=="Absent")].status}=True',
    ],
)
def test_an_expression_does_not_match(text: str) -> None:
    assert not parse_jsonpath(text).matches(POD)


def test_the_first_field_of_an_expression_is_known() -> None:
    assert parse_jsonpath("{.data.token}").first == "data"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "'{.a}'",
            "jsonpath: must be {.path} or {.path}=value, without shell quotes, got \"'{.a}'\"",
        ),
        (
            ".a=b",
            "jsonpath: must be {.path} or {.path}=value, without shell quotes, got '.a=b'",
        ),
        ("{.a}=", "jsonpath: a value must follow the equals sign, got '{.a}='"),
        ("{}", "jsonpath: names no field, got '{}'"),
        ("{.a..b}", "jsonpath: not understood from '..b', got '{.a..b}'"),
    ],
)
def test_a_malformed_expression_is_refused(text: str, fault: str) -> None:
    with pytest.raises(PathError) as raised:
        parse_jsonpath(text)
    assert str(raised.value) == fault
