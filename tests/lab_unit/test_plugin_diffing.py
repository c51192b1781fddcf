"""What counts as a change of inputs, and as drift."""

from __future__ import annotations

from typing import Any

import pytest

from lab.plugins.base.diffing import compare, without_ignored
from sdks.values import UNKNOWN, Properties, render_path


def changes(old: Properties, new: Properties, *, sets: bool = False) -> dict[str, str]:
    found = compare(old, new, lambda path: False, unordered=lambda path: sets)
    return {render_path(change.path): change.kind.value for change in found}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": 2}, {"a": "UPDATE"}),
        ({}, {"a": 1}, {"a": "ADD"}),
        ({"a": 1}, {}, {"a": "DELETE"}),
        ({"a": None}, {}, {}),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, {"a.b[1]": "UPDATE"}),
        ({"a": [1]}, {"a": [1, 2]}, {"a[1]": "ADD"}),
        ({"a": "x"}, {"a": {"b": 1}}, {"a": "UPDATE"}),
        ({"a": "x"}, {"a": UNKNOWN}, {"a": "UPDATE"}),
        ({"a": 1}, {"a": True}, {"a": "UPDATE"}),
        ({"a": 1}, {"a": 1.0}, {}),
    ],
)
def test_a_change_is_told_at_its_own_path(
    old: Properties, new: Properties, expected: dict[str, str]
) -> None:
    assert changes(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (["a", "b"], ["b", "a"], {}),
        (["a", "b"], ["c", "a", "b"], {"l[0]": "ADD"}),
        (["a", "b"], ["b"], {"l[0]": "DELETE"}),
        (["a", "b"], ["b", "c"], {"l[1]": "UPDATE"}),
        (["a", "a"], ["a"], {"l[1]": "DELETE"}),
    ],
)
def test_elements_of_a_set_are_compared_by_value(
    old: list[Any], new: list[Any], expected: dict[str, str]
) -> None:
    assert changes({"l": old}, {"l": new}, sets=True) == expected


@pytest.mark.parametrize("ignored", ["tags", "tags.a", "rules[*].text", "rules[0]"])
def test_an_ignored_path_covers_what_is_below_it(ignored: str) -> None:
    old: Properties = {"tags": {"a": 1}, "rules": [{"text": "x"}]}
    new: Properties = {"tags": {"a": 2}, "rules": [{"text": "y"}]}
    left = without_ignored(compare(old, new, lambda path: False), [ignored])
    assert len(left) == 1
