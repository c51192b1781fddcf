"""Budget and alarms: that nobody is written to twice, and that a budget has something to tell."""

from collections.abc import Iterator, Sequence
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.errors import Problem


def _nobody(given: Given) -> Iterator[Problem]:
    # Not by the field's own length, which counts entries that are right: one that is wrong would
    # be said to be missing too.
    for name, asked in (("budget", given.settings.budget), ("alarms", given.settings.alarms)):
        if asked and not asked.recipients:
            yield problem(
                f"{name}.recipients", "has no entries", got=asked.recipients, remedy="add one"
            )


def _twice(given: Given) -> Iterator[Problem]:
    budget, alarms = given.settings.budget, given.settings.alarms
    lists: dict[str, Sequence[object]] = {}
    if budget:
        lists["budget.recipients"] = budget.recipients
        lists["budget.thresholds"] = budget.thresholds
        lists["budget.forecasts"] = budget.forecasts
    if alarms:
        lists["alarms.recipients"] = alarms.recipients
    for location, entries in lists.items():
        for number, entry in enumerate(entries):
            if entry in entries[:number]:
                yield problem(
                    f"{location}[{number}]", "is there twice", got=entry, remedy="keep one of them"
                )


def _tells_nothing(given: Given) -> Iterator[Problem]:
    budget = given.settings.budget
    if budget and not budget.thresholds and not budget.forecasts:
        yield problem(
            "budget.thresholds",
            "has no entries, and neither has budget.forecasts, so that nobody is ever told",
            got=budget.thresholds,
            remedy="add one, such as 100",
        )


RULES: Final[tuple[Rule, ...]] = (_nobody, _twice, _tells_nothing)
