"""Every pin that names its source is one that Renovate finds; `renovate.json` says how."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.contracts.test_documents import committed
from tests.support.program import ROOT

MARK = "# renovate" + ":"
"""Cut in two, so that this line is none."""

CONFIG = json.loads((ROOT / "renovate.json").read_text())
(MANAGER,) = CONFIG["customManagers"]


def pattern(text: str) -> re.Pattern[str]:
    """Return what JavaScript would compile; the two name groups differently."""
    return re.compile(re.sub(r"\(\?<(?=\w)", "(?P<", text))


def file_patterns(manager: dict[str, list[str]]) -> list[re.Pattern[str]]:
    return [pattern(text.strip("/")) for text in manager["managerFilePatterns"]]


@cache
def marked() -> tuple[Path, ...]:
    found = [path for path in committed() if path.suffix in {".py", ".yaml", ".sh", ".toml", ".in"}]
    return tuple(path.relative_to(ROOT) for path in found if MARK in path.read_text())


def matches(path: Path) -> Iterator[re.Match[str]]:
    text = (ROOT / path).read_text()
    for match_string in MANAGER["matchStrings"]:
        yield from pattern(match_string).finditer(text)


def test_pins_with_their_source_are_found() -> None:
    assert {"components/versions.py", "lab/toolchain/pins.py"} <= {str(path) for path in marked()}


@pytest.mark.parametrize("path", marked(), ids=str)
def test_a_file_with_such_pins_is_read(path: Path) -> None:
    assert any(known.search(str(path)) for known in file_patterns(MANAGER))


@pytest.mark.parametrize("path", marked(), ids=str)
def test_every_such_pin_is_understood(path: Path) -> None:
    text = (ROOT / path).read_text()
    commented = {number for number, line in enumerate(text.splitlines()) if MARK in line}
    understood = {text.count("\n", 0, match.start()) for match in matches(path)}
    assert understood == commented


@pytest.mark.parametrize("path", marked(), ids=str)
def test_of_a_pin_its_source_and_version_are_known(path: Path) -> None:
    sources = {"docker", "github-releases", "go", "helm", "pypi"}
    for match in matches(path):
        assert match["datasource"] in sources
        assert re.fullmatch(r"[\w./-]+", match["depName"])
        assert re.fullmatch(r"\d+(\.\d+)+", match["currentValue"])


def test_every_compiled_requirement_file_is_read() -> None:
    patterns = file_patterns(CONFIG["pip-compile"])
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert any(known.search(name) for known in patterns)
