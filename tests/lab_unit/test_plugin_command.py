"""The `command` plugin: what runs when, and what becomes of its output."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.plugins.base.errors import PluginError
from lab.plugins.base.provider import Call
from lab.plugins.base.values import ARCHIVE, SIGNATURE, Secret
from lab.plugins.command import provider, runner
from sdks.values import UNKNOWN, Asset, Properties
from tests.lab_unit.plugin_engine import Engine, refused, serving

COMMAND = "command:local:Command"
RUN = "command:local:run"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with serving(provider()) as started:
        yield started


def test_a_command_gets_its_input_and_environment(engine: Engine) -> None:
    made = engine.create(
        COMMAND,
        {"create": "echo $WHO; cat; echo err >&2", "environment": {"WHO": "me"}, "stdin": "in\n"},
    )
    assert (made.outputs["stdout"], made.outputs["stderr"]) == ("me\nin", "err")


def test_a_command_runs_in_its_folder_by_its_interpreter(engine: Engine, tmp_path: Path) -> None:
    made = engine.create(
        COMMAND,
        {
            "create": "import os; print(os.getcwd())",
            "interpreter": ["python3", "-c"],
            "dir": str(tmp_path),
        },
    )
    assert made.outputs["stdout"] == str(tmp_path)


def test_a_secret_environment_stays_secret(engine: Engine) -> None:
    environment = {"TOKEN": Secret("t")}
    made = engine.create(COMMAND, {"create": "true", "environment": environment})
    assert made.outputs["environment"] == environment


def test_a_failed_command_shows_its_status_and_errors(engine: Engine) -> None:
    with refused() as told:
        engine.create(COMMAND, {"create": "echo fine; echo broken >&2; exit 3"})
    assert told == ["command failed with exit status 3:\nbroken"]


def test_a_long_failure_shows_its_end(engine: Engine) -> None:
    with refused() as told:
        engine.create(COMMAND, {"create": "seq 1 100 >&2; exit 1"})
    lines = told[0].splitlines()
    assert lines[0] == "command failed with exit status 1 (the last 40 of 100 lines):"
    assert (lines[1], lines[-1]) == ("61", "100")


def test_a_killed_command_tells_the_signal(engine: Engine) -> None:
    with refused() as told:
        engine.create(COMMAND, {"create": "kill -9 $$"})
    assert told == ["command failed with signal 9"]


def test_a_folder_that_is_not_there_is_named(engine: Engine) -> None:
    with refused() as told:
        engine.create(COMMAND, {"create": "true", "dir": "/nowhere"})
    assert told == ["command does not start: No such file or directory, /nowhere"]


def test_an_update_sees_what_was_printed_before(engine: Engine) -> None:
    made = engine.create(COMMAND, {"create": "echo one"})
    news = {"create": "echo one", "update": "echo was $PULUMI_COMMAND_STDOUT"}
    assert engine.update(made, news)["stdout"] == "was one"


def test_an_update_may_do_without_the_former_output(engine: Engine) -> None:
    made = engine.create(COMMAND, {"create": "echo one"})
    news = {"create": "echo [$PULUMI_COMMAND_STDOUT]", "addPreviousOutputInEnv": False}
    assert engine.update(made, news)["stdout"] == "[]"


def test_a_delete_runs_its_own_command(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "gone"
    made = engine.create(
        COMMAND, {"create": "echo x", "delete": f"echo $PULUMI_COMMAND_STDOUT > {file}"}
    )
    engine.delete(made)
    assert file.read_text() == "x\n"


def test_a_command_without_a_delete_leaves_quietly(engine: Engine) -> None:
    engine.delete(engine.create(COMMAND, {"create": "echo x"}))


@pytest.mark.parametrize(
    ("update", "kind"), [(None, "UPDATE_REPLACE"), ("true", "UPDATE")], ids=["without", "with"]
)
def test_triggers_replace_unless_there_is_an_update(
    engine: Engine, update: str | None, *, kind: str
) -> None:
    inputs: Properties = {"create": "true", "triggers": ["a"]}
    if update:
        inputs["update"] = update
    made = engine.create(COMMAND, inputs)
    assert engine.diff(made, {**inputs, "triggers": ["b"]}).changes == {"triggers[0]": kind}


def test_a_preview_does_not_know_the_output(engine: Engine) -> None:
    planned = engine.preview(COMMAND, {"create": "echo x"})
    assert planned == {"create": "echo x", "stdout": UNKNOWN, "stderr": UNKNOWN}


def test_a_preview_runs_nothing(engine: Engine, tmp_path: Path) -> None:
    engine.preview(COMMAND, {"create": f"touch {tmp_path}/ran"})
    assert list(tmp_path.iterdir()) == []


def test_a_preview_of_an_update_does_not_know_the_output(engine: Engine) -> None:
    made = engine.create(COMMAND, {"create": "echo x"})
    planned = engine.update(made, {"create": "echo y"}, preview=True)
    assert planned["stdout"] is UNKNOWN


def test_a_wrong_kind_of_logging_is_refused(engine: Engine) -> None:
    assert engine.faults(COMMAND, {"create": "true", "logging": "all"}) == {
        "logging": "must be one of stdout, stderr, stdoutAndStderr, none, got 'all'"
    }


def test_files_that_a_command_leaves_become_assets(engine: Engine, tmp_path: Path) -> None:
    made = engine.create(
        COMMAND,
        {
            "create": "mkdir -p a/b; echo 1 > a/b/x.txt; echo 2 > a/secret.txt; echo 3 > y.md",
            "dir": str(tmp_path),
            "assetPaths": ["a/**", "*.md", "!**secret*"],
        },
    )
    assets = made.outputs["assets"]
    assert sorted(assets) == ["a/b/x.txt", "y.md"]
    assert isinstance(assets["y.md"], Asset)
    assert assets["y.md"].fields["path"] == str(tmp_path / "y.md")


def test_files_that_a_command_leaves_become_an_archive(engine: Engine, tmp_path: Path) -> None:
    made = engine.create(
        COMMAND, {"create": "echo 1 > x", "dir": str(tmp_path), "archivePaths": ["?"]}
    )
    archive = made.outputs["archive"]
    assert archive.fields[SIGNATURE] == ARCHIVE
    assert list(archive.fields["assets"]) == ["x"]


def test_a_function_runs_at_once(engine: Engine) -> None:
    ran = engine.invoke(RUN, {"command": "echo hi; echo there >&2"})
    assert ran == {"command": "echo hi; echo there >&2", "stdout": "hi", "stderr": "there"}


def test_a_function_that_fails_is_an_error(engine: Engine) -> None:
    with refused() as told:
        engine.invoke(RUN, {"command": "echo no >&2; false"})
    assert told == ["command failed with exit status 1:\nno"]


def program(command: str) -> runner.Program:
    return runner.Program(command=command, environment={})


def test_lines_are_shown_while_the_command_runs() -> None:
    seen: list[str] = []
    call = Call(urn="u", name="n", type="t")
    runner.run(call, program("echo one; echo two >&2"), seen.append)
    assert sorted(seen) == ["one", "two"]


def test_a_cancelled_command_is_stopped_with_its_children() -> None:
    call = Call(urn="u", name="n", type="t")
    started = time.monotonic()
    stop = threading.Thread(target=call.cancelled.set)
    seen: list[str] = []

    def show(line: str) -> None:
        seen.append(line)
        stop.start()

    with pytest.raises(PluginError, match=r"^command: cancelled; it was stopped$"):
        runner.run(call, program("echo up; sleep 60 & wait"), show)
    assert time.monotonic() - started < 10


def test_a_command_past_its_deadline_is_stopped() -> None:
    call = Call(urn="u", name="n", type="t", timeout=0.2)
    with pytest.raises(PluginError, match=r"^command: not done after 0.2 s; it was stopped$"):
        runner.run(call, program("sleep 60"), lambda line: None)


def test_a_command_need_not_read_its_input(engine: Engine) -> None:
    made = engine.create(COMMAND, {"create": "exec 0<&-; echo ok", "stdin": "x" * 1_000_000})
    assert made.outputs["stdout"] == "ok"
