"""What `down` does with the state: moved aside, one generation, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import archive, commands, preflight
from lab.errors import LabError
from lab.paths import LabPaths
from tests.lab_unit.toolchain_fixtures import lab_paths


@pytest.fixture
def paths(tmp_path: Path) -> LabPaths:
    return lab_paths(tmp_path)


def used(paths: LabPaths, mark: str) -> None:
    """The state of a lab that ran."""
    for folder in (paths.pulumi_state, paths.project):
        folder.mkdir(parents=True)
        (folder / "file").write_text(mark)
    paths.cloud_state.write_text(mark)
    paths.passphrase.write_text("secret")


def kept(paths: LabPaths) -> dict[str, str]:
    return {
        str(file.relative_to(paths.last)): file.read_text()
        for file in paths.last.rglob("*")
        if file.is_file()
    }


def test_the_state_of_cloud_and_stack_is_moved_aside(paths: LabPaths) -> None:
    used(paths, "first")
    assert archive.keep(paths)
    assert kept(paths) == {
        "cloud.json": "first",
        "state-pulumi/file": "first",
        "project/file": "first",
        "passphrase": "secret",
    }
    assert sorted(file.name for file in paths.state.iterdir()) == ["last", "passphrase"]


def test_only_the_last_generation_is_kept(paths: LabPaths) -> None:
    for mark in ("first", "second"):
        used(paths, mark)
        archive.keep(paths)
    assert kept(paths)["cloud.json"] == "second"


def test_a_second_down_does_not_lose_what_the_first_has_kept(paths: LabPaths) -> None:
    used(paths, "first")
    archive.keep(paths)
    assert not archive.keep(paths)
    assert kept(paths)["cloud.json"] == "first"


def test_an_interrupted_move_is_finished_by_the_next_down(paths: LabPaths) -> None:
    used(paths, "first")
    half = paths.state / "last.new"
    half.mkdir()
    paths.cloud_state.rename(half / "cloud.json")
    archive.keep(paths)
    assert kept(paths)["cloud.json"] == "first"
    assert kept(paths)["state-pulumi/file"] == "first"


def test_hosts_that_a_killed_run_has_left_are_named(
    paths: LabPaths, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(preflight, "NAMESPACES", tmp_path / "netns")
    paths.hosts.mkdir(parents=True)
    assert preflight.leftovers(paths) == [f"hosts in {paths.hosts}"]


def test_namespaces_are_leftovers_whoever_made_them(
    paths: LabPaths, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netns").mkdir()
    for name in ("okm-inet", "other"):
        (tmp_path / "netns" / name).touch()
    monkeypatch.setattr(preflight, "NAMESPACES", tmp_path / "netns")
    assert preflight.leftovers(paths) == ["namespace okm-inet"]


def test_an_up_after_a_killed_run_says_what_helps(
    paths: LabPaths, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(preflight, "NAMESPACES", tmp_path / "netns")
    paths.hosts.mkdir(parents=True)
    with pytest.raises(LabError) as fault:
        commands.refuse_leftovers(paths)
    assert str(fault.value) == (
        f"lab: a killed run has left something, got hosts in {paths.hosts}; run `make down`, "
        f"which removes it and keeps the state of cloud and stack in {paths.last}"
    )


@pytest.mark.parametrize("name", ["cloud", "stack"])
def test_broken_state_is_told_before_anything_starts(paths: LabPaths, name: str) -> None:
    stack = paths.pulumi_state / ".pulumi/stacks/oke-mesh/lab.json"
    file = paths.cloud_state if name == "cloud" else stack
    file.parent.mkdir(parents=True)
    file.write_text("{broken")
    with pytest.raises(LabError, match=f"^{file}: .*; it was left as it is|^{file}: .*bak in its"):
        commands.require_readable(paths)
    assert file.read_text() == "{broken"


def test_a_checkout_too_deep_for_sockets_is_told_before_anything_starts(tmp_path: Path) -> None:
    paths = lab_paths(tmp_path / ("deep" * 20))
    with pytest.raises(LabError, match=r"too long a path, got \d+ characters"):
        commands.require_readable(paths)
