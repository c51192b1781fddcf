"""The table of programs and the committed module files tell the same versions."""

from __future__ import annotations

import re
from importlib import metadata

import pytest

from lab.paths import MODULES
from lab.toolchain import pins
from lab.toolchain.pins import GO_TOOLS, HELM, GoTool

TOOLS = (*GO_TOOLS, HELM)
GROUPS = sorted({tool.group for tool in TOOLS})
OF_THE_VENDOR = ("github.com/pulumi/pulumi/pkg/v3", "github.com/pulumi/pulumi/sdk/v3")
"""What the Kubernetes plugin was written against; newer ones have another interface."""


def requirements(group: str) -> dict[str, str]:
    text = (MODULES / group / "go.mod").read_text()
    return dict(re.findall(r"^\t(\S+) (v\S+)(?: // indirect)?$", text, re.MULTILINE)) | dict(
        re.findall(r"^\t(\S+) => \S+ (v\S+)$", text, re.MULTILINE)
    )


def go_release(group: str) -> tuple[int, ...]:
    text = (MODULES / group / "go.mod").read_text()
    return tuple(map(int, re.findall(r"^go (\S+)$", text, re.MULTILINE)[0].split(".")))


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_program_is_of_its_module_group(tool: GoTool) -> None:
    files = MODULES / tool.group
    if tool.package.startswith("./"):
        assert "package main" in (files / tool.package / "main.go").read_text()
    else:
        assert f'_ "{tool.package}"' in (files / "tools.go").read_text()


@pytest.mark.parametrize(
    ("module", "version"),
    [
        ("github.com/pulumi/pulumi/pkg/v3", pins.PULUMI),
        ("k8s.io/kubernetes", pins.KUBERNETES),
        ("github.com/coredns/coredns", pins.COREDNS),
    ],
)
def test_the_stamped_version_is_the_pinned_one(module: str, version: str) -> None:
    assert requirements("programs")[module] == f"v{version}"


def test_the_plugin_calls_itself_what_the_engine_asks_for() -> None:
    """The engine warns of any other version at each start."""
    assert metadata.version("pulumi-kubernetes") == pins.KUBERNETES_PLUGIN


def test_what_two_groups_need_is_of_one_version_and_is_compiled_once() -> None:
    one, other = (requirements(group) for group in ("programs", "kubernetes-plugin"))
    different = {name for name in one.keys() & other.keys() if one[name] != other[name]}
    assert different == set(OF_THE_VENDOR)


@pytest.mark.parametrize("group", GROUPS)
def test_the_sources_of_a_group_are_pinned_by_hash(group: str) -> None:
    text, sums = (MODULES / group / "go.mod").read_text(), (MODULES / group / "go.sum").read_text()
    direct = re.findall(r"^\t(\S+ v\S+)$", text, re.MULTILINE)
    assert direct
    for requirement in direct:
        assert re.search(rf"^{re.escape(requirement)} h1:\S+$", sums, re.MULTILINE)


def test_names_of_programs_are_unique() -> None:
    names = [tool.name for tool in TOOLS]
    assert sorted(names) == sorted(set(names))


def test_the_least_go_release_can_read_every_module_file() -> None:
    assert max(map(go_release, GROUPS)) <= pins.GO
