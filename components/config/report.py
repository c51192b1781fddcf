"""What pydantic found, in our words: one `Problem` per faulty field.

A value is shown so that the user finds it again, but nothing that is, or may be, a secret is.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from ipaddress import IPv4Network
from typing import Any, Final

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.config import tree
from components.config.tree import Location, fields, model_at
from components.errors import Problem
from components.settings.types import Model, other_than_text

HIDDEN: Final = "<hidden>"
NOTHING: Final = "nothing"

# Longer text is more likely a pasted file than a value; an OCID has about a hundred letters.
_SHOWN_LETTERS: Final = 128

_WORDS: Final = re.compile(r"[A-Za-z][a-z]*")
_SECRET_WORDS: Final = frozenset(
    {"key", "keys", "token", "tokens", "password", "passphrase", "secret", "secrets"}
)
_NOT_SECRET: Final = ("Id", "Path")
_LOGIN: Final = re.compile(r"//[^/\s]*@")
"""A name and a password in a URL."""
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]+|<[a-z]+>")

Words = tuple[str, str]
"""The fault and its remedy."""


def problems(error: ValidationError, documents: Mapping[str, object]) -> tuple[Problem, ...]:
    """Return the faults that pydantic found in `documents`, in the order of their paths."""
    return tuple(sorted(set(_problems(error, documents))))


def path(location: Iterable[int | str]) -> str:
    """Return the path of a place in the settings, as `pulumi config --path` takes it."""
    text = ""
    for step in location:
        match step:
            case int():
                text += f"[{step}]"
            case str() if _PLAIN_KEY.fullmatch(step):
                text += f".{step}"
            case _:
                text += f'["{step}"]'
    return text.removeprefix(".")


def show(value: object, *location: int | str) -> str:
    """Return `value` as an error may show it; `location` says where it was found."""
    if value is None:
        return NOTHING
    return HIDDEN if _may_be_secret(value, location) else _plain(value)


def _plain(value: object) -> str:
    match value:
        case Model():
            return "a map"
        case Mapping() | list() | tuple():
            return _container(value)
        case str() if len(value) > _SHOWN_LETTERS:
            return f"a text of {len(value)} letters"
        case float():
            return f"{value:g}"
    shown = value.value if isinstance(value, Enum) else value
    return repr(shown) if isinstance(shown, str | int) else str(shown)


def _container(value: Mapping[Any, Any] | list[Any] | tuple[Any, ...]) -> str:
    """Say what `value` is; of lists, only ranges are shown."""
    if isinstance(value, Mapping):
        return "a map" if value else "an empty map"
    if all(isinstance(item, IPv4Network) for item in value):
        return f"[{', '.join(map(str, value))}]"
    return "a list"


def closest(name: str, valid: Iterable[str], what: str) -> str:
    """Return a remedy for a name that is none of `valid`: the one most like it, and all of them."""
    names = sorted(valid)
    by_lower = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    guess = f"did you mean {by_lower[near[0]]}? " if near else ""
    return f"{guess}{what} are {', '.join(names)}" if names else f"{what} are none"


def unknown_key(key: str, location: Location, valid: Iterable[str]) -> tuple[str, str, str]:
    """Return fault, value and remedy for a key that is no setting at `location`.

    What it holds is not shown.
    """
    place = tree.home_of(key, location)
    if place is None:
        return "is not a setting", repr(key), closest(key, valid, "the settings here")
    what = f"a setting of {path(place)}" if place else "a document of its own"
    return f"is {what}", repr(key), f"move it to {path((*place, key))}"


def _may_be_secret(value: object, location: Location) -> bool:
    if isinstance(value, str) and ("PRIVATE KEY" in value or _LOGIN.search(value)):
        return True
    names = [step for step in location if isinstance(step, str)]
    return any(
        word.lower() in _SECRET_WORDS
        for name in names
        if not name.endswith(_NOT_SECRET)
        for word in _WORDS.findall(name)
    )


def _problems(error: ValidationError, documents: Mapping[str, object]) -> Iterator[Problem]:
    for details in error.errors(include_url=False):
        location = details["loc"]
        beside = tree.beside_an_entry(location, documents)
        if beside:
            yield _beside(beside)
            continue
        if location[-1:] == ("[key]",):
            location = location[:-1]
        elif details["type"] != "missing" and not _is_given(location, documents):
            # A name that was derived from a faulty key; the key has a problem of its own.
            continue
        yield _problem(location, details)


def _beside(location: Location) -> Problem:
    """Return the problem of a setting that stands beside the entry that it belongs below."""
    entry = tree.ENTRIES[str(location[-2])]
    return Problem(
        path=path(location),
        fault=f"is a setting of a {entry}, not the key of one",
        got=repr(location[-1]),
        remedy=f"indent it below the key of its {entry}",
    )


def _problem(location: Location, details: ErrorDetails) -> Problem:
    match details["type"]:
        case "missing":
            got, words = NOTHING, ("is missing", _missing_remedy(location))
        case "extra_forbidden":
            *place, key = location
            fault, got, remedy = unknown_key(str(key), tuple(place), _keys_at(tuple(place)))
            words = (fault, remedy)
        case _:
            shown = details.get("ctx", {}).get("shown")
            got, words = shown or show(details["input"], *location), _words(details)
    return Problem(path=path(location), fault=words[0], got=got, remedy=words[1])


def _words(details: ErrorDetails) -> Words:
    context = details.get("ctx", {})
    match details["type"]:
        case "okemesh":
            return context["fault"], context["remedy"]
        case "enum" | "literal_error":
            return _choice(context, details["input"])
        case "greater_than_equal":
            return f"is less than {context['ge']:g}", f"write at least {context['ge']:g}"
        case "less_than_equal":
            return f"is more than {context['le']:g}", f"write at most {context['le']:g}"
    known = _TYPES.get(details["type"], ("is not valid", "see docs/settings.md"))
    return _slip(details) or known


def _slip(details: ErrorDetails) -> Words | None:
    """Say what YAML made of a slip; None if it is a plain mistake."""
    given = details["input"]
    match details["type"]:
        case "string_type":
            return other_than_text(given)
        case "int_type" if isinstance(given, float) and given.is_integer():
            return "has a decimal point", f"write {given:g}"
        case "model_type" | "dict_type" if given is None:
            model = model_at(details["loc"])
            needs = not model or any(field.is_required() for field in fields(model).values())
            remedy = "indent its settings below it"
            return "has nothing below it", remedy if needs else f"{remedy}, or write {{}}"
    return None


def _choice(context: Mapping[str, Any], given: object) -> Words:
    choices = re.findall(r"'([^']*)'", context["expected"])
    if not isinstance(given, str):
        fault, _ = other_than_text(given) or _TYPES["string_type"]
        return fault, f"write one of these in quotes: {', '.join(choices)}"
    return "is not one of the choices", closest(given, choices, "the choices")


_TYPES: Final[Mapping[str, Words]] = {
    "string_type": ("is not text", "write text"),
    "string_too_short": ("is empty", "write it, or leave the key out"),
    "int_type": ("is not a whole number", "write a whole number without quotes"),
    "float_type": ("is not a number", "write a number without quotes"),
    "finite_number": ("is not a finite number", "write a number"),
    "bool_type": ("is neither true nor false", "write true or false without quotes"),
    "model_type": ("is not a map", "write its keys below it, each with its value"),
    "dict_type": ("is not a map", "write its keys below it, each with its value"),
    "tuple_type": ("is not a list", "write a list, such as [a, b]"),
    "too_short": ("has no entries", "add one"),
}


def _missing_remedy(location: Location) -> str:
    field = _field_at(location)
    if field is None or not field.examples:
        return "add it"
    return f"add it, such as {field.examples[0]}"


def _keys_at(location: Location) -> list[str]:
    model = model_at(location)
    return list(fields(model)) if model else []


def _field_at(location: Location) -> FieldInfo | None:
    model = model_at(location[:-1])
    return fields(model).get(str(location[-1])) if model else None


def _is_given(location: Location, documents: object) -> bool:
    place = documents
    for step in location:
        match place:
            case Mapping() if step in place:
                place = place[step]
            case list() | tuple() if isinstance(step, int) and step < len(place):
                place = place[step]
            case _:
                return False
    return True
