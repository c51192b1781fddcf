"""What a refresh writes into the inputs: the live value of everything that the program set."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdks.schema import Shape, Type
from sdks.values import Properties, Value


@dataclass(frozen=True, slots=True)
class Projection:
    """Projects live properties onto inputs, by the schema's types."""

    types: Mapping[str, Shape]

    def inputs(self, shape: Shape, inputs: Properties, live: Properties) -> Properties:
        """The inputs as they are now; what the API does not tell stays as the program said."""
        return {
            name: self._value(shape[name].type, value, live[name])
            if name in shape and name in live
            else value
            for name, value in inputs.items()
        }

    def _value(self, kind: Type, value: Value, live: Value) -> Value:
        match kind:
            case ["ref", str(key)] if isinstance(value, dict) and isinstance(live, dict):
                return self.inputs(self.types[key], value, live)
            case ["list", inner] if isinstance(value, list) and isinstance(live, list):
                return self._list(inner, value, live)
        return live

    def _list(self, kind: Type, values: Sequence[Value], live: Sequence[Value]) -> list[Value]:
        """The same elements in another order are no drift; the program's order is kept."""
        rest = list(live)
        kept: list[Value] = []
        for value in values:
            twin = next((item for item in rest if self._value(kind, value, item) == value), None)
            if twin is not None:
                rest.remove(twin)
                kept.append(value)
        return [*kept, *rest]


def without_ignored_tags(live: Properties, patterns: Sequence[str]) -> Properties:
    """Live properties without the defined tags that the provider is to ignore."""
    tags = live.get("definedTags")
    if not patterns or not isinstance(tags, dict):
        return live
    kept = {k: v for k, v in tags.items() if not any(fnmatch.fnmatch(k, p) for p in patterns)}
    return {**live, "definedTags": kept}
