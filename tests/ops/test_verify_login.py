"""Signing in once for many calls, and what happens to the kubeconfig."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.verify.login import Login, Token, read_token, with_tokens

SIGN_IN = """\
import json, os, sys
folder = os.environ["FOLDER"]
number = len(os.listdir(folder)) + 1
open(f"{folder}/{number}", "w").write(os.environ["KUBERNETES_EXEC_INFO"])
status = {"token": f"token-{number}", "expirationTimestamp": sys.argv[1]}
print(json.dumps({"kind": "ExecCredential", "status": status}))
"""

Config = Callable[..., str]


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    folder = tmp_path / "calls"
    folder.mkdir()
    return folder


@pytest.fixture
def config(calls: Path) -> Config:
    """Return a kubeconfig whose user signs in with a program."""

    def make(left: timedelta = timedelta(minutes=4), **changes: Any) -> str:
        end = (datetime.now(UTC) + left).strftime("%Y-%m-%dT%H:%M:%SZ")
        program = {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": sys.executable,
            "args": ["-c", SIGN_IN, end],
            "env": [{"name": "FOLDER", "value": str(calls)}],
        }
        user = {"name": "a", "user": {"exec": {**program, **changes}}}
        return yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "users": [user]})

    return make


def users(login: Login) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(Path(login.file().path).read_text())["users"]
    return found


def test_many_calls_sign_in_once(config: Config, calls: Path) -> None:
    with Login(config()) as login:
        assert [users(login) for _ in range(3)] == [
            [{"name": "a", "user": {"token": "token-1"}}]
        ] * 3
    assert len(list(calls.iterdir())) == 1


def test_before_the_token_ends_it_signs_in_again(config: Config) -> None:
    with Login(config(timedelta(seconds=30))) as login:
        assert [users(login)[0]["user"] for _ in range(2)] == [
            {"token": "token-1"},
            {"token": "token-2"},
        ]


def test_a_kubeconfig_in_use_stays_when_a_new_one_comes(config: Config) -> None:
    with Login(config(timedelta(seconds=30))) as login:
        first = login.file()
        login.file()
        assert "token-1" in Path(first.path).read_text()


def test_the_program_is_told_what_kubectl_tells_it(config: Config, calls: Path) -> None:
    with Login(config()) as login:
        login.file()
    assert json.loads((calls / "1").read_text()) == {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"command": "/nowhere/oci"},
        {"args": ["-c", "raise SystemExit(1)"]},
        {"args": ["-c", "print('no JSON')"]},
    ],
    ids=["not there", "fails", "no answer"],
)
def test_a_program_that_does_not_sign_in_is_left_to_kubectl(
    config: Config, changes: dict[str, Any]
) -> None:
    with Login(config(**changes)) as login:
        assert list(users(login)[0]["user"]) == ["exec"]


def test_a_user_with_a_token_of_its_own_keeps_it() -> None:
    text = "users: [{name: a, user: {token: own}}]"
    with Login(text) as login:
        assert users(login) == [{"name": "a", "user": {"token": "own"}}]


def test_each_user_gets_its_own_token() -> None:
    given = [{"name": name, "user": {"exec": {}}} for name in "ab"]
    tokens = {name: Token(text=f"of-{name}", end=datetime.now(UTC)) for name in "ab"}
    assert with_tokens({"users": given}, tokens)["users"] == [
        {"name": "a", "user": {"token": "of-a"}},
        {"name": "b", "user": {"token": "of-b"}},
    ]


def test_a_credential_without_a_token_is_left_to_kubectl() -> None:
    assert read_token({"status": {"clientCertificateData": "x"}}) is None


def test_on_linux_the_kubeconfig_is_in_memory_only() -> None:
    with Login("users: []") as login:
        target = Path(login.file().path).readlink()
    assert str(target) == "/memfd:kubeconfig (deleted)"


def test_elsewhere_it_is_a_private_file_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with Login("users: []") as login:
        file = Path(login.file().path)
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)]
    assert (modes, file.exists()) == ([0o600, 0o700], False)


def test_the_private_file_goes_also_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    login = Login("users: []")
    file = Path(login.file().path)
    with pytest.raises(ZeroDivisionError), login:
        _ = 1 / 0
    assert not file.exists()
