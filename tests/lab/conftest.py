"""The machine's one lab: first held by the tests of the hosts, then by those of the whole stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import lock
from lab.daemon import BALANCER_SECONDS
from lab.hosts import Hosts
from lab.paths import LabPaths
from tests.lab import stack_kit
from tests.lab.stack_kit import Lab

ORDER = (
    "test_hosts_network",
    "test_hosts_clusters",
    "test_life",
    "test_killed",
    "test_primary_remote",
    "test_one_kill",
    "test_stack",
    "test_private",
    "test_changes",
    "test_stack_end",
)
"""Of the files; what is not named goes before the end of the stack."""

LB_SECONDS = "15"
"""A tenth of what Oracle Cloud takes; enough that what does not wait for one is seen."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only one lab exists at a time, and the stack's ends with the session."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> float:
    name = item.path.stem
    if item.path.parent.name == "plugins":
        return -1  # needs the toolchain, and no lab
    return ORDER.index(name) if name in ORDER else len(ORDER) - 1.5


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> LabPaths:
    return LabPaths(root=tmp_path_factory.mktemp("lab"), cache=LabPaths.locate().cache)


@pytest.fixture(scope="module")
def hosts(paths: LabPaths) -> Iterator[Hosts]:
    with lock.held(paths.root):
        made = Hosts(paths)
        made.clear()
        yield made
        made.clear()


@pytest.fixture(scope="session")
def checkout() -> Iterator[LabPaths]:
    """This checkout with no lab running, before and after."""
    found = LabPaths.locate()
    with lock.held(found.root):
        pass
    yield found
    stack_kit.lab(found, "down")


@pytest.fixture(scope="session")
def started(checkout: LabPaths) -> Lab:
    """The session's lab, before its stack is."""
    before = stack_kit.git_status(checkout)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(BALANCER_SECONDS, LB_SECONDS)
        said = stack_kit.lab(checkout, "up")
    assert said.code == 0, said.text
    return Lab(checkout, said, before)


@pytest.fixture(scope="session")
def lab(started: Lab) -> Lab:
    """The lab with its stack up, by the commands of `make up`."""
    first = started("deploy")
    assert first.code == 0, first.text
    return Lab(started.paths, first, started.status_before)
