"""How far a build is: what counts as done, what two groups share, how long the rest takes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from lab.progress import Meter
from lab.toolchain import golang
from lab.toolchain.work import LINK, Package, Work
from tests.lab_unit.toolchain_fixtures import fake_go, script


def package(size: int, *imports: str, module: str = "m@v1") -> Package:
    return Package(module=module, size=size, imports=imports)


MAIN = {
    "main": package(LINK, "left", "right"),
    "left": package(LINK, "base"),
    "right": package(LINK, "base"),
    "base": package(LINK),
}
"""Four packages and a link, each a fifth of the work."""


def test_what_a_package_imports_is_done_when_it_is_begun() -> None:
    work = Work({"g": MAIN}, programs=1)
    work.begins("g", "left")
    assert work.part == pytest.approx(0.2)
    work.begins("g", "main")
    assert work.part == pytest.approx(0.6)


def test_the_work_is_done_with_the_last_link() -> None:
    work = Work({"g": MAIN}, programs=1)
    work.ends("g")
    assert work.part == pytest.approx(0.8)
    work.links("g", 1)
    assert work.part == pytest.approx(1)


def test_a_line_that_names_no_package_is_no_progress() -> None:
    work = Work({"g": MAIN}, programs=1)
    work.begins("g", "nowhere")
    assert work.part == 0


@pytest.mark.parametrize(("module", "packages"), [("m@v1", 1), ("m@v2", 2)])
def test_groups_share_the_packages_of_one_version(module: str, packages: int) -> None:
    other = {"base": package(LINK, module=module)}
    work = Work({"a": {"base": package(LINK)}, "b": other}, programs=0)
    assert work.total == packages * LINK


def test_the_rest_takes_as_long_as_what_was_done_here() -> None:
    """What an interrupted build had left in the cache is done, and says nothing of the pace."""
    work = Work({"g": MAIN}, programs=1)
    work.begins("g", "left")
    assert work.seconds_left(60) is None
    work.begins("g", "main")
    # In a minute `left` alone; `main` and its link are left.
    assert work.seconds_left(60) == pytest.approx(120)


def test_go_tells_what_a_program_is_made_of(tmp_path: Path) -> None:
    (tmp_path / "a.go").write_text("package a\n")
    entries = [
        {"ImportPath": "std", "Dir": str(tmp_path), "Standard": True},
        {
            "ImportPath": "own/a",
            "Dir": str(tmp_path),
            "GoFiles": ["a.go"],
            "Imports": ["std"],
            "Module": {"Path": "own", "Replace": {"Path": "fork", "Version": "v2"}},
        },
    ]
    go = fake_go(tmp_path / "go", packages="\n".join(map(json.dumps, entries)))
    found = golang.packages(go, tmp_path, ["own/a"])
    assert found["own/a"] == Package(module="fork@v2", size=10, imports=("std",))
    assert found["std"].size == 0


def test_more_modules_are_fetched_at_a_time_than_there_are_processors(tmp_path: Path) -> None:
    tells = 'echo "{\\"ImportPath\\": \\"$GOMAXPROCS\\", \\"Dir\\": \\".\\"}"'
    go = script(tmp_path / "go", f"#!/bin/sh\n{tells}\n")
    assert list(golang.packages(go, tmp_path, [])) == [str(golang.FETCHES)]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_screen_one_line_is_rewritten_and_taken_away() -> None:
    screen = Screen()
    with Meter(pytest.fail, screen) as meter:
        meter.show(0.25, 300.0, "k8s.io/api/core/v1")
    assert screen.getvalue() == (
        "\r\x1b[2Kprograms: 25% built, about 5 min left; k8s.io/api/core/v1\r\x1b[2K"
    )


def test_while_sources_are_fetched_it_says_so() -> None:
    said: list[str] = []
    with Meter(said.append, io.StringIO()) as meter:
        meter.tell("programs: fetching their sources", "crypto/tls")
    assert said == ["programs: fetching their sources"]


def test_in_a_log_it_is_said_now_and_then() -> None:
    said: list[str] = []
    with Meter(said.append, io.StringIO()) as meter:
        meter.show(0.25, None, "a")
        meter.show(0.26, None, "b")
    assert said == ["programs: 25% built"]
