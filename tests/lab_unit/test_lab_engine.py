"""How the engine is run for the commands: what is shown, what is kept, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab import engine
from lab.operations import what_next
from lab.paths import LabPaths
from tests.lab_unit.toolchain_fixtures import lab_paths, script

EVENT = (
    '{"timestamp": 1, "%s": {"metadata": {"op": "create", "type": "oci:Core/vcn:Vcn", "urn": '
    '"urn:pulumi:lab::oke-mesh::okemesh:network:Network$oci:Core/vcn:Vcn::primary-vcn"}}}'
)
COMPLAINT = (
    '{"timestamp": 2, "diagnosticEvent": {"severity": "error", "message": "first\\nsecond"}}'
)
ENGINE = """\
#!/bin/sh
echo "$@"
while [ "$1" != --event-log ]; do shift; done
cat >> "$2" <<'END'
{events}END
{rest}
"""


def paths_with(folder: Path, *events: str, rest: str = "") -> LabPaths:
    """A checkout whose engine writes these events."""
    paths = lab_paths(folder)
    text = ENGINE.format(events="".join(f"{event}\n" for event in events), rest=rest)
    script(paths.wrappers / "pulumi", text)
    return paths


def test_a_run_that_goes_well_is_quiet_but_for_its_stages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = paths_with(tmp_path, EVENT % "resourcePreEvent", EVENT % "resOutputsEvent")
    code, update = engine.watched(paths, "up", ["--refresh"])
    assert (code, update.stages["network"].done) == (0, {"created": 1})
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "network            0 s  1 created\n"
        f"pulumi up: done in 0 s; log in {paths.logs / 'up.log'}\n"
    )


def test_the_callers_words_come_last(tmp_path: Path) -> None:
    paths = paths_with(tmp_path)
    engine.watched(paths, "up", ["--refresh"])
    events = paths.logs / "up.events"
    assert (paths.logs / "up.log").read_text() == (
        f"up --stack lab --yes --skip-preview --event-log {events} --refresh\n"
    )


def test_a_failure_shows_the_complaints_whole_and_where_the_log_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = paths_with(tmp_path, EVENT % "resOpFailedEvent", COMPLAINT, rest="exit 3")
    code, _ = engine.watched(paths, "up", [])
    assert code == 3
    assert capsys.readouterr().err == (
        "network            0 s  FAILED primary-vcn\n"
        "error: first\nsecond\n"
        f"pulumi up: FAILED, exit status 3 in 0 s; log in {paths.logs / 'up.log'}\n"
    )


def test_an_engine_that_does_not_start_has_the_last_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = lab_paths(tmp_path)
    script(paths.wrappers / "pulumi", "#!/bin/sh\necho no such stack >&2\nexit 1\n")
    assert engine.watched(paths, "up", [])[0] == 1
    assert "no such stack\n" in capsys.readouterr().err


def test_what_the_engine_writes_is_for_its_owner_only(tmp_path: Path) -> None:
    paths = paths_with(tmp_path)
    engine.watched(paths, "up", [])
    modes = {oct((paths.logs / name).stat().st_mode)[-3:] for name in ("up.log", "up.events")}
    assert modes == {"600"}


_INTERRUPTED = """
import sys
from pathlib import Path
from lab import engine
from tests.lab_unit.toolchain_fixtures import lab_paths
sys.exit(engine.watched(lab_paths(Path(sys.argv[1])), "up", [])[0])
"""


def test_ctrl_c_waits_for_the_engine_and_is_no_success(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    paths_with(tmp_path, rest=f"trap 'exit 0' INT\necho > {ready}\nwhile :; do sleep 0.1; done")
    process = subprocess.Popen(  # noqa: S603 this interpreter
        [sys.executable, "-c", _INTERRUPTED, str(tmp_path)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    ready.read_text()
    os.killpg(process.pid, signal.SIGINT)
    _, shown = process.communicate(timeout=20)
    assert process.returncode == engine.INTERRUPTED
    assert "\ninterrupted: waiting for what is under way; again to end at once\n" in shown
    assert "pulumi up: interrupted in " in shown


def test_three_things_to_try_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(Path.cwd() / ".venv/bin/python"))
    outputs = {"clusters": {"a": {"ingressAddress": None}, "b": {"ingressAddress": "192.0.2.7"}}}
    assert what_next(outputs) == [
        "next:",
        '  eval "$(.venv/bin/python -m lab env)"   # then pulumi, kubectl and oci mean the lab',
        "  curl http://192.0.2.7/hello             # a few times: every region answers",
        "  make down                               # ends the lab and leaves nothing",
    ]
