"""The engine's log: what a plugin reports shows beside its resource while it works."""

from __future__ import annotations

import grpc
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.proto.engine_pb2_grpc import EngineStub


class EngineLog:
    """Sends lines to the engine; without an engine (in a test) they go nowhere."""

    def __init__(self, address: str | None = None) -> None:
        self._stub: EngineStub | None = None
        if address:
            self.connect(address)

    def connect(self, address: str) -> None:
        self._stub = EngineStub(grpc.insecure_channel(address))

    def status(self, urn: str, message: str) -> None:
        """A passing line: the next one takes its place."""
        self._send(urn, message, ephemeral=True)

    def info(self, urn: str, message: str) -> None:
        self._send(urn, message, ephemeral=False)

    def _send(self, urn: str, message: str, *, ephemeral: bool) -> None:
        if self._stub is None:
            return
        request = engine_pb2.LogRequest(
            severity=engine_pb2.INFO, message=message, urn=urn, ephemeral=ephemeral
        )
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:
            # The engine is going away; a line for its screen is no reason to fail an operation.
            self._stub = None
