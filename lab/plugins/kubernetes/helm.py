"""Drives the `helm` program: values on standard input, the kubeconfig in memory."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lab.errors import LabError
from lab.paths import LabPaths
from lab.plugins.base.errors import InterruptError, PluginError
from lab.plugins.kubernetes.cluster import Cluster

POLL_S = 0.2
# Helm undoes an atomic operation when it is asked to end; that takes a while.
GRACE_S = 60.0


class HelmError(PluginError):
    """Helm refused or failed; the text is its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One call of helm."""

    words: Sequence[str]
    namespace: str
    values: Mapping[str, Any] | None = None
    """Passed on standard input: they may hold secrets."""
    needs_cluster: bool = True


@dataclass(frozen=True)
class Helm:
    """Helm for the cluster of one provider instance."""

    cluster: Cluster

    @cached_property
    def program(self) -> str:
        found = shutil.which("helm")
        if found is not None:
            return found
        try:
            return str(LabPaths.locate().tool("helm"))
        except LabError as error:
            raise HelmError(str(error)) from None

    def ask(self, command: Command, cancelled: threading.Event) -> Any:
        """The JSON that helm prints."""
        return json.loads(self.run(command, cancelled) or "null")

    def run(self, command: Command, cancelled: threading.Event) -> str:
        """What helm prints; a failure raises with what it complains about."""
        words = [self.program, *command.words]
        given = json.dumps(command.values or {}).encode()
        if not command.needs_cluster:
            return _finish(_start(words, {}, None), given, cancelled)
        words += ["--namespace", command.namespace, "--kube-context", self.cluster.target.context]
        with self.kubeconfig() as (descriptor, file):
            return _finish(_start(words, {"KUBECONFIG": file}, descriptor), given, cancelled)

    @contextmanager
    def kubeconfig(self) -> Iterator[tuple[int | None, str]]:
        """A name under which helm can open the kubeconfig, which never touches a disk."""
        config = self.cluster.kubeconfig
        if config.file is not None:
            yield None, str(config.file)
            return
        descriptor = os.memfd_create("kubeconfig")
        try:
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, json.dumps(self._document()).encode())
            yield descriptor, f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)

    def _document(self) -> Mapping[str, Any]:
        """The kubeconfig with the provider's choice of a cluster in it."""
        document, target = dict(self.cluster.kubeconfig.document), self.cluster.target
        document["contexts"] = [
            {**item, "context": {**item["context"], "cluster": target.cluster}}
            if item.get("name") == target.context
            else item
            for item in document.get("contexts") or ()
        ]
        return document


def _start(
    words: Sequence[str], environment: Mapping[str, str], descriptor: int | None
) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C is for the engine, which decides what is broken off.
    return subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "HELM_DRIVER": "secret", **environment},
        pass_fds=() if descriptor is None else (descriptor,),
        start_new_session=True,
    )


def _finish(process: subprocess.Popen[bytes], given: bytes, cancelled: threading.Event) -> str:
    with process:
        output, complaint = _communicate(process, given, cancelled)
    if process.returncode != 0:
        raise HelmError(_last_words(complaint) or f"helm: exit {process.returncode}")
    return output.decode()


def _communicate(
    process: subprocess.Popen[bytes], given: bytes, cancelled: threading.Event
) -> tuple[bytes, bytes]:
    ended_by_us = False
    waited = 0.0
    rest: bytes | None = given
    while True:
        try:
            output = process.communicate(rest, timeout=POLL_S)
        except subprocess.TimeoutExpired:
            # What was given is on its way; giving it again is refused.
            rest = None
            waited += POLL_S if ended_by_us else 0.0
            if cancelled.is_set() and not ended_by_us:
                ended_by_us = True
                process.send_signal(signal.SIGTERM)
            elif waited > GRACE_S:
                process.kill()
        else:
            if ended_by_us:
                raise InterruptError(f"helm: cancelled; {_last_words(output[1])}")
            return output


def _last_words(complaint: bytes) -> str:
    """The error without the warnings before it."""
    text = complaint.decode(errors="replace").strip()
    _, mark, error = text.rpartition("Error: ")
    return error.strip() if mark else text[-1000:]
