"""Programs of Debian that a test alone asks for: fetched once, and installed nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.paths import LabPaths
from lab.toolchain import unpacked

FETCHES = """#!/bin/sh
echo fetched >> {log}
touch thing_1.0_amd64.deb
"""
FAILS = """#!/bin/sh
echo 'E: Unable to locate package thing' >&2
exit 100
"""
KNOWS_LATER = """#!/bin/sh
if [ "$1" = update ]; then touch "$0.lists"; exit; fi
[ -e "$0.lists" ] || {{ echo 'E: Unable to locate package thing' >&2; exit 100; }}
echo fetched >> {log}
touch thing_1.0_amd64.deb
"""
UNPACKS = """#!/bin/sh
mkdir -p "$3/usr/bin" && touch "$3/usr/bin/tool"
"""


@pytest.fixture
def paths(tmp_path: Path) -> LabPaths:
    return LabPaths(root=tmp_path, cache=tmp_path / "cache")


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with stand-ins for Debian's programs, of which the log counts the fetches."""
    folder = tmp_path / "debian"
    folder.mkdir()
    stand_in(folder, "apt-get", FETCHES.format(log=tmp_path / "log"))
    stand_in(folder, "dpkg", UNPACKS)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(unpacked, "SEARCH", str(folder))
    return folder


def stand_in(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    file.chmod(0o755)
    return file


def test_a_program_is_fetched_once(paths: LabPaths, debian: Path, tmp_path: Path) -> None:
    first = unpacked.program(paths, "thing", "tool")
    assert first == paths.cache / "unpacked" / "thing" / "usr" / "bin" / "tool"
    assert unpacked.program(paths, "thing", "tool") == first
    assert (tmp_path / "log").read_text() == "fetched\n"
    assert [entry.name for entry in (paths.cache / "unpacked").iterdir()] == ["thing"]


def test_the_machines_own_program_comes_first(paths: LabPaths, debian: Path) -> None:
    own = stand_in(debian, "tool", "#!/bin/sh\n")
    assert unpacked.program(paths, "thing", "tool") == own
    assert not paths.cache.exists()


def test_lists_of_packages_are_fetched_where_there_are_none(
    paths: LabPaths, debian: Path, tmp_path: Path
) -> None:
    stand_in(debian, "apt-get", KNOWS_LATER.format(log=tmp_path / "log"))
    assert unpacked.program(paths, "thing", "tool").exists()
    assert (tmp_path / "log").read_text() == "fetched\n"


def test_a_fetch_that_fails_leaves_nothing(paths: LabPaths, debian: Path) -> None:
    stand_in(debian, "apt-get", FAILS)
    with pytest.raises(LabError) as failed:
        unpacked.program(paths, "thing", "tool")
    assert str(failed.value) == ("apt-get download -qq thing: E: Unable to locate package thing")
    assert [*(paths.cache / "unpacked").iterdir()] == []


def test_a_package_without_the_program_is_told(paths: LabPaths, debian: Path) -> None:
    with pytest.raises(LabError) as failed:
        unpacked.program(paths, "thing", "other")
    assert str(failed.value) == (
        f"thing: unpacked into {paths.cache}/unpacked/thing, and without other"
    )


def test_a_machine_without_apt_is_told_what_is_missing(
    paths: LabPaths, debian: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(debian))
    (debian / "apt-get").unlink()
    with pytest.raises(LabError) as failed:
        unpacked.program(paths, "thing", "tool")
    assert str(failed.value) == "apt-get is missing: this is no Debian; install its program"
