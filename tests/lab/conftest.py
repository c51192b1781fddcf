"""The machine's one lab, held while the tests of the hosts run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import lock
from lab.hosts import Hosts
from lab.paths import LabPaths


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
