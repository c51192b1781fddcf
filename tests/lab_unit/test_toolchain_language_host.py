"""The Python language host: what it runs, and that it ends with its engine."""

from __future__ import annotations

import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from lab.toolchain import language_host

FILE = language_host.__file__


@pytest.fixture(scope="module")
def host() -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
    command = [sys.executable, FILE, "--logflow", "127.0.0.1:1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 own file
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield language_pb2_grpc.LanguageRuntimeStub(channel)
    process.terminate()
    process.wait()
    process.stdout.close()


def plugin(folder: Path, program: str, *args: str) -> language_pb2.RunPluginRequest:
    (folder / "__main__.py").write_text(program)
    info = language_pb2.ProgramInfo(program_directory=str(folder), entry_point=".")
    return language_pb2.RunPluginRequest(
        info=info, args=args, pwd=str(folder), env=["PLACE=here"], kind="resource"
    )


def run(
    host: language_pb2_grpc.LanguageRuntimeStub, request: language_pb2.RunPluginRequest
) -> list[tuple[str, object]]:
    answers = [(a.WhichOneof("output"), a) for a in host.RunPlugin(request)]
    return [(str(name), getattr(answer, str(name))) for name, answer in answers]


def test_a_plugin_runs_with_its_arguments_and_environment(
    host: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    program = "import os, sys; print(sys.argv[1], os.environ['PLACE'])"
    assert run(host, plugin(tmp_path, program, "first")) == [
        ("stdout", b"first here\n"),
        ("exitcode", 0),
    ]


def test_a_plugins_error_stream_and_exit_code_are_passed_on(
    host: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    program = "import sys; print('no', file=sys.stderr); sys.exit(3)"
    assert run(host, plugin(tmp_path, program)) == [("stderr", b"no\n"), ("exitcode", 3)]


def test_a_cancelled_plugin_is_ended(
    host: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    call = host.RunPlugin(plugin(tmp_path, program))
    pid = int(next(call).stdout)
    call.cancel()
    subprocess.run(  # noqa: S603 waits for the process that this test started
        ["/usr/bin/tail", f"--pid={pid}", "-f", "/dev/null"], check=True, timeout=10
    )


def test_a_policy_pack_is_run_by_the_sdk() -> None:
    info = language_pb2.ProgramInfo(program_directory="/pack", entry_point=".")
    request = language_pb2.RunPluginRequest(
        info=info, kind="analyzer", args=["127.0.0.1:9", "-logflow"]
    )
    assert language_host.plugin_command(request) == [
        sys.executable,
        "-u",
        "-m",
        "pulumi.policy",
        "127.0.0.1:9",
        "/pack",
        "-logflow",
    ]


@pytest.mark.parametrize(
    ("entry_point", "path"), [(".", "/a"), ("", "/a"), ("b/main.py", "/a/b/main.py")]
)
def test_an_entry_point_lies_in_the_programs_folder(entry_point: str, path: str) -> None:
    info = language_pb2.ProgramInfo(program_directory="/a", entry_point=entry_point)
    assert language_host.program_path(info) == Path(path)


def test_the_dependencies_of_a_program_are_those_of_the_interpreter(
    host: language_pb2_grpc.LanguageRuntimeStub,
) -> None:
    answer = host.GetProgramDependencies(language_pb2.GetProgramDependenciesRequest())
    assert "pulumi" in {dependency.name for dependency in answer.dependencies}


def test_the_host_ends_with_the_engine_that_started_it() -> None:
    # The shell stands for the engine: it starts the host and is killed.
    shell = subprocess.Popen(  # noqa: S603 our own file
        ["/bin/sh", "-c", f"{sys.executable} {FILE} 127.0.0.1:1 & wait"], stdout=subprocess.PIPE
    )
    assert shell.stdout is not None
    with shell.stdout as answers:
        assert answers.readline().strip().isdigit()
        shell.kill()
        shell.wait()
        # The pipe ends with the last process that could write to it, which is the host.
        readable, _, _ = select.select([answers], [], [], 10)
        assert (readable, answers.read()) == ([answers], b"")
