"""Takes the place of the engine: records each request, and answers it at once.

The SDK's mock monitor drops the parent, the options and the secret marks of a request; this one
keeps them, so that tests can ask about the graph and not only about inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2
from typing_extensions import override

from tests.support.marks import plain_object
from tests.support.outputs import answer, computed_of, id_of
from tests.support.recorded import Deployment, Registered

PROJECT = "oke-mesh"
STACK = "test"

P = ParamSpec("P")
T = TypeVar("T")


class AtOnce(ThreadPoolExecutor):
    """Runs what it is given in the caller's thread; a monitor of our own never keeps one waiting.

    Through threads, a request would take longer and come at another time in each run.
    """

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


class _Mocks(mocks.Mocks):
    """The SDK asks for some; the monitor answers by itself."""

    @override
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise NotImplementedError

    @override
    def call(self, args: mocks.MockCallArgs) -> Any:
        raise NotImplementedError


class Monitor(mocks.MockMonitor):
    """Refuses a URN taken twice and a lookup that has no answer."""

    def __init__(
        self, deployment: Deployment, answers: Mapping[str, Any], *, preview: bool
    ) -> None:
        super().__init__(_Mocks())
        self.deployment = deployment
        self.answers = answers
        self.preview = preview
        self.taken: set[str] = set()

    @override
    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # The engine leaves the stack out of its children's types.
        above = parent.split("::")[2] if parent else ""
        chain = f"{above}$" if above not in ("", "pulumi:pulumi:Stack") else ""
        return "::".join((f"urn:pulumi:{STACK}", PROJECT, chain + type_, name))

    @override
    def Invoke(self, request: Any) -> Any:
        arguments, _ = plain_object(json_format.MessageToDict(request.args))
        self.deployment.calls.append((request.tok, arguments, request.provider))
        if request.tok in self.answers:
            found = self.answers[request.tok]
        else:
            found = answer(request.tok, arguments)
        response = resource_pb2.ResourceInvokeResponse()
        # The field's name is a word of the language.
        result: Struct = getattr(response, "return")
        result.update({key: value for key, value in found.items() if value is not None})
        return response

    @override
    def RegisterResource(self, request: Any) -> Any:
        if request.type == "pulumi:pulumi:Stack":
            urn = self.make_urn(request.parent, request.type, request.name)
            return resource_pb2.RegisterResourceResponse(urn=urn)
        made = self._record(request, request.object, is_read=False)
        id_, state = self._state(made, request.object, request.importId)
        return resource_pb2.RegisterResourceResponse(urn=made.urn, id=id_, object=state)

    @override
    def ReadResource(self, request: Any) -> Any:
        made = self._record(request, request.properties, is_read=True)
        _, state = self._state(made, request.properties, request.id)
        return resource_pb2.ReadResourceResponse(urn=made.urn, properties=state)

    @override
    def RegisterResourceOutputs(self, request: Any) -> Any:
        plain, secrets = plain_object(json_format.MessageToDict(request.outputs))
        self.deployment.outputs[request.urn] = plain, secrets
        if "::pulumi:pulumi:Stack::" in request.urn:
            self.deployment.exports = plain
            self.deployment.secret_exports = secrets
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def _state(self, made: Registered, properties: Struct, given_id: str) -> tuple[str, Struct]:
        """Return the id and the state; in a preview only what was given is known."""
        state = Struct()
        state.CopyFrom(properties)
        if self.preview and not given_id:
            return "", state
        state.update(computed_of(made.type, made.name, made.inputs))
        return given_id or id_of(made.type, made.name), state

    def _record(self, request: Any, properties: Any, *, is_read: bool) -> Registered:
        urn = self.make_urn(request.parent, request.type, request.name)
        assert urn not in self.taken, f"registered twice: {urn}"
        self.taken.add(urn)
        inputs, secrets = plain_object(json_format.MessageToDict(properties))
        made = Registered(
            type=request.type,
            name=request.name,
            urn=urn,
            parent=request.parent,
            provider=request.provider,
            inputs={**inputs, "id": request.id} if is_read else inputs,
            secrets=secrets,
            dependencies=frozenset(request.dependencies),
            custom=True if is_read else request.custom,
            is_read=is_read,
            options={} if is_read else _options(request),
        )
        self.deployment.resources.append(made)
        return made


def _options(request: Any) -> dict[str, Any]:
    """Return the options that were set; what the engine takes as unset is left out."""
    given = {
        "protect": request.protect,
        "deleteBeforeReplace": request.deleteBeforeReplace,
        "replaceOnChanges": [*request.replaceOnChanges],
        "replacementTrigger": _trigger(request),
        "ignoreChanges": [*request.ignoreChanges],
        "customTimeouts": json_format.MessageToDict(request.customTimeouts),
        "retainOnDelete": request.retainOnDelete,
        "deletedWith": request.deletedWith,
    }
    return {name: value for name, value in given.items() if value}


def _trigger(request: Any) -> Any:
    if not request.HasField("replacement_trigger"):
        return None
    given = {"trigger": json_format.MessageToDict(request.replacement_trigger)}
    return plain_object(given)[0]["trigger"]
