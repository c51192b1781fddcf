"""How a fault travels to the engine: a gRPC status, with details for those it can act on."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import NoReturn

import grpc
from google.protobuf.message import Message
from pulumi.runtime.proto import errors_pb2, provider_pb2, status_pb2

from lab.plugins.base.errors import InitError, InputsError, PluginError
from lab.plugins.base.values import encode


@dataclass(frozen=True)
class RichStatus(grpc.Status):
    """A status with details, in the one header that gRPC has for them."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...]


def abort(context: grpc.ServicerContext, fault: Exception) -> NoReturn:
    """End the call with the fault."""
    if isinstance(fault, InitError):
        _abort_with(context, str(fault), _init_failed(fault))
    if isinstance(fault, InputsError):
        _abort_with(context, str(fault), _invalid_inputs(fault))
    if isinstance(fault, PluginError):
        context.abort(grpc.StatusCode.UNKNOWN, str(fault))
    # Anything else is a bug of the plugin: its trace belongs into the message.
    context.abort(grpc.StatusCode.INTERNAL, "".join(traceback.format_exception(fault)))


def _init_failed(fault: InitError) -> Message:
    return provider_pb2.ErrorResourceInitFailed(
        id=fault.resource_id,
        properties=encode(fault.outputs),
        reasons=list(fault.reasons),
        inputs=None if fault.inputs is None else encode(fault.inputs),
    )


def _invalid_inputs(fault: InputsError) -> Message:
    error = errors_pb2.InputPropertiesError()
    for item in fault.failures:
        error.errors.add(property_path=item.property, reason=item.reason)
    return error


def _abort_with(context: grpc.ServicerContext, message: str, detail: Message) -> NoReturn:
    code = grpc.StatusCode.UNKNOWN
    body = status_pb2.Status(code=code.value[0], message=message)
    body.details.add().Pack(detail)
    metadata = (("grpc-status-details-bin", body.SerializeToString()),)
    context.abort_with_status(RichStatus(code, message, metadata))
