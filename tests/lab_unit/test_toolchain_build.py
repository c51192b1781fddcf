"""Building programs: what lands, what is kept, what a failure leaves."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.toolchain import build
from lab.toolchain.pins import GO_TOOLS, PLUGIN, GoTool
from tests.lab_unit.toolchain_fixtures import FAILS, LANDS, calls, fake_go, lab_paths, quiet

KUBELET = next(tool for tool in GO_TOOLS if tool.name == "kubelet")
PAUSE = next(tool for tool in GO_TOOLS if tool.name == "pause")


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'go'}:/usr/bin:/bin")
    return fake_go(tmp_path / "go")


def built(go: Path) -> list[str]:
    return [line.rpartition(" ")[2] for line in calls(go) if line.startswith("build")]


def test_a_built_program_is_on_the_folder_of_programs(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [PAUSE], quiet)
    assert (paths.bin / "pause").read_text() == "built .\n"


def test_a_plugin_is_not_among_the_programs_on_path(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [PLUGIN], quiet)
    assert paths.program(PLUGIN.name).read_text() == f"built {PLUGIN.package}\n"
    assert not paths.bin.exists()


def test_a_second_run_builds_nothing(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [PAUSE, KUBELET], quiet)
    before = len(calls(go))
    build.ensure(paths, [PAUSE, KUBELET], quiet)
    assert len(calls(go)) == before


def test_after_an_interruption_only_the_missing_program_is_built(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [PAUSE], quiet)
    build.ensure(paths, [PAUSE, KUBELET], quiet)
    assert built(go) == [PAUSE.package, KUBELET.package]


def test_new_pins_take_over_the_programs_that_did_not_change(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [PAUSE], quiet)
    later = dataclasses.replace(paths, cache=paths.cache.with_name("later"))
    build.ensure(later, [PAUSE], quiet)
    assert (later.bin / "pause").samefile(build.stored(PAUSE, paths.store))
    assert built(go) == [PAUSE.package]


def test_progress_names_the_program_its_number_and_the_elapsed_time(
    tmp_path: Path, go: Path
) -> None:
    said: list[str] = []
    build.ensure(lab_paths(tmp_path), [PAUSE, KUBELET], said.append)
    assert [re.sub(r"\d+ s$", "N s", line) for line in said] == [
        "[1/2] pause: building",
        "[1/2] pause: built in N s",
        "[2/2] kubelet: building",
        "[2/2] kubelet: built in N s",
    ]


def test_a_failed_build_shows_the_compilers_complaint(tmp_path: Path, go: Path) -> None:
    fake_go(go.parent, build=FAILS)
    with pytest.raises(LabError) as failure:
        build.ensure(lab_paths(tmp_path), [KUBELET], quiet)
    assert str(failure.value) == (
        "kubelet: the build failed; run it again to resume\ncannot find package " + KUBELET.package
    )


def test_a_failed_build_leaves_no_half_of_a_program(tmp_path: Path, go: Path) -> None:
    fake_go(go.parent, build=FAILS)
    paths = lab_paths(tmp_path)
    with pytest.raises(LabError):
        build.ensure(paths, [KUBELET], quiet)
    assert list(paths.store.iterdir()) == []


def test_a_build_can_be_resumed_after_a_failure(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    fake_go(go.parent, build=FAILS)
    with pytest.raises(LabError):
        build.ensure(paths, [KUBELET], quiet)
    fake_go(go.parent, build=LANDS)
    build.ensure(paths, [KUBELET], quiet)
    assert (paths.bin / "kubelet").read_text() == f"built {KUBELET.package}\n"


def test_the_version_is_given_to_the_linker(tmp_path: Path, go: Path) -> None:
    build.ensure(lab_paths(tmp_path), [KUBELET], quiet)
    assert f"-ldflags -s -w -X {KUBELET.stamp[0]} -X" in calls(go)[-1]


@pytest.mark.parametrize(
    "changed",
    [
        dataclasses.replace(KUBELET, stamp=("a.b=c",)),
        dataclasses.replace(KUBELET, package="k8s.io/kubernetes/cmd/kubelet2"),
        dataclasses.replace(KUBELET, group="coredns"),
    ],
    ids=["stamp", "package", "sources"],
)
def test_whatever_goes_into_a_build_changes_its_key(changed: GoTool) -> None:
    assert build.key(changed) != build.key(KUBELET)


def test_a_program_that_was_replaced_by_another_build_is_linked_anew(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "bin" / "tool"
    source.write_text("one")
    build.link(source, target)
    source.unlink()
    source.write_text("two")
    build.link(source, target)
    assert target.read_text() == "two"
