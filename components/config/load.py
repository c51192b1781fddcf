"""The stack's configuration, read and checked before any resource is registered."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import pulumi
from pulumi.runtime import config as runtime

from components.config import report
from components.config.parse import parse
from components.config.secrets import (
    SECRET_KEYS,
    Secrets,
    faults_of_secrets,
    given_secrets,
    in_plain_text,
    wrap_secrets,
)
from components.config.warnings import warnings_of
from components.errors import ConfigError, Problem
from components.settings.stack import NAMESPACE, Settings

DOCUMENT_KEYS: Final = tuple(field.alias or name for name, field in Settings.model_fields.items())


def load() -> tuple[Settings, Secrets]:
    """Return what the stack's configuration holds; tells of what is likely not meant.

    Raises:
        ConfigError: the configuration has faults; all those of one pass.
    """
    texts = _texts()
    documents, malformed = _documents(texts)
    secrets = {key: text for key, text in texts.items() if key in SECRET_KEYS}
    problems = [*malformed, *_unknown(texts), *_unprotected(secrets), *faults_of_secrets(secrets)]
    try:
        settings = parse(documents, given_secrets(secrets), problems)
    except ConfigError as error:
        raise ConfigError([_concealed(problem) for problem in error.problems]) from None
    for warning in warnings_of(settings):
        pulumi.log.warn(str(_concealed(warning)))
    return settings, wrap_secrets(secrets)


def _texts() -> dict[str, str]:
    """Return what the stack sets in our namespace, by key.

    Not `get_object`, whose error for malformed text would show the value.
    """
    config = pulumi.Config(NAMESPACE)
    prefix = f"{NAMESPACE}:"
    full = {*runtime.CONFIG.get(), *runtime.get_config_env()}
    keys = sorted(key.removeprefix(prefix) for key in full if key.startswith(prefix))
    return {key: config.require(key) for key in keys}


def _documents(texts: Mapping[str, str]) -> tuple[dict[str, object], list[Problem]]:
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for key in (key for key in DOCUMENT_KEYS if key in texts):
        try:
            values[key] = json.loads(texts[key])
        except json.JSONDecodeError as error:
            # Plain words are a value of the wrong type, about which the model says more.
            values[key] = texts[key]
            if texts[key].lstrip().startswith(("{", "[")):
                problems.append(_malformed(key, error))
    return values, problems


def _malformed(key: str, error: json.JSONDecodeError) -> Problem:
    return Problem(
        path=key,
        fault=f"is not JSON from line {error.lineno}, column {error.colno} on",
        got=f"a text of {len(error.doc)} letters",
        remedy="write it as YAML in the stack's file, or with `pulumi config set --path`",
    )


def _unknown(keys: Iterable[str]) -> Iterator[Problem]:
    known = [*DOCUMENT_KEYS, *SECRET_KEYS]
    for key in keys:
        if key not in known:
            fault, got, remedy = report.unknown_key(key, known)
            yield Problem(path=key, fault=fault, got=got, remedy=remedy)


def _unprotected(secrets: Mapping[str, str]) -> Iterator[Problem]:
    for key in secrets:
        if not _is_secret(key):
            yield in_plain_text(key)


def _is_secret(key: str) -> bool:
    return runtime.is_config_secret(pulumi.Config(NAMESPACE).full_key(key))


def _concealed(problem: Problem) -> Problem:
    """Hide values of a document that the stack keeps encrypted, as a whole or in part."""
    document = re.split(r"[.\[]", problem.path, maxsplit=1)[0]
    is_encrypted = document in DOCUMENT_KEYS and _is_secret(document)
    return replace(problem, got=report.HIDDEN) if is_encrypted else problem
