"""Takes out of a text whatever secret of the stack may stand in it; pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

_HIDDEN: Final = "[secret]"
_KEYS: Final = ("token", "password", "client-key-data", "client-certificate-data")
"""Of a kubeconfig's user, those that open something."""


def without_secrets(text: str, shown: Mapping[str, Any], hidden: Mapping[str, Any]) -> str:
    """Return a text with a mark in the place of each secret.

    Args:
        text: What may hold some.
        shown: The outputs with their secrets.
        hidden: The same outputs, as Pulumi prints them to everybody.
    """
    for secret in sorted(set(_secrets(shown, hidden)), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def _secrets(shown: Mapping[str, Any], hidden: Mapping[str, Any]) -> Iterator[str]:
    for name, value in shown.items():
        if hidden.get(name) == value:
            continue
        for leaf in _leaves(value):
            yield leaf
            yield from _credentials(leaf)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str) and value:
        yield value


def _credentials(text: str) -> Iterator[str]:
    """Yield what stands in a kubeconfig, whichever output has it; nothing of any other text."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    users = document.get("users") if isinstance(document, Mapping) else None
    for user in users or ():
        for key in _KEYS:
            yield from _leaves((user.get("user") or {}).get(key))
