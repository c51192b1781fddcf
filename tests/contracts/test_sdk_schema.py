"""The check against the SDKs finds what is wrong; otherwise its empty answer would say nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.harness import Registered
from tests.support.sdk_schema import faults

RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
ATTACHMENT = "oci:Core/drgAttachment:DrgAttachment"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ROOT = "tls:index/selfSignedCert:SelfSignedCert"
ROUTES = "oci:Core/routeTable:RouteTable"

GOOD: dict[str, dict[str, Any]] = {
    RULE: {
        "networkSecurityGroupId": "group",
        "direction": "INGRESS",
        "protocol": "6",
        "stateless": False,
        "tcpOptions": {"destinationPortRange": {"min": 443, "max": 443}},
    },
    ATTACHMENT: {"drgId": "drg", "networkDetails": {"id": "vcn", "type": "VCN"}},
    ROUTES: {
        "compartmentId": "compartment",
        "vcnId": "vcn",
        "routeRules": [{"networkEntityId": "drg", "destination": "10.1.0.0/16"}],
    },
    DEPLOYMENT: {
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {"containers": [{"name": "web", "image": "web:1"}]}},
        },
    },
    ROOT: {
        "privateKeyPem": "key",
        "allowedUses": ["cert_signing"],
        "validityPeriodHours": 24,
        "subject": {"commonName": "root"},
    },
}


def changed(type_: str, *path: str | int, value: Any) -> list[str]:
    """Return the faults of good inputs of a type with one place changed."""
    inputs: Any = {**GOOD[type_]}
    place = inputs
    for step in path[:-1]:
        copy = {**place[step]} if isinstance(place[step], dict) else [*place[step]]
        place[step] = copy
        place = copy
    place[path[-1]] = value
    return found(type_, inputs)


def found(type_: str, inputs: dict[str, Any]) -> list[str]:
    resource = Registered(
        type=type_,
        name="probe",
        urn="urn",
        parent="",
        provider="",
        inputs=inputs,
        secrets=frozenset(),
        dependencies=frozenset(),
        custom=True,
        is_read=False,
    )
    return faults([resource])


@pytest.mark.parametrize("type_", GOOD)
def test_right_inputs_have_no_fault(type_: str) -> None:
    assert found(type_, GOOD[type_]) == []


def id_of(value: object) -> str | None:
    return ".".join(map(str, value)) if isinstance(value, tuple) else ""


@pytest.mark.parametrize(
    ("type_", "path", "shown"),
    [
        (RULE, ("stateles",), "stateles"),
        (RULE, ("tcpOptions", "destinationPortrange"), "tcpOptions.destinationPortrange"),
        (
            RULE,
            ("tcpOptions", "destinationPortRange", "mim"),
            "tcpOptions.destinationPortRange.mim",
        ),
        (ATTACHMENT, ("networkDetails", "vcnId"), "networkDetails.vcnId"),
        (ROUTES, ("routeRules", 0, "cidr"), "routeRules[0].cidr"),
        (DEPLOYMENT, ("spec", "replica"), "spec.replica"),
        (
            DEPLOYMENT,
            ("spec", "template", "spec", "containers", 0, "imagePolicy"),
            "spec.template.spec.containers[0].imagePolicy",
        ),
        (ROOT, ("subject", "common_name"), "subject.common_name"),
    ],
    ids=id_of,
)
def test_a_misspelt_property_is_found(type_: str, path: tuple[str | int, ...], shown: str) -> None:
    (fault,) = changed(type_, *path, value=1)
    assert fault.startswith(f"probe: {shown}: unknown property; known are ")


@pytest.mark.parametrize(
    ("type_", "path", "value", "fault"),
    [
        (RULE, ("stateless",), "no", "stateless: must be a boolean, got str"),
        (RULE, ("tcpOptions",), [], "tcpOptions: must be an object, got list"),
        (
            RULE,
            ("tcpOptions", "destinationPortRange", "min"),
            "https",
            "tcpOptions.destinationPortRange.min: must be an integer, got str",
        ),
        (ATTACHMENT, ("networkDetails", "id"), {}, "networkDetails.id: must be a string, got dict"),
        (ROUTES, ("routeRules",), {}, "routeRules: must be a list, got dict"),
        (
            ROUTES,
            ("routeRules", 0, "destination"),
            ["10.1.0.0/16"],
            "routeRules[0].destination: must be a string, got list",
        ),
        (DEPLOYMENT, ("spec", "replicas"), "two", "spec.replicas: must be an integer, got str"),
        (
            DEPLOYMENT,
            ("metadata", "labels", "app"),
            {"name": "web"},
            "metadata.labels.app: must be a string, got dict",
        ),
        (ROOT, ("allowedUses",), "cert_signing", "allowedUses: must be a list, got str"),
    ],
    ids=id_of,
)
def test_a_mistyped_property_is_found(
    type_: str, *, path: tuple[str | int, ...], value: Any, fault: str
) -> None:
    assert changed(type_, *path, value=value) == [f"probe: {fault}"]


@pytest.mark.parametrize(
    ("type_", "missing"), [(RULE, "direction"), (ROUTES, "vcnId"), (ROOT, "allowedUses")]
)
def test_a_missing_property_is_found(type_: str, missing: str) -> None:
    (fault,) = found(type_, {k: v for k, v in GOOD[type_].items() if k != missing})
    assert fault.startswith(f"probe: {missing}: ")


def test_a_type_that_the_sdk_does_not_have_is_named() -> None:
    with pytest.raises(LookupError, match=r"^oci:Core/vcm:Vcm is not in pulumi_oci: no core/vcm"):
        found("oci:Core/vcm:Vcm", {})
