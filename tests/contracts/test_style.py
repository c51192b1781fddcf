"""What the house style fixes in numbers, and the anatomy that every component has."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from tests.support.program import ROOT

FOLDERS = ("components", "ops", "sdks", "lab", "bench", "tests")
FILE_LINES = 400
FUNCTION_LINES = 40
INIT_LINES = 60
MAIN_LINES = 80


def files() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (ROOT / folder).rglob("*.py")


def test_no_file_is_longer_than_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in files()
        if (count := len(path.read_text().splitlines())) > FILE_LINES
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {}
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                limit = INIT_LINES if node.name == "__init__" else FUNCTION_LINES
                if lines > limit:
                    long[f"{path.relative_to(ROOT)}::{node.name}"] = lines
    assert long == {}


def test_the_whole_system_is_on_one_screen() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= MAIN_LINES


def test_the_wiring_does_not_branch() -> None:
    tree = ast.parse((ROOT / "__main__.py").read_text())
    branches = [n for n in ast.walk(tree) if isinstance(n, ast.If | ast.IfExp | ast.Match)]
    assert branches == []


def _components() -> list[type[pulumi.ComponentResource]]:
    found = []
    for path in sorted((ROOT / "components").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        module = importlib.import_module(name)
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, pulumi.ComponentResource)
            and value.__module__ == name
        ]
    return found


COMPONENTS = _components()


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.__name__)
def test_a_component_takes_name_args_and_opts(component: type) -> None:
    signature = inspect.signature(component)
    assert list(signature.parameters) == ["name", "args", "opts"]
    assert signature.parameters["opts"].default is None


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.__name__)
def test_the_args_of_a_component_cannot_be_changed(component: type) -> None:
    module = inspect.getmodule(component)
    args = getattr(module, f"{component.__name__}Args")
    fields = dataclasses.fields(args)
    assert args.__dataclass_params__.frozen
    assert all(field.kw_only for field in fields)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.__name__)
def test_the_token_of_a_component_is_its_package_stage_and_noun(component: type) -> None:
    source = inspect.getsource(component)
    stage = component.__module__.split(".")[1]
    assert f'super().__init__("okemesh:{stage}:{component.__name__}", name, None, opts)' in source


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.__name__)
def test_a_component_registers_its_outputs_once(component: type) -> None:
    assert inspect.getsource(component).count("self.register_outputs(") == 1


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: c.__name__)
def test_a_component_never_merges_the_options_of_its_caller(component: type) -> None:
    """A caller's parent would win, and children would land below the wrong component."""
    source = inspect.getsource(component)
    assert ".merge(" not in source
