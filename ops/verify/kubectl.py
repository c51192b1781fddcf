"""Asks a cluster through kubectl, with a kubeconfig that is on no command line."""

import contextlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final

from ops.errors import OpsError
from ops.verify.login import Login

# The program that signs in to the cluster takes seconds at times, so this is for what hangs.
_LIMIT_SECONDS: Final = 60.0


class KubectlError(Exception):
    """kubectl ended with an error; the text is the last that it said."""


class Running:
    """A kubectl under way, of which nothing is left after the context."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        with self._process:
            pass

    def __iter__(self) -> Iterator[str]:
        """Yield each line as it comes, those of its errors among them."""
        yield from self._process.stdout or ()

    def end(self) -> None:
        """End it; may be called by another thread."""
        self._process.kill()


@dataclass(frozen=True, kw_only=True, slots=True)
class Kubectl:
    """Runs kubectl for one mesh, whose clusters it knows by their contexts."""

    program: str
    login: Login

    @contextlib.contextmanager
    def signed_in(self, kubeconfig: str) -> Iterator["Kubectl"]:
        """Give a kubectl that uses another kubeconfig, and leave nothing of it behind."""
        with Login(kubeconfig) as login:
            yield replace(self, login=login)

    def json(self, context: str, *words: str) -> dict[str, Any]:
        """Return an answer that is a JSON object.

        Raises:
            KubectlError: kubectl failed, or answered something else.
        """
        text = self.text(context, *words)
        try:
            answer = json.loads(text)
        except ValueError as error:
            raise KubectlError(f"kubectl {words[0]} gave no JSON: {error}") from error
        if not isinstance(answer, dict):
            raise KubectlError(f"kubectl {words[0]} gave no object, got {text[:80]!r}")
        return answer

    def items(self, context: str, *words: str) -> Sequence[Mapping[str, Any]]:
        """Return what `kubectl get` lists.

        Raises:
            KubectlError: as of `json`.
        """
        found: Sequence[Mapping[str, Any]]
        found = self.json(context, "get", *words, "--output", "json")["items"]
        return found

    def text(self, context: str, *words: str, limit: float = _LIMIT_SECONDS) -> str:
        """Return what kubectl printed.

        Raises:
            KubectlError: it failed.
        """
        lines: list[str] = []
        self.stream(context, words, lines.append, limit=limit)
        return "".join(lines)

    def stream(
        self,
        context: str,
        words: Sequence[str],
        on_line: Callable[[str], object],
        *,
        limit: float = _LIMIT_SECONDS,
    ) -> None:
        """Run kubectl and pass on each line as it comes.

        Raises:
            KubectlError: it failed, or was not done within the limit.
        """
        with self._start(context, words, stderr=subprocess.PIPE) as process:
            said: list[str] = []
            listener = threading.Thread(target=lambda: said.extend(process.stderr or ()))
            timer = threading.Timer(limit, process.kill)
            listener.start()
            timer.start()
            try:
                for line in process.stdout or ():
                    on_line(line)
                code = process.wait()
                was_late = not timer.is_alive()
            finally:
                timer.cancel()
                listener.join()
        if was_late:
            raise KubectlError(f"kubectl {words[0]} was not done after {limit:g} s")
        if code:
            raise KubectlError(_last(said) or f"kubectl {words[0]} ended with status {code}")

    def start(self, context: str, words: Sequence[str]) -> "Running":
        """Return a kubectl that goes on until it ends or is ended; to be used as a context."""
        return Running(self._start(context, words, stderr=subprocess.STDOUT))

    def _start(self, context: str, words: Sequence[str], *, stderr: int) -> subprocess.Popen[str]:
        file = self.login.file()
        # The words are this package's own and names out of Kubernetes; no shell reads them.
        return subprocess.Popen(  # noqa: S603 see above
            [self.program, "--context", context, *words],
            env=os.environ | {"KUBECONFIG": file.path},
            pass_fds=() if file.descriptor is None else (file.descriptor,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            errors="replace",
        )


@contextlib.contextmanager
def opened(kubeconfig: str) -> Iterator[Kubectl]:
    """Give a kubectl that uses `kubeconfig`, and leave nothing of it behind.

    Raises:
        OpsError: there is no kubectl.
    """
    program = shutil.which("kubectl")
    if program is None:
        raise OpsError("kubectl is not on PATH; install it, of a version near the clusters'")
    with Login(kubeconfig) as login:
        yield Kubectl(program=program, login=login)


def _last(said: Sequence[str]) -> str:
    lines = [line.strip() for line in said if line.strip()]
    return lines[-1] if lines else ""
