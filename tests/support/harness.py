"""Runs a Pulumi program under mocks, in a stack of its own, and keeps every request it made.

The SDK's mock monitor drops the parent, the options and the secret marks of a request; this one
keeps them, so that tests can ask about the graph and not only about inputs. Its methods carry no
types, hence the ignores. `deploy` returns when the program and everything that it started has
ended, so an assertion after it is never early.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks, settings, stack
from typing_extensions import override

from tests.support.marks import plain_object
from tests.support.outputs import answer, outputs_of

PROJECT = "oke-mesh"
STACK = "test"


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """One request to register, or read, a resource."""

    type: str
    name: str
    urn: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    """Plain values; a secret is shown as its value and listed in `secrets`."""
    secrets: frozenset[str]
    """The top-level inputs that are, or hold, a secret."""
    dependencies: frozenset[str]
    protect: bool
    custom: bool
    is_read: bool
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secrets: tuple[str, ...] = ()
    replacement_trigger: Any = None


@dataclass(kw_only=True, slots=True)
class Deployment:
    """What a program registered, looked up and exported."""

    resources: list[Registered] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    """Function token, arguments and provider of every invoke."""
    exports: dict[str, Any] = field(default_factory=dict)
    secret_exports: frozenset[str] = frozenset()
    outputs: dict[str, tuple[dict[str, Any], frozenset[str]]] = field(default_factory=dict)
    """By URN of a component: the outputs that it registered, and which of them are secret."""

    def of(self, type_: str) -> list[Registered]:
        """Return the resources of a type, in order of their names."""
        found = (resource for resource in self.resources if resource.type == type_)
        return sorted(found, key=lambda resource: resource.name)

    def one(self, type_: str, name: str) -> Registered:
        """Return the resource of that type and name; there is exactly one."""
        found = [resource for resource in self.of(type_) if resource.name == name]
        assert len(found) == 1, f"{len(found)} of {type_} {name}: {self.names(type_)}"
        return found[0]

    def names(self, type_: str) -> list[str]:
        """Return the names of the resources of a type, sorted."""
        return [resource.name for resource in self.of(type_)]

    def urns(self) -> list[str]:
        """Return the URN of every resource, sorted."""
        return sorted(resource.urn for resource in self.resources)


class _Recorder(mocks.Mocks):
    def __init__(self, deployment: Deployment, overrides: Mapping[str, Any]) -> None:
        self.deployment = deployment
        self.overrides = overrides

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return outputs_of(args, preview=bool(pulumi.runtime.is_dry_run()))

    def call(self, args: mocks.MockCallArgs) -> Any:
        self.deployment.calls.append((args.token, args.args, args.provider))
        if args.token in self.overrides:
            return self.overrides[args.token]
        return answer(args)


class _Monitor(mocks.MockMonitor):
    """The SDK's mock monitor, which also records each request and refuses a URN taken twice."""

    def __init__(self, deployment: Deployment, overrides: Mapping[str, Any]) -> None:
        super().__init__(_Recorder(deployment, overrides))
        self.deployment = deployment
        self.taken: dict[str, Any] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # The engine leaves the stack out of its children's types.
        above = parent.split("::")[2] if parent else ""
        chain = f"{above}$" if above not in ("", "pulumi:pulumi:Stack") else ""
        return "::".join((f"urn:pulumi:{STACK}", PROJECT, chain + type_, name))

    @override
    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            self._record(request, request.object, is_read=False)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    @override
    def ReadResource(self, request: Any) -> Any:
        self._record(request, request.properties, is_read=True)
        return super().ReadResource(request)  # type: ignore[no-untyped-call]

    @override
    def RegisterResourceOutputs(self, request: Any) -> Any:
        plain, secrets = plain_object(json_format.MessageToDict(request.outputs))
        self.deployment.outputs[request.urn] = plain, secrets
        if "::pulumi:pulumi:Stack::" in request.urn:
            self.deployment.exports = plain
            self.deployment.secret_exports = secrets
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def _record(self, request: Any, properties: Any, *, is_read: bool) -> None:
        urn = self.make_urn(request.parent, request.type, request.name)
        # Requests come from several threads; setdefault is one step.
        assert self.taken.setdefault(urn, request) is request, f"registered twice: {urn}"
        inputs, secrets = plain_object(json_format.MessageToDict(properties))
        self.deployment.resources.append(
            Registered(
                type=request.type,
                name=request.name,
                urn=urn,
                parent=request.parent,
                provider=request.provider,
                inputs={**inputs, "id": request.id} if is_read else inputs,
                secrets=secrets,
                dependencies=frozenset(request.dependencies),
                protect=False if is_read else request.protect,
                custom=True if is_read else request.custom,
                is_read=is_read,
                ignore_changes=() if is_read else tuple(request.ignoreChanges),
                replace_on_changes=() if is_read else tuple(request.replaceOnChanges),
                additional_secrets=tuple(request.additionalSecretOutputs),
                replacement_trigger=None if is_read else _trigger(request),
            )
        )


def _trigger(request: Any) -> Any:
    if not request.HasField("replacement_trigger"):
        return None
    given = {"trigger": json_format.MessageToDict(request.replacement_trigger)}
    return plain_object(given)[0]["trigger"]


def deploy(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    config: Mapping[str, object] | None = None,
    secrets: Mapping[str, str] | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Deployment:
    """Run `program` to its end in a new stack and return what it did.

    Args:
        program: Creates resources and exports; what it raises is raised here.
        preview: Whether the program runs as in `pulumi preview`.
        config: Values of `oke-mesh:<key>`; what is no string is written as JSON.
        secrets: Values of `oke-mesh:<key>` that were set with `--secret`.
        answers: Results of invokes by function token, in place of the table's.
    """
    deployment = Deployment()
    monitor = _Monitor(deployment, answers or {})

    def run() -> None:
        _configure(monitor, preview=preview)
        plain = {
            key: v if isinstance(v, str) else json.dumps(v) for key, v in (config or {}).items()
        }
        everything = {**plain, **(secrets or {})}
        pulumi.runtime.set_all_config(
            {f"{PROJECT}:{key}": value for key, value in everything.items()},
            [f"{PROJECT}:{key}" for key in (secrets or {})],
        )
        with _threads() as threads, asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_default_executor(threads)
            # One failed request rejects every output of its resource; it is raised below, once.
            loop.set_exception_handler(lambda *_: None)
            runner.run(stack.run_in_stack(lambda: _run(program)))

    contextvars.Context().run(run)
    return deployment


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Yield the threads in which the SDK calls the monitor, each with an event loop.

    The mock monitor would make the loops itself, and leave them open when the threads end.
    """
    loops: list[asyncio.AbstractEventLoop] = []

    def start() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    try:
        with ThreadPoolExecutor(initializer=start) as threads:
            yield threads
    finally:
        for loop in loops:
            loop.close()


async def _run(program: Callable[[], Any]) -> None:
    """Run the program and wait for everything that it started.

    The SDK would wait in a way that takes a time quadratic in the number of outputs; it still
    looks at each task afterwards and raises what went wrong.
    """
    program()
    while pending := {task for task in settings.SETTINGS.outputs if not task.done()}:
        await asyncio.wait(pending)


def _configure(monitor: _Monitor, *, preview: bool) -> None:
    features = set(monitor.GetDeploymentInfo(None).supportedFeatures)  # type: ignore[no-untyped-call]
    settings.configure(
        mocks.MockSettings(  # type: ignore[no-untyped-call]
            monitor=monitor,
            monitor_features=features,
            engine=mocks.MockEngine(None),
            project=PROJECT,
            stack=STACK,
            dry_run=preview,
            organization=None,
            callbacks=None,
            # Without a set of its own, a failed program leaves its tasks to the next one.
            outputs=set(),
        )
    )
    settings.set_root_resource(None)  # type: ignore[arg-type] # the SDK clears it in the same way
