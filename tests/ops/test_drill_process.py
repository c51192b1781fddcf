"""`ops drill` as a process of its own that somebody ends, with a stand-in for kubectl."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.ops import drill_world
from tests.ops.verify_world import NUMBERS, World
from tests.support.program import ROOT

PATIENCE_SECONDS = 60
COMMAND = (
    *(sys.executable, "-m", "ops", "drill", "region", "--service", "sample/helloworld"),
    *("--yes", "--seconds", "60", "--cluster", "primary"),
)
SCALE = "scale deployment/helloworld-v1 --namespace sample --replicas="


@pytest.fixture
def outputs(world: World) -> str:
    """Those of a mesh without samples, of which the stand-in knows."""
    drill_world.make_drilled(world)
    world.outputs["mesh"]["samples"] = False
    for key in NUMBERS:
        for word in ("run oke-mesh-verify-", "wait pod/oke-mesh", "delete pod oke-mesh-verify-"):
            world.set(key, word, "")
        world.set(key, "curl --silent", "ended 200 0.010 \n" * 5)
    return world.write()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["^C", "TERM"]
)
def test_whoever_ends_it_finds_everything_as_it_was(
    world: World, outputs: str, *, number: signal.Signals, code: int
) -> None:
    process = subprocess.Popen(  # noqa: S603 the command line under test
        COMMAND,
        cwd=ROOT,
        env=os.environ | {"PATH": f"{world.bin}:/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(outputs)
        process.stdin.close()
        said = []
        for line in process.stderr:
            said.append(line)
            if line == "region in primary: done, watching for 60 s\n":
                process.send_signal(number)
                break
        said += process.stderr.readlines()
        assert process.wait(PATIENCE_SECONDS) == code, said
    lines = [call["line"] for call in world.calls]
    assert [line.rpartition("=")[2] for line in lines if SCALE in line] == ["0", "1"]
    made = {line.split()[3] for line in lines if " run oke-mesh-verify-" in line}
    gone = {line.split()[4] for line in lines if " delete pod oke-mesh-verify-" in line}
    assert len(made) == 2
    assert made == gone
