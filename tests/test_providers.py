"""One OCI provider per region, signed in as the settings say."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.config.secrets import Secrets
from components.plan.plan import build_plan
from components.providers import create_providers
from tests.support.documents import documents, settings
from tests.support.harness import Deployment, deploy
from tests.support.program import run

OCI = "pulumi:providers:oci"


def providers(oci: dict[str, Any], key: str | None = None) -> Deployment:
    chosen = settings(oci={**documents()["oci"], **oci})

    def program() -> None:
        secrets = Secrets(
            private_key=pulumi.Output.secret(key) if key else None,
            private_key_passphrase=None,
            ca_root_key=None,
            ca_intermediate_keys={},
        )
        create_providers(build_plan(chosen), chosen.oci, secrets)

    return deploy(program)


def test_every_region_has_one_provider() -> None:
    made = providers({})
    assert [(r.name, r.inputs["region"]) for r in made.of(OCI)] == [
        ("oci-us-chicago-1", "us-chicago-1"),
        ("oci-us-sanjose-1", "us-sanjose-1"),
    ]


@pytest.mark.parametrize(
    ("auth", "spelling"),
    [
        ("apiKey", "ApiKey"),
        ("securityToken", "SecurityToken"),
        ("instancePrincipal", "InstancePrincipal"),
        ("resourcePrincipal", "ResourcePrincipal"),
    ],
)
def test_every_way_of_signing_in_has_the_spelling_of_the_provider(auth: str, spelling: str) -> None:
    assert {r.inputs["auth"] for r in providers({"auth": auth}).of(OCI)} == {spelling}


def test_a_profile_is_passed_on() -> None:
    made = providers({"profile": "WORK"})
    assert {r.inputs["configFileProfile"] for r in made.of(OCI)} == {"WORK"}


def test_a_private_key_stays_secret() -> None:
    made = providers({}, key="-----BEGIN PRIVATE KEY-----")
    assert all("privateKey" in r.secrets for r in made.of(OCI))


def test_two_clusters_of_one_region_share_its_provider() -> None:
    made = run(documents(clusters__secondary__region="us-sanjose-1"))
    assert made.names(OCI) == ["oci-us-sanjose-1"]


def test_tags_that_the_tenancy_sets_by_itself_are_nobodys_change() -> None:
    ignored = {r.inputs["ignoreDefinedTags"] for r in providers({}).of(OCI)}
    assert [json.loads(tags) for tags in ignored] == [
        ["Oracle-Tags.CreatedBy", "Oracle-Tags.CreatedOn"]
    ]


def test_tags_that_the_settings_name_are_ignored_too() -> None:
    made = providers({"ignoreDefinedTags": ["Finance.Budget"]})
    assert {r.inputs["ignoreDefinedTags"] for r in made.of(OCI)} == {
        '["Oracle-Tags.CreatedBy", "Oracle-Tags.CreatedOn", "Finance.Budget"]'
    }
