"""Runs a provider as a plugin process: prints its port, and ends with the engine."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from lab.plugins.base.enginelog import EngineLog
from lab.plugins.base.provider import Provider
from lab.plugins.base.service import Service

# The engine's own limit for a message.
MAX_MESSAGE = 400 * 1024 * 1024
# The engine runs four operations per core at once; those that wait for a cloud must not starve it.
WORKERS = 64


def start(provider: Provider, engine: str | None = None) -> tuple[grpc.Server, int]:
    """Serve the provider on a free loopback port."""
    server = grpc.server(
        ThreadPoolExecutor(WORKERS),
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE),
            ("grpc.max_send_message_length", MAX_MESSAGE),
        ],
    )
    add_ResourceProviderServicer_to_server(Service(provider, EngineLog(engine)), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def run(make: Callable[[], Provider]) -> None:
    """Serve until the engine ends or asks to."""
    parent = os.getppid()
    engine = next((word for word in sys.argv[1:] if ":" in word), None)
    server, port = start(make(), engine)
    # A plugin has a process group of its own, so Ctrl-C does not reach it: the engine sends SIGINT
    # once it needs the plugin no more.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    print(port, flush=True)
    server.wait_for_termination()


def _end_with(parent: int) -> None:
    """End once the engine is gone, also when it was killed."""
    try:
        handle = os.pidfd_open(parent)
    except ProcessLookupError:
        os._exit(0)
    if os.getppid() == parent:
        select.select([handle], [], [])
    os._exit(0)
