"""A mesh that denies by default: what it still carries, and what it refuses."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.changing import described
from tests.lab.stack_kit import KEYS, Lab

pytestmark = pytest.mark.lab

STRANGERS = "strangers"
HELLO = "http://helloworld.sample:5000/hello"
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def strangers(lab: Lab) -> Iterator[None]:
    """A client of the mesh in a namespace of its own, which no policy of the program names."""
    lab.kubectl("primary", "create", "namespace", STRANGERS)
    lab.kubectl("primary", "label", "namespace", STRANGERS, "istio-injection=enabled")
    lab.start_client("primary", STRANGERS, "curl")
    yield
    lab.kubectl("primary", "delete", "namespace", STRANGERS)


@pytest.fixture(scope="module")
def denying(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    at, folder = ("oke-mesh:mesh", "authorization"), tmp_path_factory.mktemp("denying")
    with described(lab, lab.changed_settings(folder, at, "denyByDefault")):
        yield


def _status(lab: Lab) -> str:
    words = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", HELLO)
    return lab.kubectl("primary", "-n", STRANGERS, "exec", "curl", "-c", "curl", "--", *words)


def _becomes(lab: Lab, wanted: str) -> str:
    """The status, waited for until it is the wanted one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (found := _status(lab)) != wanted and time.monotonic() < end:
        time.sleep(1)
    return found


@pytest.mark.parametrize("key", KEYS)
def test_pods_of_istio_run_where_no_others_could_take_their_node(lab: Lab, key: str) -> None:
    place = ("--namespace", "istio-system")
    label = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}"
    assert lab.kubectl(key, "get", "namespace", "istio-system", "-o", label) == "baseline"
    phases = lab.kubectl(key, *place, "get", "pods", "-o", "jsonpath={.items[*].status.phase}")
    assert set(phases.split()) == {"Running"}
    # What runs is judged too, and would be named.
    asks = ("label", "--overwrite", "--dry-run=server", "namespace", "istio-system")
    level = "pod-security.kubernetes.io/enforce"
    assert "existing pods" in lab.try_kubectl(key, *asks, f"{level}=restricted").err
    assert "existing pods" not in lab.try_kubectl(key, *asks, f"{level}=baseline").err


@pytest.mark.usefixtures("strangers")
def test_by_default_the_whole_mesh_may_ask(lab: Lab) -> None:
    assert _becomes(lab, "200") == "200"


@pytest.mark.usefixtures("strangers", "denying")
def test_a_mesh_that_denies_carries_its_samples_and_refuses_strangers(
    lab: Lab, tmp_path: Path
) -> None:
    assert _becomes(lab, "403") == "403"
    # From here on a stranger is refused by helloworld of both clusters, not by chance of one.
    assert {_status(lab) for _ in range(20)} == {"403"}


@pytest.mark.usefixtures("strangers")
def test_a_route_of_another_namespace_is_not_taken(lab: Lab, tmp_path: Path) -> None:
    """A stranger's VirtualService names the samples' Gateway, and leads nowhere."""
    route = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "taken", "namespace": STRANGERS},
        "spec": {
            "hosts": ["taken.example"],
            "gateways": ["sample/helloworld"],
            "http": [{"directResponse": {"status": 299}}],
        },
    }
    file = tmp_path / "route.json"
    for namespace, wanted in (("sample", "299"), (STRANGERS, "404")):
        route["metadata"] = {"name": "taken", "namespace": namespace}
        file.write_text(json.dumps(route))
        lab.kubectl("primary", "apply", "-f", str(file))
        assert _ingress_becomes(lab, wanted) == wanted
        lab.kubectl("primary", "delete", "-f", str(file))
        assert _ingress_becomes(lab, "404") == "404"


def _ingress_becomes(lab: Lab, wanted: str) -> str:
    url = "http://istio-ingressgateway.istio-system/anything"
    words = ("-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: taken.example", url)
    end, found = time.monotonic() + PATIENCE_SECONDS, ""
    while found != wanted and time.monotonic() < end:
        found = lab.kubectl(
            "primary", "-n", STRANGERS, "exec", "curl", "-c", "curl", "--", "curl", *words
        )
        time.sleep(1)
    return found
