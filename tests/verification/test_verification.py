"""The last node of the graph."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.verification.verification import summary, verify_command
from tests.support.documents import DROP, changed, documents
from tests.support.harness import Deployment, Registered
from tests.support.program import run, same_run

COMMAND = "command:local:Command"
ONE = documents(clusters__secondary=DROP)


@pytest.fixture(scope="module")
def made() -> Deployment:
    return same_run(documents())


def node(deployment: Deployment) -> Registered:
    return deployment.one(COMMAND, "verification-run")


def fingerprint(**changes: Any) -> str:
    """Return what makes a mesh of one cluster be verified again when it changes."""
    return str(node(run(changed(ONE, **changes))).inputs["environment"])


def test_it_runs_the_command_line_without_a_path_of_this_machine(made: Deployment) -> None:
    assert node(made).inputs["create"] == (
        'PATH="$PWD/.venv/bin:$PATH" exec python -m ops verify --json --requests 100'
    )


def test_the_number_of_requests_is_a_setting() -> None:
    assert verify_command(7).endswith("--requests 7")


def test_a_changed_input_is_an_update_in_place(made: Deployment) -> None:
    """The SDK lets changed triggers replace the resource, whatever its command for updates."""
    assert node(made).inputs["update"] == node(made).inputs["create"]
    assert "triggers" not in node(made).inputs


def test_it_is_given_the_outputs_as_a_secret(made: Deployment) -> None:
    given = json.loads(node(made).inputs["stdin"])
    assert sorted(given) == ["clusters", "mergedKubeconfig", "mesh", "schemaVersion"]
    assert given["mergedKubeconfig"] == made.exports["mergedKubeconfig"]
    assert "stdin" in node(made).secrets


def test_what_it_is_given_is_written_the_same_way_each_time(made: Deployment) -> None:
    """Another order of the same keys would look like a change, and verify again."""
    text = node(made).inputs["stdin"]
    assert text == json.dumps(json.loads(text), sort_keys=True)


def test_only_its_progress_is_shown(made: Deployment) -> None:
    assert node(made).inputs["logging"] == "stderr"


def test_it_waits_for_the_samples_and_for_the_mesh(made: Deployment) -> None:
    names = {urn.split("::")[-1] for urn in node(made).dependencies}
    assert {
        "primary-sample-curl",
        "secondary-sample-helloworld-secondary",
        "primary-reads-secondary-secret",
        "primary-eastwestgateway-service",
    } <= names


def test_nothing_waits_for_it(made: Deployment) -> None:
    urn = node(made).urn
    assert [resource.name for resource in made.resources if urn in resource.dependencies] == []


def test_the_result_is_an_open_output(made: Deployment) -> None:
    shares = {"primary": 50, "secondary": 50}
    assert made.exports["verification"] == {
        "passed": True,
        "requests": 100,
        "pairs": {"primary": shares, "secondary": shares},
    }
    assert "verification" not in made.secret_exports


def test_the_summary_holds_counts_by_client_and_server() -> None:
    pair = {"client": "a", "server": "b", "count": 48, "path": "gateway"}
    printed = json.dumps({"passed": False, "requests": 100, "pairs": [pair], "checks": [{}]})
    assert summary(printed) == {"passed": False, "requests": 100, "pairs": {"a": {"b": 48}}}


@pytest.fixture(scope="module")
def unchanged() -> str:
    return fingerprint()


def test_the_same_settings_verify_nothing_again(unchanged: str) -> None:
    assert fingerprint() == unchanged


@pytest.mark.parametrize(
    "change",
    [
        {"clusters__primary__sampleVersion": "v3"},
        {"clusters__primary__kubernetesVersion": "v1.34.1"},
        {"mesh__istio": {"version": "1.30.2"}},
        {"verification__requests": 7},
    ],
    ids=["sample version", "Kubernetes version", "Istio version", "requests"],
)
def test_a_change_of_what_carries_traffic_verifies_again(
    unchanged: str, change: dict[str, Any]
) -> None:
    assert fingerprint(**change) != unchanged


@pytest.mark.parametrize(
    "change",
    [{"verification__enabled": False}, {"mesh__samples": False}, {"mesh__enabled": False}],
    ids=["switched off", "no samples", "no mesh"],
)
def test_without_what_it_needs_there_is_no_verification(change: dict[str, Any]) -> None:
    made = run(changed(ONE, **change))
    assert made.names(COMMAND) == []
    assert made.exports.get("verification") is None


def test_a_preview_does_not_know_the_result_yet() -> None:
    made = run(ONE, preview=True)
    assert made.names(COMMAND) == ["verification-run"]
