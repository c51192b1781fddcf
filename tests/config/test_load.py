"""The stack's configuration, as the program reads it."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.config.load import load
from components.config.parse import DOCUMENT_KEYS
from components.config.secrets import Secrets
from components.errors import ConfigError
from components.settings.stack import Settings
from tests.config.wrong import CERTIFICATE, FINGERPRINT, PRIVATE_KEY, error_text, ocid
from tests.support.documents import DROP, documents
from tests.support.harness import deploy

CREDENTIALS = {
    "oci__tenancyId": ocid("tenancy"),
    "oci__userId": ocid("user"),
    "oci__fingerprint": FINGERPRINT,
}
INTERMEDIATES = {
    "pki": {
        "rootCertPem": CERTIFICATE,
        "intermediates": {"primary": CERTIFICATE, "secondary": CERTIFICATE},
    }
}
INTERMEDIATE_KEYS = json.dumps({"primary": PRIVATE_KEY, "secondary": PRIVATE_KEY})


def loaded(
    config: Mapping[str, Any], secrets: Mapping[str, str] | None = None
) -> tuple[Settings, Secrets]:
    found: list[tuple[Settings, Secrets]] = []
    deploy(lambda: found.append(load()[:2]), config=config, secrets=secrets)
    return found[0]


def failure(config: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> str:
    def program() -> None:
        # Would be seen if anything were registered before the configuration is refused.
        load()
        pytest.fail("not refused")

    with pytest.raises(ConfigError) as error:
        deploy(program, config=config, secrets=secrets)
    return str(error.value)


def known(secrets: Mapping[str, str], config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what each secret is to the program, by its attribute."""

    def program() -> None:
        _, found, _ = load()
        pulumi.export("private_key", found.private_key)
        pulumi.export("passphrase", found.private_key_passphrase)
        pulumi.export("root", found.ca_root_key)
        pulumi.export("intermediates", dict(found.ca_intermediate_keys))

    deployment = deploy(program, config=config, secrets=secrets)
    return {
        name: (value, name in deployment.secret_exports)
        for name, value in deployment.exports.items()
        if value
    }


def test_documents_become_settings() -> None:
    settings, _ = loaded(documents())
    assert settings == Settings.model_validate(documents())


def test_a_switch_of_its_own_is_read_as_the_engine_writes_it() -> None:
    settings, _ = loaded({**documents(), "protection": "false"})
    assert settings.protection is False


def test_keys_of_other_namespaces_are_none_of_our_business() -> None:
    def program() -> None:
        pulumi.runtime.set_config("aws:region", "us-east-1")
        load()

    deploy(program, config=documents())


def test_a_secret_stays_a_secret() -> None:
    secrets = {"privateKey": PRIVATE_KEY, "privateKeyPassphrase": "x"}
    assert known(secrets, documents(**CREDENTIALS)) == {
        "private_key": (PRIVATE_KEY, True),
        "passphrase": ("x", True),
    }


def test_keys_of_intermediates_are_secrets_by_cluster() -> None:
    found = known({"caIntermediateKeys": INTERMEDIATE_KEYS}, documents(**INTERMEDIATES))
    assert found == {
        "intermediates": ({"primary": PRIVATE_KEY, "secondary": PRIVATE_KEY}, True),
    }


def test_an_unknown_key_of_the_stack_is_refused() -> None:
    assert failure({**documents(), "clusers": {}, "llmToken": "x"}) == error_text(
        "clusers: is not a setting, got 'clusers'; did you mean clusters? the settings here are "
        "access, alarms, alertReceiver, backbone, budget, caIntermediateKeys, caRootKey, clusters, "
        "definedTags, demos, gitops, huggingFaceToken, kialiClientSecret, mesh, observability, "
        "oci, pki, privateKey, privateKeyPassphrase, protection, registryToken, tags, traffic, "
        "verification",
        "llmToken: is not a setting, got 'llmToken'; the settings here are "
        "access, alarms, alertReceiver, backbone, budget, caIntermediateKeys, caRootKey, clusters, "
        "definedTags, demos, gitops, huggingFaceToken, kialiClientSecret, mesh, observability, "
        "oci, pki, privateKey, privateKeyPassphrase, protection, registryToken, tags, traffic, "
        "verification",
    )


def test_malformed_json_is_refused_with_its_place() -> None:
    assert failure({**documents(), "mesh": '{"id": "a",\n "mtls" "STRICT"}'}) == error_text(
        "mesh: is not JSON from line 2, column 9 on, got a text of 29 letters; "
        "write it as YAML in the stack's file, or with `pulumi config set --path`"
    )


def test_text_in_place_of_a_document_is_refused() -> None:
    assert failure({**documents(), "mesh": "enabled"}) == error_text(
        "mesh: is not a map, got 'enabled'; write its keys below it, each with its value"
    )


def test_an_empty_stack_is_told_what_every_stack_needs() -> None:
    assert failure({"oci": {}, "mesh": {}, "clusters": {}}) == error_text(
        "clusters: has no entries, got an empty map; add one",
        "mesh.id: is missing, got nothing; add it, such as oke-mesh",
        "mesh.trustDomain: is missing, got nothing; add it, such as oke.local",
        "oci.compartmentId: is missing, got nothing; add it, such as ocid1.compartment.oc1..aaaa",
    )


def test_faults_of_keys_and_fields_are_reported_together() -> None:
    text = failure({**documents(oci__compartmentId=DROP), "x": 1}, {"caRootKey": "not a key"})
    assert [line.split(":")[0].strip() for line in text.splitlines()[1:]] == [
        "caRootKey",
        "oci.compartmentId",
        "x",
    ]


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("privateKey", PRIVATE_KEY, "privateKey"),
        ("privateKeyPassphrase", "hunter2", "privateKeyPassphrase"),
        ("caRootKey", PRIVATE_KEY, "caRootKey"),
        ("caIntermediateKeys", INTERMEDIATE_KEYS, "--path caIntermediateKeys.<cluster>"),
    ],
)
def test_a_secret_in_plain_text_is_refused(key: str, value: str, name: str) -> None:
    assert failure({**documents(), key: value}) == error_text(
        f"{key}: is not encrypted, got <hidden>; "
        f"treat it as leaked, make a new one and `pulumi config set --secret {name}`"
    )


@pytest.mark.parametrize("key", ["privateKey", "caRootKey"])
def test_a_key_that_is_no_pem_is_refused(key: str) -> None:
    assert failure(documents(), {key: "hunter2"}) == error_text(
        f"{key}: is not a private key in PEM form, got <hidden>; "
        "set it to the text of the key's file, `pulumi config set --secret ... < FILE`"
    )


@pytest.mark.parametrize(
    "pem",
    [
        PRIVATE_KEY.replace("EC PRIVATE", "ENCRYPTED PRIVATE"),
        PRIVATE_KEY.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\n", 1),
    ],
    ids=["PKCS 8", "PKCS 1"],
)
def test_a_root_key_under_a_passphrase_is_refused(pem: str) -> None:
    assert failure(documents(pki__rootCertPem=CERTIFICATE), {"caRootKey": pem}) == error_text(
        "caRootKey: is a private key under a passphrase, got <hidden>; "
        "take the passphrase off with `openssl pkey`; Pulumi encrypts the key"
    )


def test_a_sign_in_key_may_be_under_a_passphrase() -> None:
    secrets = {
        "privateKey": PRIVATE_KEY.replace("EC PRIVATE", "ENCRYPTED PRIVATE"),
        "privateKeyPassphrase": "x",
    }
    _, found = loaded(documents(**CREDENTIALS), secrets)
    assert found.private_key is not None


def test_an_empty_passphrase_is_refused() -> None:
    secrets = {"privateKey": PRIVATE_KEY, "privateKeyPassphrase": ""}
    assert failure(documents(**CREDENTIALS), secrets) == error_text(
        "privateKeyPassphrase: is empty, got <hidden>; "
        "set it, or `pulumi config rm privateKeyPassphrase`"
    )


@pytest.mark.parametrize("text", ["hunter2", "[]", '{"primary": {}}'])
def test_keys_of_intermediates_that_are_no_map_are_refused(text: str) -> None:
    assert failure(documents(), {"caIntermediateKeys": text}) == error_text(
        "caIntermediateKeys: is not a map of keys by cluster, got <hidden>; "
        "`pulumi config set --secret --path caIntermediateKeys.<cluster>` for each"
    )


def test_a_key_of_an_intermediate_that_is_no_pem_is_refused() -> None:
    keys = json.dumps({"primary": PRIVATE_KEY, "secondary": "hunter2"})
    assert failure(documents(**INTERMEDIATES), {"caIntermediateKeys": keys}) == error_text(
        "caIntermediateKeys.secondary: is not a private key in PEM form, got <hidden>; "
        "set it to the text of the key's file, `pulumi config set --secret ... < FILE`"
    )


def encrypted(key: str) -> str:
    """Return what a document is told that was set with `--secret`."""
    return (
        f"{key}: is encrypted, but what it says stands readable in tags, Helm values and the "
        "state, got <hidden>; write it in plain text; of the settings only privateKey, "
        "privateKeyPassphrase, caRootKey, caIntermediateKeys, registryToken, huggingFaceToken, "
        "alertReceiver, kialiClientSecret are kept secret"
    )


@pytest.mark.parametrize("key", DOCUMENT_KEYS)
def test_an_encrypted_document_is_refused(key: str) -> None:
    given = {**documents(), "protection": True, "tags": {"team": "x"}}
    taken = {name: value for name, value in given.items() if name != key}
    assert failure(taken, {key: json.dumps(given.get(key, {}))}) == error_text(encrypted(key))


def test_nothing_of_an_encrypted_document_is_shown_or_registered() -> None:
    """Neither by its own faults, nor by those of others, nor in any resource of the program."""
    hidden = "Hidden.example"
    for mesh in (json.dumps({"trustDomain": hidden}), f'{{"trustDomain": "{hidden}"', hidden):
        text = failure({**documents(), "x": 1}, {"mesh": mesh})
        assert text.splitlines()[1] == f"  {encrypted('mesh')}"
        assert text.splitlines()[2].startswith("  x: is not a setting")
        assert text.count("\n") == 2


def test_secrets_are_not_in_the_text_of_what_holds_them() -> None:
    _, found = loaded(documents(**CREDENTIALS), {"privateKey": PRIVATE_KEY})
    assert PRIVATE_KEY.splitlines()[1] not in repr(found)
