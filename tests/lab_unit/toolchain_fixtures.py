"""Stand-ins for the machine's programs: scripts that note how they were called."""

from __future__ import annotations

from pathlib import Path

from lab.paths import LabPaths

FAKE_GO = """\
#!/bin/sh
echo "$@" >> {calls}
case "$1" in
  version) echo "go version go{version} linux/amd64" ;;
  list) cat {packages} ;;
  build)
    while [ "$1" != -o ]; do shift; done
    folder=$2
    shift 2
    for package; do {build}; done ;;
esac
"""
LANDS = 'echo "built $package" > "$folder$(basename $package)"'
FAILS = 'echo "some/package" >&2; echo "cannot find package $package" >&2; exit 1'


def script(file: Path, text: str) -> Path:
    """An executable file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)
    return file


def fake_go(
    folder: Path, *, version: str = "1.99.0", build: str = LANDS, packages: str = ""
) -> Path:
    """A `go` that notes its arguments in the file `calls` beside it."""
    (folder / "packages").parent.mkdir(parents=True, exist_ok=True)
    (folder / "packages").write_text(packages)
    files = {name: folder / name for name in ("calls", "packages")}
    return script(folder / "go", FAKE_GO.format(**files, version=version, build=build))


def calls(go: Path) -> list[str]:
    """The arguments of every call of that fake."""
    notes = go.parent / "calls"
    return notes.read_text().splitlines() if notes.exists() else []


def lab_paths(folder: Path) -> LabPaths:
    """A checkout and a cache below a folder of the test's own."""
    return LabPaths(root=folder / "checkout", cache=folder / "cache" / "pins")


def quiet(_: str) -> None:
    """Takes progress that the test does not look at."""
