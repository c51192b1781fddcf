"""Errors for users read as text, without a traceback."""

import pulumi
import pytest

from components.errors import ConfigError, NamingError, OfferError, OkeMeshError, Problem


@pytest.mark.parametrize("kind", [ConfigError, NamingError, OfferError])
def test_pulumi_prints_what_users_can_mend_without_a_traceback(kind: type[OkeMeshError]) -> None:
    assert issubclass(kind, pulumi.RunError)


def test_an_error_lists_its_problems_under_a_count() -> None:
    problems = [
        Problem(path="a", fault="is wrong", got="1", remedy="mend it"),
        Problem(path="b", fault="is missing", got="nothing", remedy="add it"),
    ]
    assert str(ConfigError(problems)) == (
        "2 problems in the configuration:\n"
        "  a: is wrong, got 1; mend it\n"
        "  b: is missing, got nothing; add it"
    )


def test_one_problem_is_counted_as_one() -> None:
    problem = Problem(path="a", fault="is wrong", got="1", remedy="mend it")
    assert str(ConfigError([problem])) == (
        "1 problem in the configuration:\n  a: is wrong, got 1; mend it"
    )
