"""The secrets of the configuration: checked by their form, handed on as secret outputs only."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from components.config import report
from components.config.authorities import is_private_key
from components.config.rules.given import GivenSecrets
from components.config.tree import Location
from components.errors import Problem
from components.settings.pasted import holds_private_key
from components.settings.stack import NAMESPACE

PRIVATE_KEY: Final = "privateKey"
PRIVATE_KEY_PASSPHRASE: Final = "privateKeyPassphrase"  # noqa: S105 the name of a key, not a secret
CA_ROOT_KEY: Final = "caRootKey"
CA_INTERMEDIATE_KEYS: Final = "caIntermediateKeys"
REGISTRY_TOKEN: Final = "registryToken"  # noqa: S105 the name of a key, not a secret
HUGGING_FACE_TOKEN: Final = "huggingFaceToken"  # noqa: S105 likewise
ALERT_RECEIVER: Final = "alertReceiver"
KIALI_CLIENT_SECRET: Final = "kialiClientSecret"  # noqa: S105 likewise
SECRET_KEYS: Final = (
    PRIVATE_KEY,
    PRIVATE_KEY_PASSPHRASE,
    CA_ROOT_KEY,
    CA_INTERMEDIATE_KEYS,
    REGISTRY_TOKEN,
    HUGGING_FACE_TOKEN,
    ALERT_RECEIVER,
    KIALI_CLIENT_SECRET,
)

_PEM_KEY: Final = re.compile(
    r"\s*-----BEGIN (\w+ )?PRIVATE KEY-----\n.*\n-----END (\w+ )?PRIVATE KEY-----\s*", re.DOTALL
)
_TOKEN: Final = re.compile(r"hf_[A-Za-z0-9]*")
_BESIDE_A_KEY: Final = re.compile(r"-----BEGIN (EC PARAMETERS|CERTIFICATE)-----")
_ENCRYPTED: Final = re.compile(r"BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED")


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """The secrets of the configuration; what they are is known to Pulumi only."""

    private_key: pulumi.Output[str] | None
    private_key_passphrase: pulumi.Output[str] | None
    ca_root_key: pulumi.Output[str] | None
    ca_intermediate_keys: Mapping[str, pulumi.Output[str]]
    """By key of the cluster."""
    registry_token: pulumi.Output[str] | None = None
    hugging_face_token: pulumi.Output[str] | None = None
    alert_receiver: pulumi.Output[str] | None = None
    kiali_client_secret: pulumi.Output[str] | None = None


def faults_of_secrets(texts: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is wrong with secrets by themselves; `texts` has those that are set."""
    if PRIVATE_KEY in texts:
        yield from _faults_of_key(PRIVATE_KEY, texts[PRIVATE_KEY])
    for name in (PRIVATE_KEY_PASSPHRASE, REGISTRY_TOKEN, ALERT_RECEIVER, KIALI_CLIENT_SECRET):
        if texts.get(name) == "":
            yield _problem(name, "is empty", f"set it, or `pulumi config rm {name}`")
    if CA_ROOT_KEY in texts:
        yield from _faults_of_ca_key(CA_ROOT_KEY, texts[CA_ROOT_KEY])
    if CA_INTERMEDIATE_KEYS in texts:
        yield from _faults_of_intermediates(texts[CA_INTERMEDIATE_KEYS])
    if not _TOKEN.fullmatch(texts.get(HUGGING_FACE_TOKEN, "hf_")):
        remedy = "set it to a token of Hugging Face, which begins with hf_"
        yield _problem(HUGGING_FACE_TOKEN, "is not an access token", remedy)


def leaked(documents: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the secrets that stand in documents, which a stack's file shows to everyone."""
    for location, value in _places(documents, ()):
        name = str(location[-1])
        if len(location) > 1 and name in SECRET_KEYS:
            yield _leak(location, name)
        elif isinstance(value, str) and holds_private_key(value):
            yield _leak(location, "<name>")


def _leak(location: Location, name: str) -> Problem:
    fault = "is a secret, which has leaked into this document"
    remedy = f"make a new one, and `pulumi config set --secret {name}`"
    return _problem(report.path(location), fault, remedy)


def _places(value: object, location: Location) -> Iterator[tuple[Location, object]]:
    """Yield everything below `value` with its place; of a secret, only itself."""
    if location:
        yield location, value
    if location[1:] and location[-1] in SECRET_KEYS:
        return
    match value:
        case Mapping():
            for key, below in value.items():
                yield from _places(below, (*location, key))
        case list():
            for number, below in enumerate(value):
                yield from _places(below, (*location, number))


def in_plain_text(key: str) -> Problem:
    """Return the problem of a secret that the stack's file shows to everyone."""
    name = f"--path {key}.<cluster>" if key == CA_INTERMEDIATE_KEYS else key
    remedy = f"treat it as leaked, make a new one and `pulumi config set --secret {name}`"
    return _problem(key, "is not encrypted", remedy)


def in_cipher_text(key: str) -> Problem:
    """Return the problem of a document that is encrypted, as a whole or in part.

    Its values become names, tags, Helm values and outputs, which the state and every preview show.
    """
    fault = "is encrypted, but what it says stands readable in tags, Helm values and the state"
    kept = ", ".join(SECRET_KEYS)
    remedy = f"write it in plain text; of the settings only {kept} are kept secret"
    return _problem(key, fault, remedy)


def given_secrets(texts: Mapping[str, str]) -> GivenSecrets:
    """Return which secrets are set."""
    return GivenSecrets(
        private_key=PRIVATE_KEY in texts,
        private_key_passphrase=PRIVATE_KEY_PASSPHRASE in texts,
        ca_root_key=CA_ROOT_KEY in texts,
        registry_token=REGISTRY_TOKEN in texts,
        ca_intermediate_keys=frozenset(_by_cluster(texts.get(CA_INTERMEDIATE_KEYS)) or ()),
        hugging_face_token=HUGGING_FACE_TOKEN in texts,
        alert_receiver=ALERT_RECEIVER in texts,
        kiali_client_secret=KIALI_CLIENT_SECRET in texts,
    )


def wrap_secrets(texts: Mapping[str, str]) -> Secrets:
    """Return secret outputs of what is set."""
    config = pulumi.Config(NAMESPACE)
    keys = _by_cluster(texts.get(CA_INTERMEDIATE_KEYS)) or {}
    return Secrets(
        private_key=config.get_secret(PRIVATE_KEY),
        private_key_passphrase=config.get_secret(PRIVATE_KEY_PASSPHRASE),
        ca_root_key=config.get_secret(CA_ROOT_KEY),
        registry_token=config.get_secret(REGISTRY_TOKEN),
        ca_intermediate_keys={key: pulumi.Output.secret(pem) for key, pem in keys.items()},
        hugging_face_token=config.get_secret(HUGGING_FACE_TOKEN),
        alert_receiver=config.get_secret(ALERT_RECEIVER),
        kiali_client_secret=config.get_secret(KIALI_CLIENT_SECRET),
    )


def keys_by_cluster(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the keys of intermediates by cluster; what is no such map has none."""
    return _by_cluster(texts.get(CA_INTERMEDIATE_KEYS)) or {}


def _by_cluster(text: str | None) -> dict[str, str] | None:
    """Return the keys by cluster; None if that is not what the text holds."""
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError:
        return None
    is_map = isinstance(found, dict) and all(isinstance(pem, str) for pem in found.values())
    return found if is_map else None


def _faults_of_intermediates(text: str) -> Iterator[Problem]:
    keys = _by_cluster(text)
    if keys is None:
        remedy = f"`pulumi config set --secret --path {CA_INTERMEDIATE_KEYS}.<cluster>` for each"
        yield _problem(CA_INTERMEDIATE_KEYS, "is not a map of keys by cluster", remedy)
    for cluster, pem in (keys or {}).items():
        yield from _faults_of_ca_key(f"{CA_INTERMEDIATE_KEYS}.{cluster}", pem)


def _faults_of_ca_key(path: str, pem: str) -> Iterator[Problem]:
    faults = list(_faults_of_key(path, pem))
    if not faults and _ENCRYPTED.search(pem):
        remedy = "take the passphrase off with `openssl pkey`; Pulumi encrypts the key"
        yield _problem(path, "is a private key under a passphrase", remedy)
    yield from faults


def _faults_of_key(path: str, pem: str) -> Iterator[Problem]:
    text = pem.replace("\r\n", "\n")
    beside = _BESIDE_A_KEY.search(text)
    if holds_private_key(text) and beside:
        remedy = "keep the block of the private key alone"
        yield _problem(path, f"has a block {beside[1]} beside the private key", remedy)
    elif not _PEM_KEY.fullmatch(text):
        remedy = "set it to the text of the key's file, `pulumi config set --secret ... < FILE`"
        yield _problem(path, "is not a private key in PEM form", remedy)
    elif "BEGIN OPENSSH" in text:
        remedy = "write it anew with `ssh-keygen -p -m PEM`"
        yield _problem(path, "is a private key in the form of OpenSSH", remedy)
    elif not (_ENCRYPTED.search(text) or is_private_key(text)):
        remedy = "set it to the text of the whole file, `pulumi config set --secret ... < FILE`"
        yield _problem(path, "is a private key of which letters are missing or wrong", remedy)


def _problem(path: str, fault: str, remedy: str) -> Problem:
    return Problem(path=path, fault=fault, got=report.HIDDEN, remedy=remedy)
