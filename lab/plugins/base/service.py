"""The plugin protocol over a `Provider`: wire messages in and out, errors told to the engine."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer
from typing_extensions import override

from lab.plugins.base.diffing import Diff, Kind, without_ignored
from lab.plugins.base.enginelog import EngineLog
from lab.plugins.base.errors import InitError, PluginError
from lab.plugins.base.failures import abort
from lab.plugins.base.provider import Call as EngineCall
from lab.plugins.base.provider import Provider, Resource, State
from lab.plugins.base.values import conceal, decode, encode, has_unknown, parse_config, reveal
from sdks.values import Path, Properties, render_path

Method = TypeVar("Method", bound=Callable[..., Any])
NO_PATHS: frozenset[Path] = frozenset()


def told(method: Method) -> Method:
    """Turn what a method raises into the status that the engine understands."""

    @functools.wraps(method)
    def guarded(self: Service, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except Exception as fault:
            # The boundary: whatever happened must reach the engine.
            return abort(context, fault)

    return guarded  # type: ignore[return-value]  # same signature, which wraps cannot express


class Service(ResourceProviderServicer):
    """Serves one provider instance."""

    def __init__(self, provider: Provider, log: EngineLog) -> None:
        self.provider = provider
        self.log = log
        self.cancelled = threading.Event()

    @override
    def Handshake(self, request: Any, context: Any) -> pb.ProviderHandshakeResponse:
        return pb.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=False, accept_outputs=False
        )

    @override
    def Attach(self, request: Any, context: Any) -> Empty:
        self.log.connect(request.address)
        return Empty()

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.provider.schema.version)

    @override
    def GetSchema(self, request: Any, context: Any) -> pb.GetSchemaResponse:
        schema = self.provider.schema
        return pb.GetSchemaResponse(
            schema=json.dumps({"name": schema.name, "version": schema.version})
        )

    @override
    @told
    def CheckConfig(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        news, secrets = reveal(decode(request.news))
        checked = self.provider.check_config(news)
        config = self.provider.schema.config
        marked = secrets | {(name,) for name in config.secrets}
        return pb.CheckResponse(
            inputs=encode(conceal(checked.inputs, marked)), failures=_failures(checked.failures)
        )

    @override
    @told
    def DiffConfig(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        olds = _plain(request.old_inputs) or _plain(request.olds)
        return _diff_response(self.provider.diff_config(olds, _plain(request.news)), ())

    @override
    @told
    def Configure(self, request: pb.ConfigureRequest, context: Any) -> pb.ConfigureResponse:
        config = parse_config(self.provider.schema.config.inputs, _plain(request.args))
        # In a preview a setting may depend on a resource to come; the calls that need it fail then.
        self.provider.configure({k: v for k, v in config.items() if not has_unknown(v)})
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @override
    @told
    def Check(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        news, secrets = reveal(decode(request.news))
        resource = self._resource(request)
        checked = resource.check(self._call(request), news, _plain(request.olds))
        return pb.CheckResponse(
            inputs=encode(conceal(checked.inputs, secrets)), failures=_failures(checked.failures)
        )

    @override
    @told
    def Diff(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        old = self._old(request)
        diff = self._resource(request).diff(self._call(request), old, _plain(request.news))
        return _diff_response(diff, request.ignoreChanges)

    @override
    @told
    def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:
        inputs, secrets = reveal(decode(request.properties))
        resource, call = self._resource(request), self._call(request)
        if request.preview:
            outputs = resource.preview_create(call, inputs)
            return pb.CreateResponse(properties=_outputs(resource, outputs, secrets))
        with _partial(resource, secrets):
            state = resource.create(call, inputs)
        return pb.CreateResponse(id=state.id, properties=_outputs(resource, state.outputs, secrets))

    @override
    @told
    def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        inputs, secrets = reveal(decode(request.inputs))
        outputs, more = reveal(decode(request.properties))
        resource = self._resource(request)
        with _partial(resource, secrets | more):
            state = resource.read(self._call(request), State(request.id, inputs, outputs))
        if state is None:
            return pb.ReadResponse()
        return pb.ReadResponse(
            id=state.id,
            inputs=encode(conceal(state.inputs, secrets)),
            properties=_outputs(resource, state.outputs, secrets | more),
        )

    @override
    @told
    def Update(self, request: pb.UpdateRequest, context: Any) -> pb.UpdateResponse:
        news, secrets = reveal(decode(request.news))
        resource, call, old = self._resource(request), self._call(request), self._old(request)
        change = resource.preview_update if request.preview else resource.update
        with _partial(resource, secrets):
            outputs = change(call, old, news)
        return pb.UpdateResponse(properties=_outputs(resource, outputs, secrets))

    @override
    @told
    def Delete(self, request: pb.DeleteRequest, context: Any) -> Empty:
        old = State(request.id, _plain(request.old_inputs), _plain(request.properties))
        self._resource(request).delete(self._call(request), old)
        return Empty()

    @override
    @told
    def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:
        arguments, secrets = reveal(decode(request.args))
        function, schema = self.provider.function(request.tok)
        if schema is not None:
            failures = self.provider.checker.failures(schema.inputs, arguments)
            if failures:
                return pb.InvokeResponse(failures=_failures(failures))
        call = EngineCall(
            urn="",
            name=request.tok,
            type=request.tok,
            preview=request.preview,
            cancelled=self.cancelled,
            inform=functools.partial(self.log.info, ""),
        )
        result = function(call, arguments)
        # The engine marks a lookup's result secret if an argument was; echoes need no own mark.
        response = pb.InvokeResponse()
        # The field's name is a keyword of Python.
        getattr(response, "return").CopyFrom(encode(conceal(result, secrets)))
        return response

    @override
    @told
    def Call(self, request: pb.CallRequest, context: Any) -> pb.CallResponse:
        raise PluginError(f"method {request.tok}: the lab's plugin serves no resource methods")

    @override
    def Parameterize(self, request: Any, context: grpc.ServicerContext) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "this plugin takes no parameters")

    @override
    def Construct(self, request: Any, context: grpc.ServicerContext) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "this plugin serves no components")

    @override
    def GetMapping(self, request: Any, context: Any) -> pb.GetMappingResponse:
        return pb.GetMappingResponse()

    @override
    def Cancel(self, request: Any, context: Any) -> Empty:
        self.cancelled.set()
        return Empty()

    def _resource(self, request: Any) -> Resource:
        return self.provider.resource(_type_of(request))

    def _old(self, request: pb.DiffRequest | pb.UpdateRequest) -> State:
        return State(request.id, _plain(request.old_inputs), _plain(request.olds))

    def _call(self, request: Any) -> EngineCall:
        urn = request.urn
        return EngineCall(
            urn=urn,
            name=urn.rsplit("::", maxsplit=1)[-1],
            type=_type_of(request),
            preview=bool(getattr(request, "preview", False)),
            timeout=float(getattr(request, "timeout", 0.0)),
            cancelled=self.cancelled,
            report=functools.partial(self.log.status, urn),
            inform=functools.partial(self.log.info, urn),
        )


def _type_of(request: Any) -> str:
    # urn:pulumi:stack::project::parent$type::name
    return str(request.urn).split("::")[2].rsplit("$", maxsplit=1)[-1]


def _plain(struct: Struct) -> Properties:
    plain: Properties = reveal(decode(struct))[0]
    return plain


def _outputs(resource: Resource, outputs: Properties, secrets: frozenset[Path]) -> Struct:
    return encode(_marked(resource, outputs, secrets))


def _marked(resource: Resource, outputs: Properties, secrets: frozenset[Path]) -> Properties:
    """The outputs, secret where the inputs were, where the schema says so, and where marked."""
    plain, marked = reveal(outputs)
    concealed: Properties = conceal(plain, secrets | marked | resource.secret_outputs(plain))
    return concealed


@contextmanager
def _partial(resource: Resource, secrets: frozenset[Path]) -> Iterator[None]:
    """The state of a resource that failed to come up is marked as a whole one is."""
    try:
        yield
    except InitError as fault:
        fault.outputs = _marked(resource, fault.outputs, secrets)
        fault.inputs = None if fault.inputs is None else conceal(fault.inputs, secrets)
        raise


def _failures(failures: Any) -> list[pb.CheckFailure]:
    return [pb.CheckFailure(property=item.property, reason=item.reason) for item in failures]


def _diff_response(diff: Diff, ignored: Any) -> pb.DiffResponse:
    changes = without_ignored(diff.changes, list(ignored))
    tops = list(dict.fromkeys(str(change.path[0]) for change in changes))
    replaces = list(dict.fromkeys(str(change.path[0]) for change in changes if change.replace))
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if changes else pb.DiffResponse.DIFF_NONE,
        diffs=tops,
        replaces=replaces,
        hasDetailedDiff=True,
        detailedDiff={
            render_path(change.path): pb.PropertyDiff(
                kind=_kind(change.kind, replace=change.replace), inputDiff=change.is_input
            )
            for change in changes
        },
    )


def _kind(kind: Kind, *, replace: bool) -> Any:
    return pb.PropertyDiff.Kind.Value(kind.value + ("_REPLACE" if replace else ""))
