"""The last node of the graph."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.pki.bundle import CaBundle
from components.verification.verification import (
    VerificationArgs,
    summary,
    verify_command,
    watched_credentials,
    watched_settings,
)
from components.verification.verification import fingerprint as make_fingerprint
from tests.support.documents import DROP, changed, cluster, documents, settings
from tests.support.harness import Deployment, Registered, deploy
from tests.support.program import run, same_run

COMMAND = "command:local:Command"
ONE = documents(clusters__secondary=DROP)


@pytest.fixture(scope="module")
def made() -> Deployment:
    return same_run(documents())


def node(deployment: Deployment) -> Registered:
    return deployment.one(COMMAND, "verification-run")


def fingerprint(given: dict[str, Any]) -> str:
    """Return what makes a mesh be verified again when it changes."""
    return str(node(run(given)).inputs["environment"])


def watched(**changes: Any) -> str:
    return json.dumps(watched_settings(settings(**changes)))


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
        "primary-reads-others-secret",
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


def test_other_settings_are_verified_again(made: Deployment) -> None:
    before = str(node(made).inputs["environment"])
    assert fingerprint(documents()) == before
    assert fingerprint(documents(clusters__primary__sampleVersion="v3")) != before


@pytest.mark.parametrize(
    "change",
    [
        {"clusters__primary__sampleVersion": "v3"},
        {"clusters__primary__kubernetesVersion": "v1.34.1"},
        {"clusters__primary__nodePools__np1__size": 5},
        {"clusters__primary__network": "other"},
        {"mesh__istio": {"version": "1.31.3"}},
        {"mesh__istio": {"values": {"env": {"PILOT_DEBOUNCE_MAX": "5s"}}}},
        {"mesh__istio": {"logLevel": "default:debug"}},
        {"mesh__mtls": "PERMISSIVE"},
        {"mesh__eastWest": {"replicas": 3}},
        {"mesh__ingress": {"exposure": "internal"}},
        {"pki__earlyRenewalDays": 90},
        {"verification__requests": 50},
    ],
    ids=[
        "sample version",
        "Kubernetes version",
        "node pool",
        "network",
        "Istio version",
        "values",
        "log level",
        "mode of mutual TLS",
        "east-west gateways",
        "exposure of ingress gateways",
        "renewal of certificates",
        "requests",
    ],
)
def test_a_change_of_what_carries_traffic_verifies_again(change: dict[str, Any]) -> None:
    assert watched(**change) != watched()


@pytest.mark.parametrize(
    "change",
    [
        {"tags": {"team": "x"}},
        {"protection": False},
        {"clusters__third": cluster(2, enabled=False)},
    ],
    ids=["tags", "protection", "a disabled cluster"],
)
def test_a_change_of_what_carries_no_traffic_verifies_nothing(change: dict[str, Any]) -> None:
    assert watched(**change) == watched()


CREDENTIALS = {"primary/ca-cert.pem": "a", "primary/ca-key.pem": "b", "secondary/reader": "c"}


def hashed(credentials: Mapping[str, str]) -> str:
    """The fingerprint of a mesh with these credentials, which are secret."""
    found: list[tuple[str, bool]] = []

    async def look(made: pulumi.Output[str]) -> None:
        found.append((str(await made.future()), await made.is_secret()))

    def program() -> None:
        args = VerificationArgs(
            is_enabled=True,
            requests=100,
            settings={},
            credentials={key: pulumi.Output.secret(text) for key, text in credentials.items()},
            outputs={"mesh": {}, "clusters": {}, "backbone": {}},
            requires=[],
        )
        waits.append(asyncio.ensure_future(look(make_fingerprint(args))))

    waits: list[asyncio.Future[None]] = []
    deploy(program)
    ((text, is_secret),) = found
    assert not is_secret
    return text


@pytest.mark.parametrize("key", CREDENTIALS)
def test_another_certificate_key_or_token_verifies_again(key: str) -> None:
    assert hashed({**CREDENTIALS, key: "new"}) != hashed(CREDENTIALS)


def test_the_credentials_are_all_that_istiod_signs_and_reads_with() -> None:
    text: Any = "x"
    bundle = CaBundle(ca_cert=text, ca_key=text, root_cert=text, cert_chain=text)
    assert sorted(watched_credentials({"fra": bundle}, {"fra": text, "ash": text})) == [
        "ash/reader",
        *(f"fra/{name}.pem" for name in ("ca-cert", "ca-key", "cert-chain")),
        "fra/reader",
        "fra/root-cert.pem",
    ]


def test_the_mesh_gives_out_what_each_of_its_clusters_is_read_with(made: Deployment) -> None:
    """The fingerprint is known, so nothing of what it is made of was missing."""
    environment = node(made).inputs["environment"]
    assert re.fullmatch(r"[0-9a-f]{64}", environment["OKE_MESH_FINGERPRINT"])
    assert "environment" not in node(made).secrets


@pytest.mark.parametrize(
    "change",
    [{"verification__enabled": False}, {"mesh__enabled": False}],
    ids=["switched off", "no mesh"],
)
def test_without_what_it_needs_there_is_no_verification(change: dict[str, Any]) -> None:
    made = run(changed(ONE, **change))
    assert "verification-run" not in made.names(COMMAND)
    assert made.exports.get("verification") is None


def test_a_preview_does_not_know_the_result_yet() -> None:
    made = run(ONE, preview=True)
    assert "verification-run" in made.names(COMMAND)
