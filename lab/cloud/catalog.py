"""The vendor's operations by method and path, read from the SDK's own sources.

Used to name an operation that the lab does not have; read once, at the first such request.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_OPERATION = re.compile(
    r'resource_path = "(?P<path>[^"]*)"\s+method = "(?P<method>\w+)"\s+'
    r'operation_name = "(?P<name>\w+)"'
)


@cache
def operations(client: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Method, path pattern and name of every operation of an SDK client module."""
    spec = find_spec(client)
    if spec is None or spec.origin is None:
        return ()
    found = _OPERATION.finditer(Path(spec.origin).read_text(encoding="utf-8"))
    return tuple(
        (
            match["method"],
            re.compile(re.sub(r"\{\w+\}", "[^/]+", match["path"])),
            "".join(word.capitalize() for word in match["name"].split("_")),
        )
        for match in found
    )


def operation_name(clients: tuple[str, ...], method: str, path: str) -> str:
    """The vendor's name of an operation, or its method and path where it has none."""
    for client in clients:
        for operation_method, pattern, name in operations(client):
            if operation_method == method and pattern.fullmatch(path):
                return f"{name} ({method} {path})"
    return f"{method} {path}"
