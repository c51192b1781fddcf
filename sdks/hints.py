"""Turns a type hint of an SDK into a schema type."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from sdks.schema import Type

WRAPPERS = frozenset({"pulumi.Input", "pulumi.Output", "Optional"})
SCALARS = {
    "_builtins.str": "str",
    "_builtins.bool": "bool",
    "_builtins.int": "int",
    "_builtins.float": "float",
    "pulumi.Asset": "asset",
    "pulumi.Archive": "asset",
}


def is_optional(annotation: ast.expr | None) -> bool:
    """Whether `Optional` stands around the value's own type."""
    while isinstance(annotation, ast.Subscript):
        name = ast.unparse(annotation.value)
        if name == "Optional":
            return True
        if name not in WRAPPERS:
            return False
        annotation = annotation.slice
    return annotation is None


@dataclass(frozen=True, slots=True)
class TypeReader:
    """Reads annotations of one file."""

    reference: Callable[[str], str | None]
    """The key of a nested type by its quoted name; None for an enumeration."""

    def read(self, annotation: ast.expr | None) -> Type:
        """The schema type; `any` for what is not understood."""
        if isinstance(annotation, ast.Subscript):
            return self._generic(ast.unparse(annotation.value), annotation.slice)
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            key = self.reference(annotation.value)
            return "any" if key is None else ["ref", key]
        return SCALARS.get(ast.unparse(annotation), "any") if annotation else "any"

    def _generic(self, name: str, argument: ast.expr) -> Type:
        if name in WRAPPERS:
            return self.read(argument)
        if name == "Sequence":
            return ["list", self.read(argument)]
        if name == "Mapping" and isinstance(argument, ast.Tuple):
            return ["map", self.read(argument.elts[1])]
        if name == "Union" and isinstance(argument, ast.Tuple):
            return self._union(argument.elts)
        return "any"

    def _union(self, members: list[ast.expr]) -> Type:
        # The dictionary form of a type says the same as the class beside it.
        kept = [m for m in members if not ast.unparse(m).endswith("ArgsDict'")]
        read = [self.read(member) for member in kept]
        return read[0] if len(read) == 1 else ["union", *read]
