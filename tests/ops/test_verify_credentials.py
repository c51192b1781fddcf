"""The credentials with which istiod reads other clusters."""

from __future__ import annotations

import base64

import pytest
import yaml

from ops.verify.credentials import (
    Credential,
    credentials_in,
    judge_credentials,
    kubeconfig_with,
)
from ops.verify.document import mesh_from_outputs
from tests.ops import verify_answers as answers

MESH = mesh_from_outputs(answers.outputs())
READER, SOURCE = MESH.clusters["primary"], MESH.clusters["secondary"]
GOOD = Credential(server="https://10.2.0.2:6443", authority="Q0E=", token="made-up-token")
UNAUTHORIZED = "error: You must be logged in to the server (Unauthorized)"


def seen(*tried: tuple[Credential, str]) -> str:
    return judge_credentials(READER, SOURCE, dict(tried)).seen


def test_a_secret_for_each_source_and_one_for_each_reader_are_read_alike() -> None:
    one = credentials_in([answers.remote_secret("primary", "secondary")])
    two = credentials_in([answers.remote_secret(key) for key in ("primary", "secondary")])
    assert one == two
    assert one["secondary-cluster"] == [GOOD]


@pytest.mark.parametrize("text", ["", "{", "users: []", "[1]", "clusters: 3"])
def test_a_key_that_holds_no_kubeconfig_is_a_credential_of_nobody(text: str) -> None:
    secret = {"data": {"secondary-cluster": base64.b64encode(text.encode()).decode()}}
    assert credentials_in([secret])["secondary-cluster"] == [
        Credential(server="", authority="", token="")
    ]


def test_a_secret_without_data_brings_nothing() -> None:
    assert credentials_in([{"kind": "Secret", "metadata": {}}]) == {}


def test_the_api_is_reached_as_the_user_does_and_signed_in_to_as_istiod_does() -> None:
    text = kubeconfig_with(GOOD, merged=MESH.kubeconfig, context="secondary-cluster")
    document = yaml.safe_load(text)
    assert [entry["cluster"] for entry in document["clusters"]] == [
        {
            "server": "https://secondary-cluster.example:6443",
            "proxy-url": "socks5://127.0.0.1:10080",
            "certificate-authority-data": "Q0E=",
        }
    ]
    assert [entry["user"] for entry in document["users"]] == [{"token": "made-up-token"}]
    assert document["contexts"][0]["name"] == "secondary-cluster"


def test_a_credential_that_the_api_takes_is_in_order() -> None:
    assert seen((GOOD, "")) == ""


def test_a_credential_that_is_not_there_is_a_fault() -> None:
    assert seen() == "no remote secret has the key secondary-cluster"


def test_a_token_that_the_api_does_not_take_is_a_fault() -> None:
    assert seen((GOOD, UNAUTHORIZED)) == UNAUTHORIZED


def test_a_credential_that_leads_elsewhere_is_a_fault() -> None:
    old = Credential(server="https://10.2.0.9:6443", authority="Q0E=", token=GOOD.token)
    assert seen((old, "")) == "leads to https://10.2.0.9:6443, and not to https://10.2.0.2:6443"
