"""The Python language host where the Pulumi distribution's own is not installed.

Started by the engine as `pulumi-language-python`; prints its port and serves one program run in
this process (the SDK's Automation API does the same). Plugins in Python, such as policy packs,
run as processes of their own.
"""

from __future__ import annotations

import gc
import os
import runpy
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent import futures
from functools import partial
from importlib import metadata
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2
from pulumi.runtime.proto.language_pb2 import RunPluginResponse as Answer

# A program is a web of outputs that lives until its end; with Python's own thresholds a fifth of
# its time goes into looking for garbage in it.
GARBAGE_THRESHOLDS = (100_000, 20, 20)

MAX_MESSAGE = 400 << 20
"""As the engine's own limit: a state with many certificates does not fit gRPC's 4 MiB."""


def program_path(info: language_pb2.ProgramInfo) -> Path:
    """The file or folder to run: the entry point inside the program's folder."""
    folder = Path(info.program_directory)
    return folder if info.entry_point in ("", ".") else folder / info.entry_point


class LanguageHost(LanguageServer):
    """What the engine asks of a language, for programs that run with this interpreter."""

    def __init__(self, engine: str) -> None:
        super().__init__(lambda: None)
        self._engine = engine

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 gRPC's method name
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 gRPC's method name
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi"))

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802 gRPC's name
        found = sorted((d.name, d.version) for d in metadata.distributions())
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=n, version=v) for n, v in found]
        )

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802 gRPC's
        yield language_pb2.InstallDependenciesResponse(
            stdout=b"Dependencies are installed by `make venv`.\n"
        )

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802 gRPC's method name
        return empty_pb2.Empty()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802 gRPC's method name
        program = program_path(request.info)
        folder = program if program.is_dir() else program.parent
        os.chdir(request.pwd or folder)
        sys.path.insert(0, str(folder))
        main = program / "__main__.py" if program.is_dir() else program
        self.program = partial(run_program, main)
        if not request.args:
            request.args.append(self._engine)
        # The SDK's own method has no annotations.
        result = super().Run(request, context)  # type: ignore[no-untyped-call]
        if result.error:
            # It has told the engine the error already; once more here would show it twice.
            return language_pb2.RunResponse(bail=True)
        return result

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802 gRPC's method name
        process = subprocess.Popen(
            plugin_command(request),
            cwd=request.pwd or None,
            env=dict(entry.split("=", 1) for entry in request.env) or None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        # The engine ends a plugin by cancelling this call; then nobody asks the relay for more.
        context.add_callback(partial(end, process))
        yield from relay(process)


def run_program(main: Path) -> None:
    """The program's file, as `python FILE` runs it."""
    runpy.run_path(str(main), run_name="__main__")


def plugin_command(request: language_pb2.RunPluginRequest) -> list[str]:
    """How the plugin starts: a policy pack by the SDK's own runner, others as a program."""
    program = str(program_path(request.info))
    if request.kind == "analyzer":
        engine, *rest = request.args
        return [sys.executable, "-u", "-m", "pulumi.policy", engine, program, *rest]
    return [sys.executable, "-u", program, *request.args]


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends it at once and leaves no zombie."""
    process.kill()
    process.wait()


def relay(process: subprocess.Popen[bytes]) -> Iterator[Answer]:
    """Both streams as they come, then the exit code."""
    queue: SimpleQueue[Answer | None] = SimpleQueue()

    def pump(stream: IO[bytes], answer: Callable[[bytes], Answer]) -> None:
        for line in stream:
            queue.put(answer(line))
        queue.put(None)

    streams = (
        (process.stdout, lambda line: Answer(stdout=line)),
        (process.stderr, lambda line: Answer(stderr=line)),
    )
    for stream, answer in streams:
        if stream is not None:
            Thread(target=pump, args=(stream, answer), daemon=True).start()
    for _ in streams:
        yield from iter(queue.get, None)
    yield Answer(exitcode=process.wait())


def end_with(parent: int) -> None:
    """Ends this process once the engine that started it has ended, however that came."""
    select.select([os.pidfd_open(parent)], [], [])
    os._exit(0)


def main(arguments: list[str]) -> None:
    """Serve until the engine ends us; its address is the last positional argument."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    positional = [argument for argument in arguments if not argument.startswith("-")]
    server = grpc.server(
        futures.ThreadPoolExecutor(8),
        options=[("grpc.max_receive_message_length", MAX_MESSAGE)],
    )
    host = LanguageHost(positional[-1] if positional else "")
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # The engine interrupts its language hosts at the end of every operation.
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main(sys.argv[1:])
