"""The interface that a plugin implements: a provider with resources and functions.

Values that reach these classes are plain (see values.py): secrets are taken off, what is not known
yet is `UNKNOWN`. What they answer is marked secret again by the service, at the same paths and
where the schema says so; `Secret(...)` in an answer marks more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lab.plugins.base.diffing import Diff, compare
from lab.plugins.base.errors import InterruptError, PluginError
from lab.plugins.base.values import parse_config
from sdks.checking import Checker, Failure
from sdks.schema import FunctionSchema, PackageSchema, ResourceSchema
from sdks.values import UNKNOWN, Path, Properties


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request of the engine."""

    urn: str
    name: str
    type: str
    preview: bool = False
    timeout: float = 0.0
    """Seconds that the program allows (customTimeouts); 0 leaves it to the resource."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    report: Callable[[str], None] = lambda message: None
    """Shows a line beside the resource in the progress view."""
    inform: Callable[[str], None] = lambda message: None
    """Adds a lasting line to the resource's messages."""
    started: float = field(default_factory=time.monotonic)

    def wait(self, seconds: float, *, within: float, state: str) -> None:
        """Wait between two polls; raise once the deadline has passed or the user cancelled."""
        limit = self.timeout or within
        if time.monotonic() - self.started + seconds > limit:
            raise InterruptError(f"{self.name}: not ready after {limit:g} s; last state: {state}")
        if self.cancelled.wait(seconds):
            raise InterruptError(f"{self.name}: cancelled; last state: {state}")


@dataclass(frozen=True, slots=True)
class State:
    """A resource that exists."""

    id: str
    inputs: Properties
    outputs: Properties


@dataclass(frozen=True, slots=True)
class Checked:
    """Inputs ready for a diff, with defaults filled in, or what is wrong with them."""

    inputs: Properties
    failures: Sequence[Failure] = ()


class Resource:
    """One resource type; a subclass gives at least `create`, and `read` where there is drift."""

    def __init__(self, schema: ResourceSchema, checker: Checker) -> None:
        self.schema = schema
        self.checker = checker

    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        """Judge new inputs; `olds` are the previous ones, empty for a new resource."""
        return Checked(news, self.checker.failures(self.schema.inputs, news))

    def forces_replace(self, path: Path) -> bool:
        """Whether a change at this path of the inputs needs a new resource."""
        return False

    def diff(self, call: Call, old: State, news: Properties) -> Diff:
        return Diff(compare(old.inputs, news, self.forces_replace))

    def preview_create(self, call: Call, inputs: Properties) -> Properties:
        """The outputs as far as a preview can know them."""
        return {**dict.fromkeys(self.schema.computed, UNKNOWN), **inputs}

    def create(self, call: Call, inputs: Properties) -> State:
        raise PluginError(f"{self.schema.token}: creation is not implemented")

    def read(self, call: Call, state: State) -> State | None:
        """The state as it is now, None if it is gone; for an import `inputs` is empty."""
        return state

    def preview_update(self, call: Call, old: State, news: Properties) -> Properties:
        kept = {name: old.outputs[name] for name in self.schema.computed if name in old.outputs}
        return {**kept, **news}

    def update(self, call: Call, old: State, news: Properties) -> Properties:
        """Change the resource in place and give its new outputs."""
        return {**self.preview_update(call, old, news)}

    def delete(self, call: Call, old: State) -> None:
        """Remove the resource; that it is gone already is no error."""

    def secret_outputs(self, outputs: Properties) -> frozenset[Path]:
        """Paths that are secret whatever the inputs were."""
        return frozenset((name,) for name in self.schema.secrets)


class Function(Protocol):
    """A lookup or an action without a resource of its own."""

    def __call__(self, call: Call, arguments: Properties) -> Properties: ...


class Provider:
    """One package; a subclass fills `resources` and `functions` and takes the configuration."""

    def __init__(self, schema: PackageSchema) -> None:
        self.schema = schema
        self.checker = Checker(schema.types)
        self.resources: dict[str, Resource] = {}
        self.functions: dict[str, Function] = {}

    def check_config(self, news: Properties) -> Checked:
        parsed = parse_config(self.schema.config.inputs, news)
        return Checked(news, self.checker.failures(self.schema.config.inputs, parsed))

    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        """A provider's change replaces its resources only where a subclass says so."""
        return Diff(compare(olds, news, lambda path: False))

    def configure(self, config: Properties) -> None:
        """Take the configuration; called once, with the types that the schema gives."""

    def resource(self, token: str) -> Resource:
        """The resource type of a token."""
        if token not in self.resources:
            raise PluginError(_missing("resource type", token, self.resources))
        return self.resources[token]

    def function(self, token: str) -> tuple[Function, FunctionSchema | None]:
        """The function of a token, with its schema if its arguments are to be checked."""
        if token not in self.functions:
            raise PluginError(_missing("function", token, self.functions))
        return self.functions[token], self.schema.functions.get(token)


def _missing(kind: str, token: str, known: Mapping[str, object]) -> str:
    names = ", ".join(sorted(known))
    return f"{kind} {token}: the lab's plugin does not serve it; it serves {names}"
