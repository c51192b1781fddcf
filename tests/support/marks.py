"""The marks of the engine's protocol: which values are secret, unknown or outputs."""

from __future__ import annotations

from typing import Any, Final

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that a preview does not know yet."""


def plain_object(properties: dict[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the properties without marks, and the names of those that hold a secret."""
    secrets = frozenset(key for key, value in properties.items() if _holds_secret(value))
    return {key: plain(value) for key, value in properties.items()}, secrets


def _holds_secret(value: Any) -> bool:
    match value:
        case {"4dabf18193072939515e22adb298388d": signature, **rest}:
            is_secret = signature == _SECRET or rest.get("secret") is True
            return is_secret or _holds_secret(rest.get("value"))
        case dict():
            return any(_holds_secret(item) for item in value.values())
        case list():
            return any(_holds_secret(item) for item in value)
    return False


def plain(value: Any) -> Any:
    """Return a value without its marks, at any depth."""
    match value:
        case {"4dabf18193072939515e22adb298388d": signature, **rest}:
            if signature in (_SECRET, _OUTPUT):
                return plain(rest.get("value", UNKNOWN))
            return {SIGNATURE: signature, **rest}
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case float() if value.is_integer():
            return int(value)
    return value
