"""Amounts of storage, of CPU and of memory; Kubernetes writes the last two alike.

They mean different things: `128m` of memory is legal there, and an eighth of a byte; `2Gi` of CPU
is refused, after minutes.
"""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

from components.settings.types import Kind, fault, text_or_fault

_NUMBER: Final = r"(?P<number>[0-9]+(?:\.[0-9]+)?)"
_CPU: Final = re.compile(rf"{_NUMBER}(?P<unit>m?)")
_MEMORY: Final = re.compile(rf"{_NUMBER}(?P<unit>[kMGT]|[KMGT]i)")
_ANY: Final = re.compile(rf"{_NUMBER} *(?P<unit>[A-Za-z]*)")

_CPU_WORDS: Final = "is not an amount of CPU", "write it as 500m or 2"
_MEMORY_WORDS: Final = "is not an amount of memory", "write it as 128Mi or 2Gi"


# An OCI block volume is at least 50 GB, and a smaller claim is made and paid as that,
# https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengcreatingpersistentvolumeclaim_topic-Provisioning_PVCs_on_BV.htm
_LEAST_VOLUME: Final = 50
_GIBIBYTES: Final = {"Gi": 1, "Ti": 1024}
_STORAGE: Final = re.compile(r"(?P<number>[0-9]{1,5})(?P<unit>[GT]i)")
_STORAGE_WORDS: Final = "is not an amount of storage", "write it as 50Gi or 1Ti"


def _cpu(value: object) -> str:
    text = text_or_fault(value, _CPU_WORDS, _CPU.fullmatch)
    if not _CPU.fullmatch(text):
        raise fault(*_no_cpu(text))
    return text


def _no_cpu(text: str) -> tuple[str, str]:
    found = _ANY.fullmatch(text.strip())
    if found and _MEMORY.fullmatch(found["number"] + found["unit"]):
        return "is an amount of memory, not of CPU", _CPU_WORDS[1]
    if found and found["unit"].lower() in {"", "m"}:
        return _CPU_WORDS[0], f"write {found['number']}{found['unit'].lower()}"
    return _CPU_WORDS


def _memory(value: object) -> str:
    text = text_or_fault(value, _MEMORY_WORDS, _MEMORY.fullmatch)
    if not _MEMORY.fullmatch(text):
        raise fault(*_no_memory(text))
    return text


def _no_memory(text: str) -> tuple[str, str]:
    found = _ANY.fullmatch(text.strip())
    if not found:
        return _MEMORY_WORDS
    number, unit = found["number"], found["unit"]
    if unit == "m":
        return "is in thousandths of a byte", f"write {number}Mi"
    if not unit:
        return "is a number of bytes, without a unit", f"write {number}Mi, or what you meant"
    letter = unit[0].upper()
    if letter in "KMGT" and unit[1:].lower() in {"", "b", "i", "ib"}:
        return _MEMORY_WORDS[0], f"write {number}{letter}i"
    return _MEMORY_WORDS


def _storage(value: object) -> str:
    text = text_or_fault(value, _STORAGE_WORDS)
    found = _STORAGE.fullmatch(text)
    if not found:
        right = _ANY.fullmatch(text.strip())
        letter = right["unit"][:1].upper() if right else ""
        fits = right and letter in {"G", "T"} and "." not in right["number"]
        remedy = f"write {right['number']}{letter}i" if right and fits else _STORAGE_WORDS[1]
        raise fault(_STORAGE_WORDS[0], remedy)
    if int(found["number"]) * _GIBIBYTES[found["unit"]] < _LEAST_VOLUME:
        raise fault("is less than a block volume has", f"write {_LEAST_VOLUME}Gi or more")
    return text


CpuAmount = Annotated[str, BeforeValidator(_cpu), Kind("amount of CPU")]
"""CPU as Kubernetes has it: `500m`, `2`."""

MemoryAmount = Annotated[str, BeforeValidator(_memory), Kind("amount of memory")]
"""Memory as Kubernetes has it: `128Mi`, `2Gi`."""

StorageAmount = Annotated[str, BeforeValidator(_storage), Kind("amount of storage")]
"""A block volume as Kubernetes claims it: `50Gi`, `1Ti`."""
