"""From documents to settings: two passes, each of which reports every problem it finds."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from components.config import report
from components.config.rules.check import check
from components.config.rules.given import Given, GivenSecrets
from components.errors import ConfigError, Problem
from components.settings.stack import Settings


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


def _fields(documents: Mapping[str, object]) -> tuple[Settings | None, tuple[Problem, ...]]:
    try:
        return Settings.model_validate(documents), ()
    except ValidationError as error:
        return None, report.problems(error, documents)
