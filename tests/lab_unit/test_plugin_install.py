"""The executables that the engine starts."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from lab.plugins.install import PLUGINS, write_wrappers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("path")
    write_wrappers(made, Path(sys.executable))
    return made


@pytest.fixture
def plugin(folder: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603 - the executable under test
        [folder / "pulumi-resource-tls", "127.0.0.1:1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_there_is_an_executable_for_each_plugin(folder: Path) -> None:
    names = sorted(file.name for file in folder.iterdir() if os.access(file, os.X_OK))
    assert names == [f"pulumi-resource-{name}" for name in PLUGINS]


def test_writing_again_changes_nothing(folder: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    write_wrappers(folder, Path(sys.executable))
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == before


def test_a_plugin_prints_its_port_and_serves(plugin: subprocess.Popen[str]) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port_of(plugin)}") as channel:
        info = ResourceProviderStub(channel).GetPluginInfo(Empty(), timeout=10)
    assert info.version == "5.6.2"


def test_a_plugin_ends_quietly_when_the_engine_asks(plugin: subprocess.Popen[str]) -> None:
    port_of(plugin)
    plugin.send_signal(2)
    assert plugin.wait(10) == 0


def test_a_plugin_ends_with_a_killed_engine(folder: Path) -> None:
    engine = f"{folder / 'pulumi-resource-tls'} 127.0.0.1:1 & echo $!; wait"
    with subprocess.Popen(  # noqa: S603 - the shell stands for an engine that is killed
        ["/bin/sh", "-c", engine], stdout=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdout is not None
        plugin = int(shell.stdout.readline())
        shell.stdout.readline()
        handle = os.pidfd_open(plugin)
        shell.kill()
    assert select.select([handle], [], [], 10)[0] == [handle]


def test_a_plugin_of_another_name_is_refused() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "lab.plugins", "aws"], capture_output=True, text=True, check=False
    )
    assert ran.stderr.startswith("plugin: unknown name, got 'aws'; one of command, ")
