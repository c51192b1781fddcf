"""Every rule, and the order of the passes."""

from collections.abc import Iterable
from typing import Final

from components.config.rules import (
    access,
    existing,
    identity,
    labels,
    limits,
    mesh,
    names,
    pki,
    pools,
    ranges,
    roles,
    sizes,
    subnets,
    verification,
    versions,
)
from components.config.rules.given import Given, Rule
from components.errors import Problem

_RULES: Final[tuple[Rule, ...]] = (
    *access.RULES,
    *existing.RULES,
    *identity.RULES,
    *labels.RULES,
    *mesh.RULES,
    *names.RULES,
    *pki.RULES,
    *pools.RULES,
    *ranges.RULES,
    *roles.RULES,
    *sizes.RULES,
    *subnets.RULES,
    *verification.RULES,
    *versions.RULES,
)


def check(given: Given) -> tuple[Problem, ...]:
    """Return every problem between fields, in the order of their paths.

    Limits of the plan come last and alone, since only settings that break no other rule have one.
    """
    return _found(_RULES, given) or _found(limits.RULES, given)


def _found(rules: Iterable[Rule], given: Given) -> tuple[Problem, ...]:
    return tuple(sorted({problem for rule in rules for problem in rule(given)}))
