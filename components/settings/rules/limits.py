"""Limits of Oracle Cloud that only the whole plan shows."""

from typing import Final

from components.settings.rules.given import Rule

RULES: Final[tuple[Rule, ...]] = ()
