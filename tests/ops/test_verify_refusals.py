"""When `ops verify` cannot be run: exit code 2, and one sentence with the remedy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ops.__main__ import main
from tests.ops import verify_answers as answers
from tests.ops.verify_world import Verify, World

PROJECT = Path(__file__).resolve().parents[2]


def test_no_cluster_in_reach_is_exit_code_2(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = {"err": "Unable to connect to the server: EOF\n", "code": 1}
    world.answers = {context: {"": gone} for context in world.answers}
    assert verify() == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "ops verify: no cluster can be reached, got 'Unable to connect to the server: EOF'; try "
        "`kubectl --context primary-cluster get nodes`; a private endpoint needs "
        "`python -m ops tunnel open`"
    )


def test_without_the_sample_workloads_it_cannot_run(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("primary", "secondary"):
        world.set(key, "get pods --namespace sample", answers.listing())
    # It does not wait for what nobody asked for.
    assert verify(timeout="3600") == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "ops verify: no cluster has the sample workloads that the verification asks; set "
        "mesh.samples to true and run `pulumi up`"
    )


@pytest.mark.usefixtures("kubectl")
def test_without_kubectl_it_cannot_run(
    verify: Verify, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert verify() == 2
    assert capsys.readouterr().err == (
        "ops verify: kubectl is not on PATH; install it, of a version near the clusters'\n"
    )


def test_a_junit_file_that_cannot_be_written_is_named(
    verify: Verify, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none" / "x.xml"
    assert verify("--junit", str(file)) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"ops verify: --junit: cannot be written, got [Errno 2] No such file or directory: "
        f"'{file}'; name another file"
    )


def test_a_stack_is_asked_for_its_secrets(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi = world.bin / "pulumi"
    pulumi.write_text('#!/bin/sh\necho "$@" >&2\nexit 255\n')
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{world.bin}:/usr/bin:/bin")
    assert main(["verify", "--stack", "dev"]) == 2
    assert capsys.readouterr().err == (
        "ops verify: stack dev: has no outputs to read, got "
        "'stack output --json --show-secrets --stack dev'\n"
    )


def test_the_program_runs_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ops", "verify"],
        cwd=PROJECT,
        input="{}",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr == (
        "ops verify: the document has no schemaVersion; give the outputs of an oke-mesh stack, "
        "as `pulumi stack output --json` prints them\n"
    )


@pytest.mark.parametrize("given", ["0", "-3"])
def test_a_number_of_requests_below_one_is_refused(
    given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--requests", given])
    assert ended.value.code == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == f"ops verify: error: argument --requests: must be at least 1, got {given}"
