"""What the configuration keeps secret is a secret wherever the program hands it on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.config.test_load import CREDENTIALS
from tests.config.wrong import PRIVATE_KEY, ROOT
from tests.support.authority import authority
from tests.support.documents import documents
from tests.support.harness import Deployment
from tests.support.program import OBSERVED, PAGES, run

OWN = authority("primary", below="root")
SECRETS = {
    "privateKey": PRIVATE_KEY,
    "privateKeyPassphrase": "of-this-test-alone",
    "caRootKey": ROOT.key_pem,
    "caIntermediateKeys": json.dumps({"primary": OWN.key_pem}),
    "registryToken": "pulls-images-with-this",
    "huggingFaceToken": "hf_of" + "ThisTestAlone",
    "alertReceiver": "https://hooks.example.com/of-one-channel-alone",
    "kialiClientSecret": "shown-to-the-provider-alone",
}
PAGES_AND_ALERTS = {
    "mesh__ingress": {"hosts": PAGES, "https": {}},
    "observability": {**OBSERVED, "home": "primary", "alerts": {"receiver": "slack"}},
}
CHAT = {
    "clusters__secondary__nodePools": {"gpu": {"shape": "VM.GPU.A10.1", "size": 1}},
    "demos__chat": {"page": "primary", "server": "secondary"},
}


@pytest.fixture(scope="module")
def made() -> Deployment:
    pki = {"rootCertPem": ROOT.cert_pem, "intermediates": {"primary": OWN.cert_pem}}
    registry = {"place": "fra.ocir.io/acme", "username": "acme/robot"}
    asked = documents(**CREDENTIALS, **CHAT, **PAGES_AND_ALERTS, pki=pki, mesh__registry=registry)
    return run(asked, secrets=SECRETS)


def in_the_open(made: Deployment) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of everything that the state shows to who reads it."""
    shown = [
        *((resource.name, resource.inputs, resource.secrets) for resource in made.resources),
        ("exports", made.exports, made.secret_exports),
        *((urn, values, secrets) for urn, (values, secrets) in made.outputs.items()),
    ]
    for where, values, secrets in shown:
        for name, value in values.items():
            if name not in secrets:
                yield f"{where}.{name}", json.dumps(value, default=str)


@pytest.mark.parametrize(
    "letters",
    [
        PRIVATE_KEY.splitlines()[1],
        "of-this-test-alone",
        ROOT.key_pem.splitlines()[1],
        OWN.key_pem.splitlines()[1],
        "pulls-images-with-this",
        "ThisTestAlone",
        "of-one-channel-alone",
        "shown-to-the-provider-alone",
    ],
    ids=list(SECRETS),
)
def test_no_secret_of_the_configuration_stands_in_the_open(made: Deployment, letters: str) -> None:
    assert [place for place, text in in_the_open(made) if letters in text] == []
    assert any(letters in json.dumps(r.inputs, default=str) for r in made.resources)
