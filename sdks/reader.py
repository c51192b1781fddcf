"""Reads a package's schema out of its Python SDK, by syntax and without importing it.

The SDK says what exists: property names, types, which are required, which are secret. Importing
`pulumi_oci` takes seconds; parsing only the files that a plugin serves is done once and cached.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sdks.hints import TypeReader, is_optional
from sdks.schema import (
    FunctionSchema,
    PackageSchema,
    Property,
    ResourceSchema,
    Shape,
    Type,
)

UPDATABLE = "(Updatable)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The files of an SDK that a plugin needs, relative to the package's folder."""

    package: str
    """The Python package, such as `pulumi_oci`."""
    resources: Sequence[str]
    functions: Sequence[str] = ()


def sdk_folder(package: str) -> Path:
    """Where the package is installed; it is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"{package}: not installed; run `pip install -r requirements.txt`"
        )
    return Path(spec.origin).parent


def read_package(selection: Selection) -> PackageSchema:
    """The schema of the selected files and of every type that they reach."""
    root = sdk_folder(selection.package)
    plugin = json.loads((root / "pulumi-plugin.json").read_text())
    reader = SdkReader(root)
    resources = [reader.resource(root / file) for file in selection.resources]
    functions = [reader.function(root / file) for file in selection.functions]
    config = reader.resource(root / "provider.py")
    return PackageSchema(
        name=plugin["name"],
        version=plugin["version"],
        config=config,
        resources={item.token: item for item in resources},
        functions={item.token: item for item in functions},
        types=reader.nested(),
    )


DEFINITION = re.compile(r"^(?:class|def) (\w+)", re.MULTILINE)
IMPORT = re.compile(r"^from (\.+) import (\w+)(?: as (\w+))?$", re.MULTILINE)


@dataclass(frozen=True)
class SourceFile:
    """One file of the SDK, cut at its definitions; only those asked for are parsed.

    The files are megabytes long and a plugin needs a few of their classes.
    """

    path: Path

    @cached_property
    def text(self) -> str:
        """The whole file; empty if there is none."""
        return self.path.read_text() if self.path.exists() else ""

    @cached_property
    def pieces(self) -> dict[str, str]:
        """The source of each class and function at the top level."""
        starts = list(DEFINITION.finditer(self.text))
        ends = [*(match.start() for match in starts[1:]), len(self.text)]
        return {
            match[1]: _undecorated(self.text[match.start() : end])
            for match, end in zip(starts, ends, strict=False)
        }

    def definition(self, name: str) -> ast.stmt:
        """The class or function of that name, parsed."""
        return ast.parse(self.pieces[name]).body[0]

    def cls(self, name: str) -> ast.ClassDef:
        """The class of that name, parsed."""
        found = self.definition(name)
        assert isinstance(found, ast.ClassDef)  # noqa: S101 - the pattern found the word `class`
        return found

    @cached_property
    def packages(self) -> dict[str, Path]:
        """Other folders of the SDK by the name under which this file imports them."""
        return {
            match[3] or match[2]: self.path.parents[len(match[1]) - 1] / match[2]
            for match in IMPORT.finditer(self.text)
        }


def _undecorated(piece: str) -> str:
    # What follows a definition up to the next one may be that one's decorator.
    return re.split(r"^@", piece, maxsplit=1, flags=re.MULTILINE)[0]


@dataclass
class SdkReader:
    """Reads classes of one SDK and collects the nested types that they name."""

    root: Path
    files: dict[Path, SourceFile] = field(default_factory=dict)
    pending: dict[str, tuple[SourceFile, str]] = field(default_factory=dict)

    def file(self, path: Path) -> SourceFile:
        """A file of the SDK; the same object each time."""
        return self.files.setdefault(path, SourceFile(path))

    def resource(self, path: Path) -> ResourceSchema:
        """The resource type that a file defines."""
        source = self.file(path)
        name = next(n for n, text in source.pieces.items() if f"super({n}, __self__)" in text)
        cls = source.cls(name)
        args = source.cls(_args_class(cls))
        secrets = _secret_outputs(cls)
        inputs = self._shape(source, args, secrets)
        outputs = self._shape(source, cls, secrets)
        return ResourceSchema(token=_token(cls), inputs=inputs, outputs=inputs | outputs)

    def function(self, path: Path) -> FunctionSchema:
        """The function that a file defines, with its result."""
        source = self.file(path)
        call = source.definition(next(n for n in source.pieces if n.endswith("_output")))
        assert isinstance(call, ast.FunctionDef)  # noqa: S101 - no class has such a name
        result = next(
            n for n in source.pieces if n.endswith("Result") and not n.startswith("Awaitable")
        )
        annotations = {a.arg: a.annotation for a in call.args.args}
        inputs = {
            wire: self._function_input(source, annotations[name])
            for name, wire in _wire_arguments(call)
        }
        outputs = self._shape(source, source.cls(result), frozenset())
        return FunctionSchema(token=_invoked_token(call), inputs=inputs, outputs=outputs)

    def nested(self) -> dict[str, Shape]:
        """The shape of every type met so far, and of those that these reach."""
        done: dict[str, Shape] = {}
        while todo := [key for key in self.pending if key not in done]:
            for key in todo:
                source, name = self.pending[key]
                done[key] = self._shape(source, source.cls(name), frozenset())
        return done

    def _shape(self, source: SourceFile, cls: ast.ClassDef, secrets: frozenset[str]) -> Shape:
        return {
            wire: Property(
                type=self._type(source, getter.returns),
                required=not is_optional(getter.returns),
                updatable=(ast.get_docstring(getter) or "").startswith(UPDATABLE),
                secret=wire in secrets,
            )
            for wire, getter in _getters(cls)
        }

    def _function_input(self, source: SourceFile, annotation: ast.expr | None) -> Property:
        # Every argument of the output form has the default None; a required one is told apart by
        # `Optional[Input[T]]` around a T that is not optional itself.
        outer = (
            isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Optional"
        )
        inner = annotation.slice if outer and isinstance(annotation, ast.Subscript) else None
        return Property(
            type=self._type(source, annotation),
            required=inner is not None and not is_optional(inner),
        )

    def _type(self, source: SourceFile, annotation: ast.expr | None) -> Type:
        return TypeReader(lambda name: self._reference(source, name)).read(annotation)

    def _reference(self, source: SourceFile, name: str) -> str | None:
        """The key of a nested type, or None for an enumeration."""
        *modules, cls_name = name.split(".")
        folder = source.path.parent
        if modules and modules[0] != "outputs":
            folder = source.packages[modules[0]].joinpath(
                *[m for m in modules[1:] if m != "outputs"]
            )
        is_input = cls_name.endswith("Args")
        nested = self.file(folder / ("_inputs.py" if is_input else "outputs.py"))
        if cls_name not in nested.pieces:
            return None
        key = f"{folder.relative_to(self.root).as_posix()}/{cls_name}"
        self.pending.setdefault(key, (nested, cls_name))
        return key


def _getters(cls: ast.ClassDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The wire name and the getter of each property."""
    for node in cls.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            text = ast.unparse(decorator)
            if text == "pulumi.getter":
                yield node.name, node
            elif isinstance(decorator, ast.Call) and text.startswith("pulumi.getter("):
                yield str(ast.literal_eval(decorator.keywords[0].value)), node


def _token(cls: ast.ClassDef) -> str:
    for node in ast.walk(cls):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".__init__"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                return str(first.value)
    return ""


def _args_class(cls: ast.ClassDef) -> str:
    """The class named in `__props__ = X.__new__(X)`; the one of `get` begins with `_`."""
    for node in ast.walk(cls):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__props__":
            name = ast.unparse(node.value).split(".", maxsplit=1)[0]
            if not name.startswith("_"):
                return name
    raise ValueError(f"{cls.name}: no inputs class; the SDK's layout has changed")


def _secret_outputs(cls: ast.ClassDef) -> frozenset[str]:
    for node in ast.walk(cls):
        if isinstance(node, ast.keyword) and node.arg == "additional_secret_outputs":
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


def _wire_arguments(call: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Python and wire name of each argument, from `__args__['wire'] = name`."""
    for node in call.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            target = node.targets[0]
            if ast.unparse(target.value) == "__args__":
                yield ast.unparse(node.value), str(ast.literal_eval(target.slice))


def _invoked_token(call: ast.FunctionDef) -> str:
    for node in ast.walk(call):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".invoke_output"):
            return str(ast.literal_eval(node.args[0]))
    raise ValueError(f"{call.name}: no token; the SDK's layout has changed")
