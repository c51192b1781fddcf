"""Which changes need a new resource: the SDK's "(Updatable)" marks and a kind's exceptions."""

from __future__ import annotations

from collections.abc import Mapping

from lab.plugins.oci.kinds import Kind
from sdks.schema import Property, Shape, Type
from sdks.values import Path

# Lists whose order says something; the API treats every other one as a set.
ORDERED = frozenset({"cidrBlocks", "serviceLbSubnetIds"})


def forces_replace(kind: Kind, shape: Shape, path: Path, *, types: Mapping[str, Shape]) -> bool:
    """Whether a change at this path replaces; the deepest named property decides."""
    names = [step for step in path if isinstance(step, str)]
    dotted = {".".join(names[:length]) for length in range(1, len(names) + 1)}
    if dotted & kind.replacing:
        return True
    if dotted & kind.in_place:
        return False
    found = _deepest(shape, types, path)
    return found is not None and not found.updatable


def _deepest(shape: Shape, types: Mapping[str, Shape], path: Path) -> Property | None:
    here: Shape | None = shape
    deepest: Property | None = None
    for step in path:
        if isinstance(step, int):
            continue
        if here is None or step not in here:
            # A key of a map: the map's own mark holds.
            break
        deepest = here[step]
        here = _nested(deepest.type, types)
    return deepest


def _nested(kind: Type, types: Mapping[str, Shape]) -> Shape | None:
    match kind:
        case ["ref", str(key)]:
            return types[key]
        case ["list", inner]:
            return _nested(inner, types)
    return None


def is_set(path: Path) -> bool:
    names = [step for step in path if isinstance(step, str)]
    return names[-1] not in ORDERED
