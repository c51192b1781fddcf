"""What the pages say of files, tests and commands is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.support.program import CASES, ROOT

ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FEATURES = (ROOT / "docs" / "features.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()

CODE = re.compile(r"`([^`\n]+)`")
TARGET = re.compile(r"(?:`|\$ )make ([a-z][a-z-]*)")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
INVENTORIES = re.compile(r"inventor(?:y|ies) ((?:`[\w-]+`(?:, )?)+)")
# Of a person's own folder, on three systems.
HOME = re.compile(r"/(?:home|Users|root)/\w|[A-Z]:\\\\?Users\\")


def named_tests() -> Iterator[str]:
    """Yield each file or test that features and promises name, as `path` or `path::name`."""
    for line in (FEATURES + SECURITY).splitlines():
        path = ""
        for code in CODE.findall(line):
            if code.startswith("tests/"):
                path = code.partition("::")[0]
                yield code
            elif code.startswith("::"):
                yield path + code


@pytest.mark.parametrize("named", sorted(set(named_tests())))
def test_what_shows_a_feature_is_there(named: str) -> None:
    path, _, name = named.partition("::")
    place = ROOT / path
    assert place.is_file()
    assert not name or re.search(rf"^def {name}\(", place.read_text(), re.MULTILINE)


def test_every_promise_names_its_test() -> None:
    promised = SECURITY.partition("## Promised")[2].partition("\n## ")[0]
    rows = [line for line in promised.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) > 15
    assert [row for row in rows if "`tests/" not in row and row != "| what | held by |"] == []


def test_the_inventories_that_the_features_name_are_there() -> None:
    named = set(chain.from_iterable(CODE.findall(text) for text in INVENTORIES.findall(FEATURES)))
    assert named - set(CASES) == set()


def test_records_of_decisions_are_numbered_one_after_the_other() -> None:
    numbers = [int(path.name[:4]) for path in ADRS]
    assert numbers == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_record_of_a_decision_bears_the_number_of_its_file(path: Path) -> None:
    assert path.read_text().startswith(f"# {path.name[:4]}: ")


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_the_commands_of_a_page_are_targets(page: Path) -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(TARGET.findall(page.read_text())) - set(targets) == set()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def committed() -> Iterator[Path]:
    """Yield every file but what git ignores."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()} | {".git"}
    for entry in ROOT.iterdir():
        if entry.name not in ignored:
            inside = entry.rglob("*") if entry.is_dir() else [entry]
            yield from (p for p in inside if p.is_file() and not ignored & {*p.parts})


def test_no_file_names_a_folder_of_the_person_who_wrote_it() -> None:
    telling = [
        str(path.relative_to(ROOT))
        for path in committed()
        if path.suffix not in {".pyc", ".png"} and HOME.search(path.read_text(errors="replace"))
    ]
    assert telling == []
