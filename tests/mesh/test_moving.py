"""What has to move or to start anew, in an order in which nobody notices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mesh.support import COMMAND, PATCH, RELEASE, SERVICE, mesh
from tests.support.graph import order
from tests.support.harness import Deployment


@pytest.mark.parametrize(
    ("kind", "usual", "other"),
    [("eastWest", "internal", "public"), ("ingress", "public", "internal")],
)
def test_another_exposure_is_another_service_beside_the_former(
    kind: str, usual: str, other: str
) -> None:
    """Under one name the former would have to go first, and its load balancer with it."""
    gateway = f"{kind.lower()}gateway"
    names = {}
    for exposure in (usual, other):
        change: dict[str, Any] = {f"mesh__{kind}": {"exposure": exposure}}
        made = mesh(**change)
        service = made.one(SERVICE, f"primary-{gateway}-service")
        assert not service.options.get("deleteBeforeReplace")
        names[exposure] = service.inputs["metadata"]["name"]
    assert names == {usual: f"istio-{gateway}", other: f"istio-{gateway}-{other}"}


def test_istiod_finds_a_gateway_by_a_label_that_goes_before_the_gateway(
    primaries: Deployment,
) -> None:
    label = primaries.one(PATCH, "primary-eastwestgateway-label")
    assert label.inputs["metadata"] == {
        "name": "primary-eastwestgateway-service-id",
        "namespace": "istio-system",
        "labels": {"topology.istio.io/network": "primary-network"},
        "annotations": {"pulumi.com/patchFieldManager": "oke-mesh-announcement"},
    }
    # What comes last here goes first: the label, then the pause, then the Service.
    service, pause = (f"primary-eastwestgateway-{part}" for part in ("service", "drain-pause"))
    assert order(primaries, service, pause)
    assert order(primaries, pause, label.name)


def test_nobody_is_sent_to_an_ingress_gateway_by_istiod(primaries: Deployment) -> None:
    assert [name for name in primaries.names(PATCH) if "ingress" in name] == []


def test_a_gateway_has_time_before_it_is_announced_and_before_it_goes() -> None:
    made = mesh(mesh__drainSeconds=7)
    pause = made.one(COMMAND, "primary-eastwestgateway-drain-pause")
    assert {name: pause.inputs[name] for name in ("create", "delete", "update")} == {
        "create": "sleep 7",
        "delete": "sleep 7",
        "update": "true",
    }
    # Another Service is another drain, so that the former goes with its pause.
    assert pause.inputs["triggers"] == ["primary-eastwestgateway-service-id"]
    assert pause.options["replaceOnChanges"] == ["triggers[*]"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "oke-mesh/oke.local/primary-network/primary-cluster/default"),
        ({"mesh__id": "other"}, "other/oke.local/primary-network/primary-cluster/default"),
        ({"mesh__trustDomain": "a.b"}, "oke-mesh/a.b/primary-network/primary-cluster/default"),
        ({"clusters__primary__network": "n"}, "oke-mesh/oke.local/n/primary-cluster/default"),
        ({"clusters__primary__name": "p"}, "oke-mesh/oke.local/primary-network/p/default"),
        (
            {"mesh__istio": {"revision": "blue"}},
            "oke-mesh/oke.local/primary-network/primary-cluster/blue",
        ),
    ],
)
def test_what_keeps_its_identity_starts_anew_with_another(
    changes: dict[str, Any], expected: str
) -> None:
    made = mesh(**changes)
    for name in ("istio-istiod", "ingressgateway", "eastwestgateway"):
        values = made.one(RELEASE, f"primary-{name}").inputs["values"]
        assert values["podAnnotations"]["oke-mesh/identity"] == expected
