"""From documents to settings: two passes, each of which reports every problem it finds."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from components.config import report
from components.config.rules.check import check
from components.config.rules.given import Given, GivenSecrets
from components.errors import ConfigError, Problem
from components.settings.stack import Settings

DOCUMENT_KEYS: Final = tuple(field.alias or name for name, field in Settings.model_fields.items())


def parse(
    documents: Mapping[str, object],
    secrets: GivenSecrets | None = None,
    earlier: Sequence[Problem] = (),
) -> Settings:
    """Return the settings that `documents` hold.

    `earlier` are problems of the keys themselves; they are reported with those of the fields,
    in place of what a field of the same path is said to be.

    Raises:
        ConfigError: a document has faults; all those of one pass.
    """
    settings, faults = _fields(documents)
    if settings is None or earlier:
        known = {problem.path for problem in earlier}
        others = [fault for fault in faults if fault.path not in known]
        raise ConfigError(sorted([*earlier, *others]))
    problems = check(Given(settings=settings, secrets=secrets or GivenSecrets()))
    if problems:
        raise ConfigError(problems)
    return settings


def read_documents(texts: Mapping[str, str]) -> tuple[dict[str, object], list[Problem]]:
    """Return the documents among the texts of a stack's configuration, and what is malformed."""
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


def _fields(documents: Mapping[str, object]) -> tuple[Settings | None, tuple[Problem, ...]]:
    try:
        return Settings.model_validate(documents), ()
    except ValidationError as error:
        return None, report.problems(error, documents)
