"""The `pulumi` of a checkout: the engine writes its salt into a copy, never into git's file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab import stack
from lab.errors import LabError
from lab.paths import LabPaths
from lab.toolchain import launchers
from tests.lab_unit.toolchain_fixtures import lab_paths, script


@pytest.fixture
def paths(tmp_path: Path) -> LabPaths:
    paths = lab_paths(tmp_path)
    paths.root.mkdir()
    script(paths.bin / "pulumi", '#!/bin/sh\necho "$@"\n')
    launchers.ensure(paths, {"PATH": "/usr/bin:/bin"})
    return paths


def answer(paths: LabPaths, folder: Path, *arguments: str) -> str:
    command: list[str | Path] = [paths.wrappers / "pulumi", *arguments]
    done = subprocess.run(  # noqa: S603 the script of this very test
        command, cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("command", ["up", "preview", "refresh", "destroy", "config", "import"])
def test_a_command_that_reads_settings_gets_the_copy(paths: LabPaths, command: str) -> None:
    shown = answer(paths, paths.root, command, "--yes")
    assert shown == f"{command} --config-file {paths.stack_settings} --yes"


def test_a_command_that_reads_no_settings_is_passed_on(paths: LabPaths) -> None:
    assert answer(paths, paths.root, "stack", "output", "a b") == "stack output a b"


def test_another_projects_folder_keeps_its_own_settings(paths: LabPaths, tmp_path: Path) -> None:
    assert answer(paths, tmp_path, "up", "--yes") == "up --yes"


def committed(paths: LabPaths, text: str) -> None:
    (paths.root / "Pulumi.lab.yaml").write_text(text)
    paths.project.mkdir(parents=True, exist_ok=True)
    stack.renew_settings(paths)


def test_the_copy_takes_over_committed_settings(paths: LabPaths) -> None:
    committed(paths, "config:\n  a: 1\n")
    assert paths.stack_settings.read_text() == "config:\n  a: 1\n"


def test_the_copy_keeps_its_salt_when_committed_settings_change(paths: LabPaths) -> None:
    committed(paths, "config:\n  a: 1\n")
    paths.stack_settings.write_text("config:\n  a: 1\nencryptionsalt: v1:x=:y\n")
    committed(paths, "config:\n  a: 2\n")
    assert paths.stack_settings.read_text() == "encryptionsalt: v1:x=:y\nconfig:\n  a: 2\n"


def test_a_setting_made_in_the_copy_stays_while_the_committed_file_does(paths: LabPaths) -> None:
    committed(paths, "config:\n  a: 1\n")
    paths.stack_settings.write_text("config:\n  a: 7\n")
    stack.renew_settings(paths)
    assert paths.stack_settings.read_text() == "config:\n  a: 7\n"


def test_a_broken_state_file_is_named_with_its_copy(paths: LabPaths) -> None:
    (paths.root / "Pulumi.yaml").write_text("name: oke-mesh\nruntime: python\n")
    state = paths.pulumi_state / ".pulumi/stacks/oke-mesh/lab.json"
    state.parent.mkdir(parents=True)
    state.write_text('{"version": 3,')
    with pytest.raises(LabError) as failure:
        stack.prepare(paths)
    assert str(failure.value) == (
        f"{state}: is no readable state (Expecting property name enclosed in double quotes: "
        "line 1 column 15 (char 14)); put the engine's copy lab.json.bak in its place"
    )


def test_the_passphrase_is_readable_by_its_owner_only(paths: LabPaths) -> None:
    (paths.root / "Pulumi.yaml").write_text("name: oke-mesh\nruntime: python\n")
    stack.prepare(paths)
    assert oct(paths.passphrase.stat().st_mode)[-3:] == "600"
