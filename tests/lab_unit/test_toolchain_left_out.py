"""What is left out of the programs: whose place it takes, and what of a module stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.toolchain import golang, left_out

GO = Path("/no/go")
DEFINITION = "module own\n\nrequire (\n\tv.dev/big v1.0.0\n\tv.dev/big/part v1.2.0 // indirect\n)\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A group that leaves out a package of `v.dev/big/part`, which the module cache holds."""
    files = {"go.mod": DEFINITION, "go.sum": "sums", "without/v.dev/big/part/bucket/b.go": "ours"}
    module = write(
        tmp_path / "cache",
        {
            "bucket/a.go": "vendor's",
            "bucket/b.go": "vendor's",
            "bucket/names.txt": "embedded",
            "bucket/deeper/c.go": "vendor's",
            "local/local.go": "vendor's",
            "local/local_test.go": "vendor's",
            "local/testdata/huge": "vendor's",
        },
    )
    for file in module.rglob("*"):
        file.chmod(0o555 if file.is_dir() else 0o444)
    asked: dict[str, Path] = {"v.dev/big/part": module}
    monkeypatch.setattr(golang, "module_folder", lambda go, group, module: asked[module])
    return write(tmp_path / "group", files)


def laid(group: Path, work: Path) -> dict[str, str]:
    """What a module's copy holds, by file."""
    left_out.prepare(GO, group, work)
    copy = work / "v.dev/big/part"
    return {
        file.relative_to(copy).as_posix(): file.read_text()
        for file in copy.rglob("*")
        if file.is_file()
    }


def test_a_package_of_ours_takes_the_place_of_the_vendors(group: Path, tmp_path: Path) -> None:
    files = laid(group, tmp_path / "work")
    assert {name: text for name, text in files.items() if name.startswith("bucket/")} == {
        "bucket/b.go": "ours",
        "bucket/names.txt": "embedded",
        "bucket/deeper/c.go": "vendor's",
    }


def test_the_rest_of_the_module_stays_without_its_tests(group: Path, tmp_path: Path) -> None:
    files = laid(group, tmp_path / "work")
    assert [name for name in files if name.startswith("local/")] == ["local/local.go"]


def test_the_module_file_names_the_copy_and_no_other(group: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    laid(group, work)
    assert (work / "go.mod").read_text() == (
        f"{DEFINITION}\nreplace v.dev/big/part => {work / 'v.dev/big/part'}\n"
    )
    assert (work / "go.sum").read_text() == "sums"
    assert left_out.flags(group, work) == [f"-modfile={work / 'go.mod'}"]


def test_a_copy_that_an_interrupted_build_left_is_made_anew(group: Path, tmp_path: Path) -> None:
    before = laid(group, tmp_path / "work")
    write(tmp_path / "work/v.dev/big/part", {"bucket/stale.go": "of another version"})
    assert laid(group, tmp_path / "work") == before


def test_a_package_that_the_vendor_no_longer_has_is_named(group: Path, tmp_path: Path) -> None:
    write(group, {"without/v.dev/big/part/gone/g.go": "ours"})
    with pytest.raises(LabError) as failure:
        left_out.prepare(GO, group, tmp_path / "work")
    assert str(failure.value) == (
        "without/v.dev/big/part/gone: leaves out a package that v.dev/big/part has not; remove it"
    )


def test_a_group_that_leaves_nothing_out_is_built_as_it_is(tmp_path: Path) -> None:
    group = write(tmp_path / "group", {"go.mod": DEFINITION})
    left_out.prepare(GO, group, tmp_path / "work")
    assert left_out.flags(group, tmp_path / "work") == []
    assert not (tmp_path / "work").exists()
