"""What the API refuses, in one line that names the operation, and what "gone" looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from lab.plugins.base.errors import PluginError

Answer = TypeVar("Answer")
NOT_FOUND = 404
CONFLICT = 409


class ApiError(PluginError):
    """The API refused an operation."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def asked(operation: Callable[..., Any], *args: object, **options: object) -> Any:
    """Call an operation of the SDK and give its response."""
    import oci  # noqa: PLC0415 - takes half a second, and a preview without changes needs none

    try:
        return operation(*args, **options)
    except oci.exceptions.ServiceError as fault:
        raise ApiError(_line(operation, fault), status=fault.status) from fault
    except (oci.exceptions.RequestException, oci.exceptions.ConnectTimeout) as fault:
        raise PluginError(f"{operation.__name__}: the API cannot be reached: {fault}") from fault


def found(call: Callable[[], Answer]) -> Answer | None:
    """The answer, or None where the API says that there is no such thing (any more)."""
    try:
        return call()
    except ApiError as fault:
        if fault.status == NOT_FOUND:
            return None
        raise


def _line(operation: Callable[..., Any], fault: Any) -> str:
    request = (fault.headers or {}).get("opc-request-id", "none")
    # Under a pager the operation is not the one that was called here.
    name = getattr(fault, "operation_name", None) or operation.__name__
    return f"{name}: {fault.status} {fault.code}: {fault.message} (opc-request-id {request})"
