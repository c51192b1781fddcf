"""How kubectl is run, and how its failures are told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.verify.kubectl import Kubectl, KubectlError, opened

TEXT = "apiVersion: v1\ntoken: made-up\n"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "kubectl"


@pytest.fixture
def kubectl(program: Path) -> Iterator[Kubectl]:
    script(program, "true")
    with opened(TEXT) as made:
        yield made


def script(program: Path, body: str) -> None:
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


def failure(kubectl: Kubectl, *words: str) -> str:
    with pytest.raises(KubectlError) as failed:
        kubectl.json("ctx", *words)
    return str(failed.value)


def test_the_kubeconfig_can_be_read_as_often_as_kubectl_likes(
    program: Path, kubectl: Kubectl
) -> None:
    script(program, 'cat "$KUBECONFIG" "$KUBECONFIG"')
    assert kubectl.text("ctx", "get") == TEXT * 2


def test_the_context_comes_before_the_command(program: Path, kubectl: Kubectl) -> None:
    script(program, 'echo "$@"')
    assert kubectl.text("ctx", "get", "nodes") == "--context ctx get nodes\n"


def test_an_error_is_the_last_line_that_kubectl_said(program: Path, kubectl: Kubectl) -> None:
    script(program, "echo warning >&2; echo 'Error: no such thing' >&2; exit 1")
    assert failure(kubectl, "get") == "Error: no such thing"


def test_an_error_without_words_tells_the_status(program: Path, kubectl: Kubectl) -> None:
    script(program, "exit 3")
    assert failure(kubectl, "get") == "kubectl get ended with status 3"


def test_an_answer_that_is_no_json_is_an_error(program: Path, kubectl: Kubectl) -> None:
    script(program, "echo hello")
    assert failure(kubectl, "get") == (
        "kubectl get gave no JSON: Expecting value: line 1 column 1 (char 0)"
    )


def test_an_answer_that_is_no_object_is_an_error(program: Path, kubectl: Kubectl) -> None:
    script(program, "echo '[1]'")
    assert failure(kubectl, "get") == "kubectl get gave no object, got '[1]\\n'"


def test_a_kubectl_that_hangs_is_ended(program: Path, kubectl: Kubectl) -> None:
    script(program, "exec sleep 60")
    with pytest.raises(KubectlError) as failed:
        kubectl.stream("ctx", ("get",), print, limit=0.2)
    assert str(failed.value) == "kubectl get was not done after 0.2 s"


def test_lines_come_as_they_are_printed(program: Path, kubectl: Kubectl, tmp_path: Path) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    script(program, f"echo one; cat {go} > /dev/null; echo two")
    seen: list[str] = []

    def take(line: str) -> None:
        seen.append(line)
        if line == "one\n":
            # The program goes on only now, so the first line came before the second was there.
            go.write_text("")

    kubectl.stream("ctx", ("get",), take, limit=20)
    assert seen == ["one\n", "two\n"]


def test_without_kubectl_there_is_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OpsError) as refused, opened(TEXT):
        pass
    assert str(refused.value) == (
        "kubectl is not on PATH; install it, of a version near the clusters'"
    )


def test_what_goes_on_is_ended_and_its_errors_are_among_its_lines(
    program: Path, kubectl: Kubectl
) -> None:
    script(program, "echo one; echo two >&2; exec sleep 60")
    with kubectl.start("ctx", ("exec",)) as running:
        lines = iter(running)
        assert [next(lines), next(lines)] == ["one\n", "two\n"]
        running.end()
        assert list(lines) == []
