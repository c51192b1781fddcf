"""Signs in once for many calls: the program that does it for OKE takes longer than each of them.

A kubeconfig names that program, and kubectl runs it in every call. Here it runs once for each
cluster, and again before its token ends; the kubeconfig that kubectl gets holds the token instead.
"""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import yaml

_LIMIT_SECONDS: Final = 60.0
# A token that ends within it is not given to a call any more.
_MARGIN: Final = timedelta(seconds=60)
_FOREVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What a sign-in gave."""

    text: str
    end: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class KubeFile:
    """A kubeconfig that child processes can read."""

    path: str
    descriptor: int | None
    """Of the file behind that path, where a child has to inherit it."""


class Login:
    """Gives kubeconfigs whose tokens are good for a while; to be used as a context."""

    def __init__(self, kubeconfig: str) -> None:
        self._document = yaml.safe_load(kubeconfig)
        self._files = contextlib.ExitStack()
        self._lock = threading.Lock()
        self._current: KubeFile | None = None
        self._end = _FOREVER

    def __enter__(self) -> "Login":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.close()

    def file(self) -> KubeFile:
        """Return a kubeconfig to use now; earlier ones stay, as calls may still use them."""
        with self._lock:
            if self._current is None or datetime.now(UTC) + _MARGIN > self._end:
                tokens = _sign_in(self._document)
                self._end = min((token.end for token in tokens.values()), default=_FOREVER)
                text = yaml.safe_dump(with_tokens(self._document, tokens))
                self._current = self._files.enter_context(_kept(text))
            return self._current


def with_tokens(document: Mapping[str, Any], tokens: Mapping[str, Token]) -> dict[str, Any]:
    """Return a kubeconfig whose users have tokens; those without one stay as they are."""
    if not tokens:
        return dict(document)
    users = [
        {"name": user["name"], "user": {"token": tokens[user["name"]].text}}
        if user["name"] in tokens
        else user
        for user in document["users"]
    ]
    return {**document, "users": users}


def _sign_in(document: Mapping[str, Any]) -> dict[str, Token]:
    users = {user["name"]: user.get("user") or {} for user in document.get("users") or ()}
    programs = {name: user["exec"] for name, user in users.items() if user.get("exec")}
    with ThreadPoolExecutor() as pool:
        found = zip(programs, pool.map(_ask, programs.values()), strict=True)
        return {name: token for name, token in found if token}


def _ask(program: Mapping[str, Any]) -> Token | None:
    """Return a token; None leaves the sign-in to kubectl, which then says what is wrong."""
    version = program.get("apiVersion", "client.authentication.k8s.io/v1")
    spec = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    given = {variable["name"]: variable["value"] for variable in program.get("env") or ()}
    try:
        # kubectl runs the same program with the same words; they are the kubeconfig's.
        asked = subprocess.run(  # noqa: S603 see above
            [program["command"], *(program.get("args") or ())],
            env={**os.environ, **given, "KUBERNETES_EXEC_INFO": json.dumps(spec)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=True,
        )
        return read_token(json.loads(asked.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def read_token(credential: Any) -> Token | None:
    """Return the token of an ExecCredential; None if it signs in with something else."""
    match credential:
        case {"status": {"token": str(text), "expirationTimestamp": str(end)}}:
            return Token(text=text, end=datetime.fromisoformat(end).astimezone(UTC))
    return None


@contextlib.contextmanager
def _kept(text: str) -> Iterator[KubeFile]:
    # Linux keeps the text in memory only; elsewhere it is a file that nobody else may read.
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("kubeconfig")
        with open(descriptor, "w") as memory:  # noqa: PTH123 it has no path
            memory.write(text)
            memory.flush()
            yield KubeFile(path=f"/proc/self/fd/{descriptor}", descriptor=descriptor)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kubeconfig"
        file.touch(mode=0o600)
        file.write_text(text)
        yield KubeFile(path=str(file), descriptor=None)
