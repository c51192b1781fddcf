"""The pod from which requests come: what its curl says line by line, and what its proxy counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ops.verify.answers import Answers, limit_seconds
from ops.verify.kubectl import Kubectl, KubectlError, Running
from ops.verify.kubernetes import PROXY


def told_by_proxy(
    kubectl: Kubectl, context: str, *, namespace: str, pod: str, path: str
) -> dict[str, Any]:
    """Return an answer of the admin interface of a pod's proxy.

    Raises:
        KubectlError: there is no proxy, or it did not answer.
    """
    asked = ("pilot-agent", "request", "GET", path)
    return kubectl.json(context, *_inside(namespace, pod, PROXY), *asked)


def _inside(namespace: str, pod: str, container: str) -> tuple[str, ...]:
    return ("exec", "--namespace", namespace, pod, "--container", container, "--")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A pod with curl in one container and the mesh's proxy in another."""

    kubectl: Kubectl
    context: str
    namespace: str
    pod: str
    container: str
    """The one that has curl."""

    def admin(self, path: str) -> dict[str, Any]:
        """Return what `told_by_proxy` does of this pod."""
        where = {"namespace": self.namespace, "pod": self.pod}
        return told_by_proxy(self.kubectl, self.context, **where, path=path)

    def start(self, curl: Sequence[str]) -> Running:
        """Return a curl that goes on there; what it has said is known as it comes."""
        words = (*_inside(self.namespace, self.pod, self.container), *curl)
        return self.kubectl.start(self.context, words)

    def send(self, curl: Sequence[str], answers: Answers, on_line: Callable[[str], object]) -> None:
        """Run curl there; `on_line` takes into `answers` what each of its lines says.

        Raises:
            KubectlError: nothing could be asked at all.
        """
        words = (*_inside(self.namespace, self.pod, self.container), *curl)
        limit = limit_seconds(answers.asked)
        try:
            self.kubectl.stream(self.context, words, on_line, limit=limit)
        except KubectlError as error:
            # curl's own failure is told by its last line; without one, nothing was asked at all.
            if not answers.answered and not answers.last_fault:
                raise
            answers.last_fault = answers.last_fault or str(error)
