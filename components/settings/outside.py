"""Hosts outside of the mesh, as the egress gateway lets them be called."""

import re
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import BeforeValidator, PlainSerializer

from components.settings.hosts import HOST_NAME
from components.settings.types import LAST_PORT, Kind, fault, text_or_fault

_FORM: Final = re.compile(
    r"(?P<scheme>https?)://(?P<name>[^:/]+)(:(?P<port>[0-9]{1,5}))?/?", re.ASCII
)
_NAME: Final = re.compile(HOST_NAME, re.ASCII)
_WORDS: Final = "is not a host outside", "write it as https://api.example.com"


class Scheme(StrEnum):
    """What is spoken with a host; of `https` the mesh sees no more than the name."""

    HTTP = "http"
    HTTPS = "https"

    @property
    def usual_port(self) -> int:
        """The port that goes without saying."""
        return 443 if self is Scheme.HTTPS else 80


class Outside(NamedTuple):
    """A host outside of the mesh, and how it is called."""

    scheme: Scheme
    name: str
    port: int

    def __str__(self) -> str:
        usual = self.port == self.scheme.usual_port
        return f"{self.scheme}://{self.name}" + ("" if usual else f":{self.port}")


def _outside(value: object) -> Outside:
    if isinstance(value, Outside):
        return value
    text = text_or_fault(value, _WORDS)
    found = _FORM.fullmatch(text)
    if found is None:
        raise fault(_WORDS[0], _remedy(text))
    name = found["name"]
    if name.startswith("*."):
        raise fault("is a name for many hosts, which no gateway finds", "name each of them")
    if not _NAME.fullmatch(name):
        lower = name.lower()
        raise fault(_WORDS[0], f"write {text.lower()}" if _NAME.fullmatch(lower) else _WORDS[1])
    scheme = Scheme(found["scheme"])
    port = int(found["port"] or scheme.usual_port)
    if not 1 <= port <= LAST_PORT:
        raise fault("has a port that does not exist", f"ports are 1 to {LAST_PORT}")
    return Outside(scheme, name, port)


def _remedy(text: str) -> str:
    """Offer the URL that a bare name, or one with a path, stands for."""
    tidied = re.fullmatch(r"(?:(https?)://)?([^:/\s]+)(:443|:80)?(/.*)?", text.strip().lower())
    if tidied is None or not _NAME.fullmatch(tidied[2]):
        return _WORDS[1]
    scheme = tidied[1] or ("http" if tidied[3] == ":80" else "https")
    return f"write {scheme}://{tidied[2]}"


OutsideHost = Annotated[
    Outside, BeforeValidator(_outside), PlainSerializer(str, return_type=str), Kind("URL")
]
