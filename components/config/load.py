"""The stack's configuration, read and checked before any resource is registered."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pulumi
from pulumi.runtime import config as runtime

from components.config import report
from components.config.authorities import faults_of_authorities
from components.config.changes import faults_of_changes, idle_acceptances
from components.config.charts import faults_of_charts, faults_of_observability
from components.config.last import read_last_outputs
from components.config.parse import DOCUMENT_KEYS, parse, read_documents
from components.config.secrets import (
    CA_ROOT_KEY,
    SECRET_KEYS,
    Secrets,
    faults_of_secrets,
    given_secrets,
    in_cipher_text,
    in_plain_text,
    keys_by_cluster,
    leaked,
    wrap_secrets,
)
from components.config.warnings import old_tokens, warnings_of
from components.errors import ConfigError, Problem
from components.settings.stack import NAMESPACE, Settings

# A path into a document, where the key of one is meant.
_FLAT: Final = re.compile(rf"({'|'.join([*DOCUMENT_KEYS, *SECRET_KEYS])})[.\[]")


def load() -> tuple[Settings, Secrets, Mapping[str, Any]]:
    """Return what the stack's configuration holds, and the outputs of its last update.

    Tells of what is likely not meant.

    Raises:
        ConfigError: the configuration has faults, or changes what may not change; all those of
            one pass.
    """
    last = read_last_outputs()
    texts = _texts()
    encrypted = [key for key in DOCUMENT_KEYS if key in texts and _is_secret(key)]
    # What is encrypted is not even read, so that no error and no warning can show it.
    documents, malformed = read_documents(
        {key: texts[key] for key in texts if key not in encrypted}
    )
    secrets = {key: text for key, text in texts.items() if key in SECRET_KEYS}
    problems = [
        *map(in_cipher_text, encrypted),
        *malformed,
        *_unknown(texts, documents),
        *leaked(documents),
        *_unprotected(secrets),
        *faults_of_secrets(secrets),
    ]
    try:
        settings = parse(documents, given_secrets(secrets), problems)
        _refuse(
            [
                *_faults_of_own(settings, secrets),
                *_faults_of_files(settings),
                *faults_of_changes(settings, last.values),
            ]
        )
    except ConfigError:
        last.keep()
        raise
    _tell(settings, last.values)
    return settings, wrap_secrets(secrets), last.values


def _tell(settings: Settings, last: Mapping[str, Any]) -> None:
    told = (
        *warnings_of(settings),
        *idle_acceptances(settings, last),
        *old_tokens(settings, last, now=datetime.now(UTC)),
    )
    for warning in told:
        pulumi.log.warn(str(warning))


def _faults_of_own(settings: Settings, secrets: Mapping[str, str]) -> Iterator[Problem]:
    keys = keys_by_cluster(secrets)
    root_key = secrets.get(CA_ROOT_KEY)
    return faults_of_authorities(settings, root_key, keys, now=datetime.now(UTC))


def _faults_of_files(settings: Settings) -> Iterator[Problem]:
    if settings.mesh.enabled:
        yield from faults_of_charts(settings.mesh)
    if settings.observability:
        yield from faults_of_observability(settings.observability)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise ConfigError(sorted(problems))


def _texts() -> dict[str, str]:
    """Return what the stack sets in our namespace, by key.

    Not `get_object`, whose error for malformed text would show the value.
    """
    config = pulumi.Config(NAMESPACE)
    prefix = f"{NAMESPACE}:"
    full = {*runtime.CONFIG.get(), *runtime.get_config_env()}
    keys = sorted(key.removeprefix(prefix) for key in full if key.startswith(prefix))
    return {key: config.require(key) for key in keys}


def _unknown(keys: Iterable[str], documents: Mapping[str, object]) -> Iterator[Problem]:
    known = [*DOCUMENT_KEYS, *SECRET_KEYS]
    for key in keys:
        if _FLAT.match(key):
            yield _flat(key, documents)
        elif key not in known:
            fault, got, remedy = report.unknown_key(key, (), known)
            yield Problem(path=key, fault=fault, got=got, remedy=remedy)


def _flat(key: str, documents: Mapping[str, object]) -> Problem:
    """Return the problem of a path that became a key, beside the document that it leads into."""
    first, *steps = re.findall(r"[^.\[\]\"]+", key)
    place = documents.get(first)
    for step in steps:
        place = place.get(step) if isinstance(place, Mapping) else None
    fault = "was set without --path, as a key of its own"
    remedy = f"`pulumi config rm '{NAMESPACE}:{key}'`, and set it again with --path"
    missing = "is missing here, for it " if place is None else ""
    return Problem(path=key, fault=missing + fault, got=repr(key), remedy=remedy)


def _unprotected(secrets: Mapping[str, str]) -> Iterator[Problem]:
    for key in secrets:
        if not _is_secret(key):
            yield in_plain_text(key)


def _is_secret(key: str) -> bool:
    return runtime.is_config_secret(pulumi.Config(NAMESPACE).full_key(key))
