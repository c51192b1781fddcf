"""The project's own stack files, read through the real models and rules."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.config.load import load
from components.config.parse import DOCUMENT_KEYS, parse
from components.config.secrets import SECRET_KEYS
from components.errors import ConfigError
from components.plan.plan import RegionPair, SecretPair, build_plan
from components.settings.clusters import ClusterSettings, Cni, Endpoint
from components.settings.mesh import Exposure
from components.settings.stack import NAMESPACE, Settings
from tests.config.wrong import error_text
from tests.support.harness import deploy
from tests.support.program import committed_documents, stack_documents

ROOT = Path(__file__).parents[2]


def settings_of(stack: str) -> Settings:
    return parse(stack_documents(stack))


def project() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    return found


def value_of(cluster: ClusterSettings) -> tuple[str, str]:
    return cluster.region, str(cluster.vcn_cidr)


@pytest.mark.parametrize("stack", ["dev", "primary-remote"])
def test_the_program_takes_the_stack_file_once_it_is_filled_in(stack: str) -> None:
    seen: list[Settings] = []
    deploy(lambda: seen.append(load()[0]), config=stack_documents(stack))
    assert seen == [settings_of(stack)]


OCID_LEFT = (
    "oci.compartmentId: is a placeholder, got "
    "'ocid1.compartment.oc1..replace-with-your-compartment'; put an OCID in its place that begins "
    "with ocid1.compartment or ocid1.tenancy"
)
KEY_LEFT = (
    "access.sshPublicKey: is a placeholder, got 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIreplaceThis"
    "WithYourOwnPublicKey000000000000 you'; put your own public key in its place"
)


def range_left(place: str) -> str:
    return (
        f"{place}.allowedCidrs[0]: is a placeholder, got '203.0.113.0/24'; put the addresses in "
        "its place that you come from"
    )


@pytest.mark.parametrize(
    ("stack", "problems"),
    [
        ("dev", [range_left("access"), KEY_LEFT, OCID_LEFT]),
        ("primary-remote", [range_left("clusters.ash"), range_left("clusters.fra"), OCID_LEFT]),
    ],
)
def test_what_nobody_filled_in_is_named(stack: str, problems: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse(committed_documents(stack))
    assert str(error.value) == error_text(*problems)


def test_dev_is_the_first_description() -> None:
    settings = settings_of("dev")
    plan = build_plan(settings)
    assert {key: value_of(c) for key, c in settings.clusters.items()} == {
        "primary": ("us-sanjose-1", "10.0.0.0/16"),
        "secondary": ("us-chicago-1", "10.1.0.0/16"),
    }
    assert (settings.mesh.id, settings.mesh.trust_domain) == ("oke-mesh", "oke.local")
    assert [c.name for c in settings.clusters.values()] == ["primary-cluster", "secondary-cluster"]
    assert [c.sample_version for c in settings.clusters.values()] == ["v1", "v2"]
    assert {c.cni for c in settings.clusters.values()} == {Cni.VCN_NATIVE}
    assert {c.endpoint for c in settings.clusters.values()} == {Endpoint.PRIVATE}
    assert settings.access.cluster == "primary"
    assert plan.region_pairs == (RegionPair(acceptor="us-chicago-1", requestor="us-sanjose-1"),)
    assert len(plan.secret_pairs) == 2


def test_primary_remote_is_the_fifth_description() -> None:
    settings = settings_of("primary-remote")
    plan = build_plan(settings)
    assert {key: value_of(c) for key, c in settings.enabled_clusters.items()} == {
        "ash": ("us-ashburn-1", "10.1.0.0/16"),
        "fra": ("eu-frankfurt-1", "10.0.0.0/16"),
    }
    assert {c.cni for c in settings.clusters.values()} == {Cni.FLANNEL}
    assert {c.endpoint for c in settings.clusters.values()} == {Endpoint.PUBLIC}
    assert settings.mesh.east_west.exposure is Exposure.PUBLIC
    assert plan.members["fra"].remotes == ("ash",)
    assert plan.secret_pairs == (SecretPair(source="ash", reader="fra"),)


def test_the_project_turns_default_providers_off() -> None:
    assert project()["config"]["pulumi:disable-default-providers"] == {"value": ["*"]}


def test_the_project_runs_python_in_its_own_environment() -> None:
    assert project()["runtime"] == {
        "name": "python",
        "options": {"toolchain": "pip", "virtualenv": ".venv"},
    }


def test_the_project_describes_every_key() -> None:
    text = (ROOT / "Pulumi.yaml").read_text()
    declared = {key for key, entry in project()["config"].items() if entry.get("description")}
    missing = [
        key
        for key in (*DOCUMENT_KEYS, *SECRET_KEYS)
        if f"{NAMESPACE}:{key}" not in declared and f"# {NAMESPACE}:{key}" not in text
    ]
    assert missing == []


def test_the_project_describes_documents_as_the_models_do() -> None:
    config = project()["config"]
    assert {
        key: config[f"{NAMESPACE}:{key}"]["description"]
        for key in DOCUMENT_KEYS
        if f"{NAMESPACE}:{key}" in config
    } == {
        (field.alias or name): field.description
        for name, field in Settings.model_fields.items()
        if name not in {"protection", "backbone"}
    }


def test_no_declared_key_is_asked_of_a_stack_before_the_program_can_say_more() -> None:
    ours = {k: v for k, v in project()["config"].items() if k.startswith(NAMESPACE)}
    assert {key: entry.get("default") for key, entry in ours.items()} == {key: {} for key in ours}
