"""What is chosen in `requirements*.in` is what `requirements*.txt` installs; without a network."""

from __future__ import annotations

import re
from functools import cache

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.program import ROOT

PRODUCT, DEVELOPMENT = "requirements", "requirements-dev"
NAMES = (PRODUCT, DEVELOPMENT)

Pins = dict[str, list[str]]
"""The versions of a package; more than one where markers tell them apart."""


def text_of(file: str) -> str:
    return (ROOT / file).read_text()


@cache
def chosen(name: str) -> tuple[Requirement, ...]:
    lines = [line for line in text_of(f"{name}.in").splitlines() if re.match(r"\w", line)]
    return tuple(Requirement(line) for line in lines)


@cache
def compiled(name: str) -> tuple[str, ...]:
    """Return the entries of a compiled file: each a pin with its hashes and where it came from."""
    _, *entries = re.split(r"^(?=\w)", text_of(f"{name}.txt"), flags=re.MULTILINE)
    return tuple(entries)


def requirement(entry: str) -> Requirement:
    return Requirement(entry.partition(" \\\n")[0])


def pins(name: str) -> Pins:
    found: Pins = {}
    for pin in map(requirement, compiled(name)):
        found.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier)[2:])
    return found


def asked_for(name: str, by: str) -> set[str]:
    """Return the packages in a compiled file that the file `by` asks for by name."""
    origin = re.compile(rf"^ +#(?: via)? +-r {re.escape(by)}\.in$", re.MULTILINE)
    entries = [entry for entry in compiled(name) if origin.search(entry)]
    return {canonicalize_name(requirement(entry).name) for entry in entries}


@pytest.mark.parametrize("name", NAMES)
def test_every_choice_is_met(name: str) -> None:
    installed = pins(name)
    unmet = [
        str(choice)
        for choice in chosen(name)
        if not all(
            choice.specifier.contains(version, prereleases=True)
            for version in installed.get(canonicalize_name(choice.name), ())
        )
    ]
    assert unmet == []


@pytest.mark.parametrize(
    ("name", "by"), [(PRODUCT, PRODUCT), (DEVELOPMENT, PRODUCT), (DEVELOPMENT, DEVELOPMENT)]
)
def test_nothing_is_installed_that_nobody_asks_for(name: str, by: str) -> None:
    assert asked_for(name, by) == {canonicalize_name(choice.name) for choice in chosen(by)}


@pytest.mark.parametrize("name", NAMES)
def test_every_package_is_pinned_by_hash(name: str) -> None:
    loose = [
        entry.splitlines()[0]
        for entry in compiled(name)
        if not re.match(r"[\w.-]+==\S+(?: ; [^\\\n]+)? \\\n    --hash=sha256:[0-9a-f]{64}\b", entry)
    ]
    assert loose == []


def test_work_on_the_program_is_done_with_what_it_runs_with() -> None:
    development = pins(DEVELOPMENT)
    assert {
        package: versions
        for package, versions in pins(PRODUCT).items()
        if development.get(package) != versions
    } == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_place_to_install_from_is_fixed(name: str) -> None:
    assert "://" not in text_of(f"{name}.in") + text_of(f"{name}.txt")


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_compiled_by_make_lock(name: str) -> None:
    command = text_of(f"{name}.txt").splitlines()[1].removeprefix("#").split()
    options = [word for word in command if word.startswith("--")]
    assert options
    assert [word for word in options if word not in text_of("Makefile")] == []
