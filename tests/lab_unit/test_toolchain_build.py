"""Building programs: what lands, what is kept, what a failure leaves."""

from __future__ import annotations

import dataclasses
import fcntl
import re
import threading
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.toolchain import build, left_out
from lab.toolchain.pins import GO_TOOLS, PLUGIN, STAMPS, GoTool
from tests.lab_unit.toolchain_fixtures import FAILS, LANDS, calls, fake_go, lab_paths, quiet

KUBELET = next(tool for tool in GO_TOOLS if tool.name == "kubelet")
COREDNS = next(tool for tool in GO_TOOLS if tool.name == "coredns")
PAUSE = next(tool for tool in GO_TOOLS if tool.name == "pause")


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'go'}:/usr/bin:/bin")
    monkeypatch.setattr(left_out, "prepare", _prepare)
    return fake_go(tmp_path / "go")


def _prepare(go: Path, group: Path, work: Path) -> None:
    work.mkdir(parents=True, exist_ok=True)
    (work / "go.mod").write_text(f"of {group.name}\n")


def built(go: Path) -> list[str]:
    """The packages of each call of `go build`."""
    lines = [line for line in calls(go) if line.startswith("build")]
    return [line.rpartition(" -o ")[2].partition(" ")[2] for line in lines]


def test_a_built_program_is_in_the_folder_of_programs(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [KUBELET], quiet)
    assert (paths.bin / "kubelet").read_text() == f"built {KUBELET.package}\n"


def test_a_plugin_is_not_among_the_programs_on_path(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [PLUGIN], quiet)
    assert paths.program(PLUGIN.name).read_text() == f"built {PLUGIN.package}\n"
    assert not paths.bin.exists()


def test_the_programs_of_a_group_are_one_build(tmp_path: Path, go: Path) -> None:
    build.ensure(lab_paths(tmp_path), [KUBELET, COREDNS, PLUGIN], quiet)
    assert built(go) == [f"{KUBELET.package} {COREDNS.package}", PLUGIN.package]


def test_what_needs_no_modules_is_built_while_they_are_fetched(tmp_path: Path, go: Path) -> None:
    build.ensure(lab_paths(tmp_path), [PAUSE, KUBELET], quiet)
    assert built(go) == [PAUSE.package, f"{PAUSE.package} {KUBELET.package}"]


def test_what_is_left_out_is_so_for_what_is_counted_and_for_what_is_built(
    tmp_path: Path, go: Path
) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [KUBELET, PLUGIN], quiet)
    flag = f"-modfile={paths.store}/.programs/modules/go.mod"
    told = [line.partition(" ")[0] for line in calls(go) if flag in line]
    assert told == ["list", "build"]


def test_a_build_leaves_nothing_but_its_programs(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [KUBELET], quiet)
    assert sorted(file.name for file in paths.store.iterdir()) == [".lock", build.key(KUBELET)]


def test_a_second_run_builds_nothing(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [PAUSE, KUBELET], quiet)
    before = len(calls(go))
    build.ensure(paths, [PAUSE, KUBELET], quiet)
    assert len(calls(go)) == before


def test_only_what_is_missing_is_built(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [COREDNS], quiet)
    build.ensure(paths, [COREDNS, KUBELET], quiet)
    assert built(go) == [COREDNS.package, KUBELET.package]


def test_new_pins_take_over_the_programs_that_did_not_change(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    build.ensure(paths, [KUBELET], quiet)
    later = dataclasses.replace(paths, cache=paths.cache.with_name("later"))
    build.ensure(later, [KUBELET], quiet)
    assert (later.bin / "kubelet").samefile(build.stored(KUBELET, paths.store))
    assert built(go) == [KUBELET.package]


def test_what_another_checkout_builds_meanwhile_is_waited_for(tmp_path: Path, go: Path) -> None:
    paths, said = lab_paths(tmp_path), threading.Event()
    paths.store.mkdir(parents=True)
    with (paths.store / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(
            target=build.ensure, args=(paths, [KUBELET], lambda _: said.set())
        )
        waiting.start()
        assert said.wait(timeout=10)
        build.stored(KUBELET, paths.store).write_text("built elsewhere")
    waiting.join()
    assert (paths.bin / "kubelet").read_text() == "built elsewhere"
    assert built(go) == []


def test_a_log_names_the_programs_and_how_long_they_took(tmp_path: Path, go: Path) -> None:
    said: list[str] = []
    build.ensure(lab_paths(tmp_path), [COREDNS, KUBELET], said.append)
    assert said[0] == "programs: building coredns, kubelet"
    assert re.fullmatch(r"programs: built in \d+ s", said[-1])


def test_a_failed_build_shows_the_compilers_complaint_alone(tmp_path: Path, go: Path) -> None:
    fake_go(go.parent, build=FAILS)
    with pytest.raises(LabError) as failure:
        build.ensure(lab_paths(tmp_path), [KUBELET], quiet)
    assert str(failure.value) == (
        f"programs: the build failed; run it again to resume\ncannot find package {KUBELET.package}"
    )


def test_a_failed_build_leaves_no_program(tmp_path: Path, go: Path) -> None:
    fake_go(go.parent, build=FAILS)
    paths = lab_paths(tmp_path)
    with pytest.raises(LabError):
        build.ensure(paths, [KUBELET], quiet)
    assert [file.name for file in paths.store.iterdir() if not file.name.startswith(".")] == []


def test_a_build_can_be_resumed_after_a_failure(tmp_path: Path, go: Path) -> None:
    paths = lab_paths(tmp_path)
    fake_go(go.parent, build=FAILS)
    with pytest.raises(LabError):
        build.ensure(paths, [KUBELET], quiet)
    fake_go(go.parent, build=LANDS)
    build.ensure(paths, [KUBELET], quiet)
    assert (paths.bin / "kubelet").read_text() == f"built {KUBELET.package}\n"


def test_versions_are_given_to_the_linker(tmp_path: Path, go: Path) -> None:
    build.ensure(lab_paths(tmp_path), [KUBELET], quiet)
    assert all(f" -X {stamp} " in calls(go)[-1] for stamp in STAMPS)


@pytest.mark.parametrize(
    "changed",
    [
        dataclasses.replace(KUBELET, package="k8s.io/kubernetes/cmd/kubelet2"),
        dataclasses.replace(KUBELET, group="kubernetes-plugin"),
    ],
    ids=["package", "sources"],
)
def test_whatever_goes_into_a_build_changes_its_key(changed: GoTool) -> None:
    assert build.key(changed).rpartition("-")[2] != build.key(KUBELET).rpartition("-")[2]


def test_a_key_changes_with_the_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    before = build.key(KUBELET)
    monkeypatch.setattr(build, "FLAGS", ("-trimpath",))
    assert build.key(KUBELET) != before


def test_a_program_that_was_replaced_by_another_build_is_linked_anew(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "bin" / "tool"
    source.write_text("one")
    build.link(source, target)
    source.unlink()
    source.write_text("two")
    build.link(source, target)
    assert target.read_text() == "two"
