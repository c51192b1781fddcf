"""Reads a kubeconfig: which server, through which proxy, with which authority and sign-in."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.plugins.base.errors import PluginError


class KubeconfigError(PluginError):
    """The kubeconfig cannot be used; the text names the entry at fault, never its secrets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecPlugin:
    """A program that prints a credential, such as `oci ce cluster generate-token`."""

    command: str
    args: tuple[str, ...]
    env: Mapping[str, str]
    api_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """How to sign in; the first of these that is given counts."""

    token: str | None = None
    token_file: Path | None = None
    client_certificate: bytes | None = None
    client_key: bytes | None = None
    username: str | None = None
    password: str | None = None
    exec_plugin: ExecPlugin | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One cluster as seen through one context."""

    server: str
    authority: bytes | None
    tls_server_name: str | None
    verify: bool
    proxy_url: str | None
    namespace: str
    context: str
    cluster: str
    user: User


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """A parsed kubeconfig and the folder that its relative file names start from."""

    document: Mapping[str, Any]
    folder: Path
    file: Path | None
    """None if the text was given instead of a path."""

    def target(self, *, context: str | None = None, cluster: str | None = None) -> Target:
        """The cluster of the context (the current one by default)."""
        name = context or str(self.document.get("current-context") or "")
        if not name:
            raise KubeconfigError("kubeconfig: has no current-context; name one with `context`")
        chosen = self._entry("contexts", "context", name)
        cluster_name = cluster or str(chosen.get("cluster", ""))
        return _Reader(self.folder).target(
            {**chosen, "name": name, "cluster": cluster_name},
            self._entry("clusters", "cluster", cluster_name),
            self._entry("users", "user", str(chosen["user"])) if chosen.get("user") else {},
        )

    def _entry(self, section: str, kind: str, name: str) -> Mapping[str, Any]:
        entries: Sequence[Mapping[str, Any]] = self.document.get(section) or []
        for entry in entries:
            if entry.get("name") == name:
                return entry.get(kind) or {}
        offered = ", ".join(repr(entry.get("name")) for entry in entries) or "none"
        raise KubeconfigError(f"kubeconfig.{section}: no {name!r} among {offered}")


def load_kubeconfig(value: str | None) -> Kubeconfig:
    """A kubeconfig by its text, by its path, or, if not given, where kubectl would look."""
    if value and _is_path(value):
        return _from_file(Path(value).expanduser())
    if value:
        return Kubeconfig(_parse(value), Path.cwd(), None)
    for place in (os.environ.get("KUBECONFIG") or "~/.kube/config").split(os.pathsep):
        if (path := Path(place).expanduser()).is_file():
            return _from_file(path)
    raise KubeconfigError(
        "kubeconfig: not given and no file found; set `kubeconfig` on the provider"
    )


def _is_path(value: str) -> bool:
    try:
        return Path(value).expanduser().is_file()
    except (OSError, ValueError):
        # Too long for a name, or with characters that no name has: it is the text itself.
        return False


def _from_file(path: Path) -> Kubeconfig:
    return Kubeconfig(_parse(path.read_text()), path.resolve().parent, path.resolve())


def _parse(text: str) -> Mapping[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        # The parser's own message quotes the text, which may hold keys.
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise KubeconfigError(f"kubeconfig: not valid YAML at line {line}") from None
    if not isinstance(document, dict):
        raise KubeconfigError("kubeconfig: neither the text of a kubeconfig nor a path to one")
    return document


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns entries into values, with files found beside the kubeconfig."""

    folder: Path

    def target(
        self, context: Mapping[str, Any], cluster: Mapping[str, Any], user: Mapping[str, Any]
    ) -> Target:
        if not cluster.get("server"):
            raise KubeconfigError(f"kubeconfig.clusters.{context['cluster']}.server: missing")
        return Target(
            server=str(cluster["server"]).rstrip("/"),
            authority=self._data(cluster, "certificate-authority"),
            tls_server_name=cluster.get("tls-server-name"),
            verify=not cluster.get("insecure-skip-tls-verify", False),
            proxy_url=cluster.get("proxy-url"),
            namespace=str(context.get("namespace") or "default"),
            context=str(context["name"]),
            cluster=str(context["cluster"]),
            user=self._user(user),
        )

    def _user(self, user: Mapping[str, Any]) -> User:
        if "auth-provider" in user:
            raise KubeconfigError("kubeconfig: auth-provider is not supported; use exec")
        return User(
            token=user.get("token"),
            token_file=self.folder / user["tokenFile"] if user.get("tokenFile") else None,
            client_certificate=self._data(user, "client-certificate"),
            client_key=self._data(user, "client-key"),
            username=user.get("username"),
            password=user.get("password"),
            exec_plugin=_exec_plugin(user["exec"], self.folder) if user.get("exec") else None,
        )

    def _data(self, entry: Mapping[str, Any], key: str) -> bytes | None:
        if inline := entry.get(f"{key}-data"):
            try:
                return base64.b64decode(str(inline), validate=True)
            except ValueError:
                raise KubeconfigError(f"kubeconfig: {key}-data is not base64") from None
        if name := entry.get(key):
            file = self.folder / str(name)
            if not file.is_file():
                raise KubeconfigError(f"kubeconfig: {key}: no such file, got {str(file)!r}")
            return file.read_bytes()
        return None


def _exec_plugin(entry: Mapping[str, Any], folder: Path) -> ExecPlugin:
    command = str(entry["command"])
    # As kubectl does: a command with a slash is found from the kubeconfig's folder.
    if "/" in command:
        command = str(folder / command)
    return ExecPlugin(
        command=command,
        args=tuple(str(item) for item in entry.get("args") or ()),
        env={str(item["name"]): str(item["value"]) for item in entry.get("env") or ()},
        api_version=str(entry.get("apiVersion") or "client.authentication.k8s.io/v1"),
    )
