"""What a drill does to one cluster, and how it puts that back.

Putting back may be called whatever was done before, also nothing, and more than once.
"""

import json
import shlex
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ops.verify.document import Cluster
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import Pod
from ops.verify.states import list_pods

PAUSE_SECONDS: Final = 1.0
DELAY_NAME: Final = "oke-mesh-drill-latency"
_RULE: Final = "virtualservices.networking.istio.io"


class NotSeenError(Exception):
    """What was waited for did not come; the text says what, and the last that was seen."""


class Act(Protocol):
    """One change that a drill makes."""

    @property
    def steps(self) -> Sequence[str]:
        """What it does, for people."""

    @property
    def commands(self) -> Sequence[Sequence[str]]:
        """Those of kubectl that put it back."""

    def begin(self, hands: "Hands") -> None:
        """Make the change; return once it has come about."""

    def await_back(self, hands: "Hands") -> None:
        """Wait until everything is as before, once it was put back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hands:
    """Acts on one cluster."""

    kubectl: Kubectl
    cluster: Cluster
    timeout: float
    """Seconds that anything may take to come about."""

    def run(self, *words: str) -> None:
        """Run kubectl.

        Raises:
            KubectlError: it failed.
        """
        self.kubectl.text(self.cluster.name, *words)

    def until(self, wanted: str, seen: Callable[[], tuple[bool, str]]) -> None:
        """Wait until `seen` says yes; it tells what there is, too.

        Raises:
            NotSeenError: it did not, in time.
        """
        end = time.monotonic() + self.timeout
        while True:
            try:
                holds, last = seen()
            except KubectlError as error:
                # The API may be what is away for a moment.
                holds, last = False, str(error)
            if holds:
                return
            if time.monotonic() + PAUSE_SECONDS > end:
                raise NotSeenError(f"{wanted}: not within {self.timeout:g} s, got {last}")
            time.sleep(PAUSE_SECONDS)

    def until_ready(self, namespace: str, labels: Mapping[str, str], wanted: int) -> None:
        """Wait until at least so many pods with these labels are ready; none, if it is none.

        Raises:
            NotSeenError: they are not, in time.
        """

        def seen() -> tuple[bool, str]:
            pods = list_pods(self.kubectl, self.cluster, namespace)
            ready = sum(pod.is_ready and labels.items() <= pod.labels.items() for pod in pods)
            return ready >= wanted if wanted else not ready, f"{ready} ready"

        shown = ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))
        self.until(f"{wanted} ready pods of {shown} in {namespace}", seen)


@dataclass(frozen=True, kw_only=True, slots=True)
class PodsDeleted:
    """Deletes pods one after the other, each once its predecessor is replaced."""

    pods: Sequence[Pod]
    what: str
    """Whose pods they are."""
    labels: Mapping[str, str]
    """By which they, and those that come in their place, are known."""
    ready: int
    """How many of them are ready before anything is done."""

    @property
    def steps(self) -> Sequence[str]:
        """What it does, for people."""
        names = ", ".join(pod.name for pod in self.pods)
        order = "one after the other, each " if len(self.pods) > 1 else ""
        return [f"deletes {names} of {self.what}, {order}waiting for the one in its place"]

    @property
    def commands(self) -> Sequence[Sequence[str]]:
        """None: what made the pods makes others."""
        return ()

    def begin(self, hands: Hands) -> None:
        """Delete them, each time waiting for as many as before."""
        for pod in self.pods:
            where = ("--namespace", pod.namespace)
            hands.run("delete", "pod", pod.name, *where, "--wait=false")
            hands.until_ready(pod.namespace, self.labels, self.ready)

    def await_back(self, hands: Hands) -> None:
        """Wait until as many are ready as before."""
        hands.until_ready(self.pods[0].namespace, self.labels, self.ready)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaledToNone:
    """Takes every pod of a Service in one cluster away, and brings them back."""

    namespace: str
    deployments: Mapping[str, int]
    """How many pods each wants, by name."""
    labels: Mapping[str, str]
    """The selector of the Service."""
    ready: int

    @property
    def steps(self) -> Sequence[str]:
        """What it does, for people."""
        found = ", ".join(f"{name} from {count}" for name, count in self.deployments.items())
        return [f"scales {found} to 0 in {self.namespace}, and back"]

    @property
    def commands(self) -> Sequence[Sequence[str]]:
        """The former numbers."""
        return [self._scale(name, count) for name, count in self.deployments.items()]

    def _scale(self, name: str, count: int) -> Sequence[str]:
        return ("scale", f"deployment/{name}", "--namespace", self.namespace, f"--replicas={count}")

    def begin(self, hands: Hands) -> None:
        """Scale them to none, and wait until no pod is ready."""
        for name in self.deployments:
            hands.run(*self._scale(name, 0))
        hands.until_ready(self.namespace, self.labels, 0)

    def await_back(self, hands: Hands) -> None:
        """Wait until as many are ready as before."""
        hands.until_ready(self.namespace, self.labels, self.ready)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delayed:
    """Lets the clients of one istiod wait for every answer of a Service."""

    namespace: str
    host: str
    seconds: float

    @property
    def steps(self) -> Sequence[str]:
        """What it does, for people."""
        rule = f"{self.namespace}/{DELAY_NAME}"
        delay = f"each request to {self.host} waits {self.seconds:g} s"
        return [f"makes the VirtualService {rule}, by which {delay}, and deletes it"]

    @property
    def commands(self) -> Sequence[Sequence[str]]:
        """Without the rule, requests go as before."""
        return [removal(self.namespace)]

    def begin(self, hands: Hands) -> None:
        """Make the rule; a proxy has it a moment later."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.rule(), file)
            file.flush()
            hands.run("create", "--filename", file.name)

    def await_back(self, hands: Hands) -> None:
        """Nothing to wait for in the cluster: the clients show it."""

    def rule(self) -> dict[str, Any]:
        """Return the VirtualService."""
        fault = {"delay": {"percentage": {"value": 100.0}, "fixedDelay": f"{self.seconds:g}s"}}
        route = [{"destination": {"host": self.host}}]
        return {
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {"name": DELAY_NAME, "namespace": self.namespace},
            "spec": {"hosts": [self.host], "http": [{"fault": fault, "route": route}]},
        }


def removal(namespace: str) -> Sequence[str]:
    """Return the command that deletes the rule of `latency`, where it is."""
    return ("delete", _RULE, DELAY_NAME, "--namespace", namespace, "--ignore-not-found")


def by_hand(context: str, command: Sequence[str]) -> str:
    """Return a command as a user types it."""
    return shlex.join(["kubectl", "--context", context, *command])
