"""What pydantic found, in our words: one `Problem` per faulty field.

A value is shown so that the user finds it again, but nothing that is, or may be, a secret is.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from ipaddress import IPv4Network
from typing import Any, Final, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.errors import Problem
from components.settings.stack import Settings
from components.settings.types import Model

HIDDEN: Final = "<hidden>"
NOTHING: Final = "nothing"

# Longer text is more likely a pasted file than a value; an OCID has about a hundred letters.
_SHOWN_LETTERS: Final = 128

_WORDS: Final = re.compile(r"[A-Za-z][a-z]*")
_SECRET_WORDS: Final = frozenset(
    {"key", "keys", "token", "tokens", "password", "passphrase", "secret", "secrets"}
)
_NOT_SECRET: Final = ("Id", "Path")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")

Location = tuple[int | str, ...]
Words = tuple[str, str]
"""The fault and its remedy."""


def problems(error: ValidationError, documents: Mapping[str, object]) -> tuple[Problem, ...]:
    """Return the faults that pydantic found in `documents`, in the order of their paths."""
    return tuple(sorted(_problems(error, documents)))


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


def unknown_key(key: str, valid: Iterable[str]) -> tuple[str, str, str]:
    """Return fault, value and remedy for a key that is no setting; what it holds is not shown."""
    return "is not a setting", repr(key), closest(key, valid, "the settings here")


def _may_be_secret(value: object, location: Location) -> bool:
    if isinstance(value, str) and "PRIVATE KEY" in value:
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
        if location[-1:] == ("[key]",):
            location = location[:-1]
        elif details["type"] != "missing" and not _is_given(location, documents):
            # A name that was derived from a faulty key; the key has a problem of its own.
            continue
        yield _problem(location, details)


def _problem(location: Location, details: ErrorDetails) -> Problem:
    match details["type"]:
        case "missing":
            got, words = NOTHING, ("is missing", _missing_remedy(location))
        case "extra_forbidden":
            fault, got, remedy = unknown_key(str(location[-1]), _keys_at(location[:-1]))
            words = (fault, remedy)
        case _:
            got, words = show(details["input"], *location), _words(details)
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
    return _TYPES.get(details["type"], ("is not valid", "see docs/settings.md"))


def _choice(context: Mapping[str, Any], given: object) -> Words:
    choices = re.findall(r"'([^']*)'", context["expected"])
    if not isinstance(given, str):
        return "is not text", f"write one of these in quotes: {', '.join(choices)}"
    return "is not one of the choices", closest(given, choices, "the choices")


_TYPES: Final[Mapping[str, Words]] = {
    "string_type": ("is not text", "write text, in quotes if it looks like a number"),
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


def _fields(model: type[Model]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _keys_at(location: Location) -> list[str]:
    model = _model_at(location)
    return list(_fields(model)) if model else []


def _field_at(location: Location) -> FieldInfo | None:
    model = _model_at(location[:-1])
    return _fields(model).get(str(location[-1])) if model else None


def _model_at(location: Location) -> type[Model] | None:
    """Return the model whose keys stand at `location`."""
    place: object = Settings
    for step in location:
        model = model_in(place)
        # Below a map of models, the entry's own key is a step of its own.
        place = _fields(model)[str(step)].annotation if model else get_args(place)[-1]
    return model_in(place)


def model_in(annotation: object) -> type[Model] | None:
    """Return the model that `annotation` is, perhaps beside None; none for a map of models."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    if get_origin(annotation) is dict:
        return None
    found = (model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model), None)
