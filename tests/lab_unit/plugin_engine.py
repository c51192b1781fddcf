"""A small engine for tests: speaks the plugin protocol to a provider over a real connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from lab.plugins.base.provider import Provider
from lab.plugins.base.serve import start
from lab.plugins.base.values import decode, encode
from sdks.values import Properties

KINDS = pb.PropertyDiff.Kind
# What never comes to its state fails here, not after the resource's own hour.
DEADLINE = 20


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What a diff said: the kind of change by path, such as `UPDATE_REPLACE`."""

    changes: Mapping[str, str]
    replaces: tuple[str, ...]


@dataclass(kw_only=True)
class Kept:
    """A resource in the engine's state."""

    token: str
    name: str
    id: str
    inputs: Properties
    outputs: Properties

    @property
    def urn(self) -> str:
        return f"urn:pulumi:dev::test::{self.token}::{self.name}"


@dataclass
class Engine:
    """Calls a plugin as the engine does: check, diff, create, and so on."""

    stub: ResourceProviderStub
    state: dict[str, Kept] = field(default_factory=dict)

    def configure(self, **settings: Any) -> None:
        self.stub.Configure(pb.ConfigureRequest(args=encode(settings)))

    def faults(self, token: str, inputs: Properties) -> dict[str, str]:
        """What a check refuses, by property."""
        request = pb.CheckRequest(urn=urn(token, "checked"), news=encode(inputs))
        answer = self.stub.Check(request)
        return {item.property: item.reason for item in answer.failures}

    def preview(self, token: str, inputs: Properties) -> Properties:
        request = pb.CreateRequest(
            urn=urn(token, "previewed"), properties=encode(inputs), preview=True
        )
        return decode(self.stub.Create(request).properties)

    def create(self, token: str, inputs: Properties, *, name: str = "made") -> Kept:
        where = urn(token, name)
        checked = self.stub.Check(pb.CheckRequest(urn=where, news=encode(inputs)))
        assert not checked.failures
        made = self.stub.Create(
            pb.CreateRequest(urn=where, properties=checked.inputs, timeout=DEADLINE)
        )
        return Kept(
            token=token,
            name=name,
            id=made.id,
            inputs=decode(checked.inputs),
            outputs=decode(made.properties),
        )

    def diff(self, kept: Kept, news: Properties, *, ignored: tuple[str, ...] = ()) -> Planned:
        answer = self.stub.Diff(
            pb.DiffRequest(
                id=kept.id,
                urn=kept.urn,
                olds=encode(kept.outputs),
                old_inputs=encode(kept.inputs),
                news=encode(news),
                ignoreChanges=ignored,
            )
        )
        changes = {path: KINDS.Name(item.kind) for path, item in answer.detailedDiff.items()}
        assert (answer.changes == pb.DiffResponse.DIFF_SOME) == bool(changes)
        return Planned(changes=changes, replaces=tuple(answer.replaces))

    def update(self, kept: Kept, news: Properties, *, preview: bool = False) -> Properties:
        request = pb.UpdateRequest(
            id=kept.id,
            urn=kept.urn,
            olds=encode(kept.outputs),
            old_inputs=encode(kept.inputs),
            news=encode(news),
            preview=preview,
            timeout=DEADLINE,
        )
        outputs = decode(self.stub.Update(request).properties)
        if not preview:
            kept.inputs, kept.outputs = news, outputs
        return outputs

    def refresh(self, kept: Kept) -> Kept | None:
        """The resource as a read finds it; None if it is gone."""
        answer = self.stub.Read(
            pb.ReadRequest(
                id=kept.id,
                urn=kept.urn,
                inputs=encode(kept.inputs),
                properties=encode(kept.outputs),
            )
        )
        if not answer.id:
            return None
        return Kept(
            token=kept.token,
            name=kept.name,
            id=answer.id,
            inputs=decode(answer.inputs),
            outputs=decode(answer.properties),
        )

    def delete(self, kept: Kept) -> None:
        self.stub.Delete(
            pb.DeleteRequest(
                id=kept.id,
                urn=kept.urn,
                properties=encode(kept.outputs),
                old_inputs=encode(kept.inputs),
                timeout=DEADLINE,
            )
        )

    def invoke(self, token: str, arguments: Properties) -> Properties:
        answer = self.stub.Invoke(pb.InvokeRequest(tok=token, args=encode(arguments)))
        assert not answer.failures
        return decode(getattr(answer, "return"))


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::test::{token}::{name}"


@contextmanager
def serving(provider: Provider) -> Iterator[Engine]:
    server, port = start(provider)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Engine(ResourceProviderStub(channel))
    server.stop(grace=None).wait()


@contextmanager
def refused() -> Iterator[list[str]]:
    """Collects the message of a call that the plugin refuses."""
    told: list[str] = []
    try:
        yield told
    except grpc.RpcError as fault:
        told.append(str(fault.details()))
    else:
        raise AssertionError("the plugin did not refuse")


def partial_state(fault: grpc.RpcError) -> pb.ErrorResourceInitFailed:
    """What a failed creation leaves, from the status's details."""
    trailing = {item.key: item.value for item in fault.trailing_metadata()}
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    left = pb.ErrorResourceInitFailed()
    status.details[0].Unpack(left)
    return left
