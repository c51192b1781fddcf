"""The resource `local.Command` and the function `local.run`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lab.plugins.base.diffing import Diff, compare
from lab.plugins.base.errors import InputsError
from lab.plugins.base.provider import Call, Checked, Provider, Resource, State
from lab.plugins.base.store import load_package
from lab.plugins.command import files, runner
from sdks.checking import Failure
from sdks.reader import Selection
from sdks.values import UNKNOWN, Properties, Unknown

COMMAND = "command:local:Command"
RUN = "command:local:run"
SELECTION = Selection(
    package="pulumi_command", resources=("local/command.py",), functions=("local/run.py",)
)
LOGGING = ("stdout", "stderr", "stdoutAndStderr", "none")
# What a run brings; each is unknown until it ran.
RESULTS = ("stdout", "stderr", "assets", "archive")


class Command(Resource):
    """A program that runs when the resource is made, changed or removed."""

    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        checked = super().check(call, news, olds)
        return Checked(news, [*checked.failures, *_logging_faults(news)])

    def diff(self, call: Call, old: State, news: Properties) -> Diff:
        # Without a command for updates, changed triggers mean a new run from the start.
        replaces = news.get("update") is None
        return Diff(
            compare(old.inputs, news, lambda path: replaces and path[0] == "triggers"),
        )

    def preview_create(self, call: Call, inputs: Properties) -> Properties:
        return {**_results_to_come(inputs), **inputs}

    def create(self, call: Call, inputs: Properties) -> State:
        outputs = {**inputs, **_run(call, inputs, command=inputs.get("create"))}
        return State(f"{call.name}{secrets.token_hex(4)}", inputs, outputs)

    def preview_update(self, call: Call, old: State, news: Properties) -> Properties:
        return {**_results_to_come(news), **news}

    def update(self, call: Call, old: State, news: Properties) -> Properties:
        command = news.get("update", news.get("create"))
        return {**news, **_run(call, news, command=command, previous=_previous(news, old))}

    def delete(self, call: Call, old: State) -> None:
        _run(
            call,
            old.inputs,
            command=old.inputs.get("delete"),
            previous=_previous(old.inputs, old),
        )


def local_run(call: Call, arguments: Properties) -> Properties:
    """Run a command in every preview and update."""
    if faults := _logging_faults(arguments):
        raise InputsError(faults)
    return {**arguments, **_run(call, arguments, command=arguments["command"])}


def _run(
    call: Call,
    inputs: Properties,
    *,
    command: str | None,
    previous: Mapping[str, str] = MappingProxyType({}),
) -> Properties:
    if command is None:
        return {"stdout": "", "stderr": ""}
    logging = inputs.get("logging") or "stdoutAndStderr"
    program = runner.Program(
        command=command,
        interpreter=inputs.get("interpreter") or ("/bin/sh", "-c"),
        folder=inputs.get("dir"),
        environment={**previous, **(inputs.get("environment") or {})},
        stdin=inputs.get("stdin"),
        show_stdout=logging in ("stdout", "stdoutAndStderr"),
        show_stderr=logging in ("stderr", "stdoutAndStderr"),
    )
    printed = runner.run(call, program, call.inform)
    return {"stdout": printed.stdout, "stderr": printed.stderr, **_files(inputs)}


def _files(inputs: Properties) -> Properties:
    folder = Path(inputs.get("dir") or ".").resolve()
    found: Properties = {}
    if inputs.get("assetPaths"):
        found["assets"] = files.assets(folder, inputs["assetPaths"])
    if inputs.get("archivePaths"):
        found["archive"] = files.archive(folder, inputs["archivePaths"])
    return found


def _previous(inputs: Properties, old: State) -> dict[str, str]:
    if inputs.get("addPreviousOutputInEnv") is False:
        return {}
    return {
        "PULUMI_COMMAND_STDOUT": str(old.outputs.get("stdout", "")),
        "PULUMI_COMMAND_STDERR": str(old.outputs.get("stderr", "")),
    }


def _results_to_come(inputs: Properties) -> Properties:
    wanted = {"assets": "assetPaths", "archive": "archivePaths"}
    return {name: UNKNOWN for name in RESULTS if name not in wanted or inputs.get(wanted[name])}


def _logging_faults(inputs: Properties) -> list[Failure]:
    value = inputs.get("logging")
    if value is None or isinstance(value, Unknown) or value in LOGGING:
        return []
    return [Failure("logging", f"must be one of {', '.join(LOGGING)}, got {value!r}")]


def provider() -> Provider:
    made = Provider(load_package(SELECTION))
    made.resources[COMMAND] = Command(made.schema.resources[COMMAND], made.checker)
    made.functions[RUN] = local_run
    return made
