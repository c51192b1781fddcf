"""Signs requests in: a token, a password, or what an exec plugin prints, kept until it expires."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.plugins.base.errors import PluginError
from lab.plugins.kubernetes.kubeconfig import ExecPlugin, User

# A token that ends during a request would fail it; the vendor's live four minutes.
MARGIN = timedelta(seconds=30)
EXEC_TIMEOUT_S = 60


class SignInError(PluginError):
    """The sign-in program failed; its own words are in the text."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What an exec plugin answered."""

    token: str
    expires: datetime | None


@dataclass(slots=True)
class Credentials:
    """The header that signs a request in; safe to use from several threads."""

    user: User
    run: Callable[[ExecPlugin], Credential] = field(default_factory=lambda: run_plugin)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _kept: Credential | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def header(self) -> str | None:
        """The value of `Authorization`; None where a client certificate signs in."""
        user = self.user
        if user.exec_plugin is not None:
            return f"Bearer {self._exec_token(user.exec_plugin)}"
        if user.token:
            return f"Bearer {user.token}"
        if user.token_file is not None:
            return f"Bearer {user.token_file.read_text().strip()}"
        if user.username is not None:
            pair = f"{user.username}:{user.password or ''}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        return None

    def forget(self) -> bool:
        """Drops a refused token; whether asking again could give another one."""
        with self._lock:
            self._kept = None
        return self.user.exec_plugin is not None or self.user.token_file is not None

    def _exec_token(self, plugin: ExecPlugin) -> str:
        with self._lock:
            kept = self._kept
            if kept is None or (kept.expires and kept.expires - MARGIN <= self.now()):
                kept = self._kept = self.run(plugin)
            return kept.token


def run_plugin(plugin: ExecPlugin) -> Credential:
    """Runs the program once and reads its answer."""
    environment = {**os.environ, **plugin.env, "KUBERNETES_EXEC_INFO": _exec_info(plugin)}
    command = [plugin.command, *plugin.args]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=EXEC_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SignInError(f"sign-in program {plugin.command}: {error}") from None
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip()[-500:]
        raise SignInError(f"sign-in program {plugin.command}: exit {done.returncode}: {words}")
    return parse_credential(done.stdout, plugin.command)


def parse_credential(output: bytes, command: str) -> Credential:
    """The token in an ExecCredential document."""
    try:
        status: Mapping[str, Any] = json.loads(output)["status"]
        expires = status.get("expirationTimestamp")
        return Credential(
            token=str(status["token"]),
            expires=datetime.fromisoformat(expires) if expires else None,
        )
    except (ValueError, KeyError, TypeError):
        # Whatever it printed may hold a token, so it is not shown.
        raise SignInError(
            f"sign-in program {command}: printed no ExecCredential with a token"
        ) from None


def _exec_info(plugin: ExecPlugin) -> str:
    return json.dumps(
        {
            "apiVersion": plugin.api_version,
            "kind": "ExecCredential",
            "spec": {"interactive": False},
        }
    )
