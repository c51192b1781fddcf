"""The table of programs and the committed module files tell the same versions."""

from __future__ import annotations

import re
from importlib import metadata

import pytest

from lab.paths import MODULES
from lab.toolchain import pins
from lab.toolchain.pins import GO_TOOLS, HELM, GoTool

TOOLS = (*GO_TOOLS, HELM)
OURS = {"pause", "helloworld"}
"""Small programs whose sources are in the module folder itself."""


def main_requirement(group: str) -> tuple[str, str]:
    text = (MODULES / group / "go.mod").read_text()
    module, version = re.findall(r"^(?:require |\t)(\S+) (v\S+)$", text, re.MULTILINE)[0]
    return module, version


def go_release(group: str) -> tuple[int, ...]:
    text = (MODULES / group / "go.mod").read_text()
    return tuple(map(int, re.findall(r"^go (\S+)$", text, re.MULTILINE)[0].split(".")))


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_program_is_imported_by_its_module_group(tool: GoTool) -> None:
    files = MODULES / tool.group
    if tool.package.startswith("."):
        assert "package main" in (files / tool.package / "main.go").read_text()
    else:
        assert f'_ "{tool.package}"' in (files / "tools.go").read_text()


@pytest.mark.parametrize(
    ("group", "module", "version"),
    [
        ("pulumi", "github.com/pulumi/pulumi/pkg/v3", pins.PULUMI),
        ("kubernetes", "k8s.io/kubernetes", pins.KUBERNETES),
        ("coredns", "github.com/coredns/coredns", pins.COREDNS),
    ],
)
def test_the_stamped_version_is_the_pinned_one(group: str, module: str, version: str) -> None:
    assert main_requirement(group) == (module, f"v{version}")


def test_the_plugin_calls_itself_what_the_engine_asks_for() -> None:
    """The engine warns of any other version at each start."""
    assert metadata.version("pulumi-kubernetes") == pins.KUBERNETES_PLUGIN


@pytest.mark.parametrize("group", sorted({tool.group for tool in GO_TOOLS} - OURS))
def test_the_sources_of_a_group_are_pinned_by_hash(group: str) -> None:
    module, version = main_requirement(group)
    sums = (MODULES / group / "go.sum").read_text()
    assert re.search(rf"^{re.escape(module)} {re.escape(version)} h1:\S+$", sums, re.MULTILINE)


def test_names_of_programs_are_unique() -> None:
    names = [tool.name for tool in TOOLS]
    assert sorted(names) == sorted(set(names))


def test_the_least_go_release_can_read_every_module_file() -> None:
    assert max(go_release(group) for group in {tool.group for tool in GO_TOOLS}) <= pins.GO
