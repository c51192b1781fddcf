"""What an API server refuses, as values that rules can ask about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.plugins.base.errors import PluginError

NOT_FOUND = 404
UNAUTHORIZED = 401
FORBIDDEN = 403
CONFLICT = 409
INVALID = 422
TOO_MANY = 429
UNAVAILABLE = 503


class UnreachableError(PluginError):
    """No answer from the API server: the network, the proxy, the certificate or the sign-in."""

    def __init__(self, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.is_passing = is_passing
        """Whether a second try may fare better: a certificate or a sign-in stays as it is."""


@dataclass(frozen=True, slots=True)
class Status:
    """The part of a `Status` object that decides."""

    code: int
    reason: str
    message: str
    details: Mapping[str, Any]

    @property
    def causes(self) -> list[Mapping[str, Any]]:
        return list(self.details.get("causes") or ())


class ApiError(PluginError):
    """The API server answered with an error."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.message)
        self.status = status

    @property
    def is_not_found(self) -> bool:
        return self.status.code == NOT_FOUND

    @property
    def is_conflict(self) -> bool:
        """Fields that another manager owns."""
        return self.status.code == CONFLICT and any(
            cause.get("reason") == "FieldManagerConflict" for cause in self.status.causes
        )

    @property
    def is_missing_namespace(self) -> bool:
        return self.is_not_found and self.status.details.get("kind") == "namespaces"

    @property
    def is_immutable(self) -> bool:
        return self.status.code == INVALID and "immutable" in self.status.message

    @property
    def is_passing(self) -> bool:
        """The server asks to try again."""
        return self.status.code in (TOO_MANY, UNAVAILABLE)


def parse_status(code: int, body: bytes) -> Status:
    """The `Status` in an answer; an answer in other words is quoted."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict) or document.get("kind") != "Status":
        words = body.decode(errors="replace").strip()[:500] or "no text"
        return Status(code, "", f"the server answered {code}: {words}", {})
    return Status(
        code=code,
        reason=str(document.get("reason") or ""),
        message=str(document.get("message") or f"the server answered {code}"),
        details=document.get("details") or {},
    )
