"""What pytest needs to know before it collects, and how the suite keeps its time."""

from __future__ import annotations

import gc
from collections.abc import Iterator

# Imported before any program runs: its pytest plugin would import it at the very end, where a
# deep exception chain of the SDK makes the compiler of Python 3.11 give up.
import hypothesis
import pytest
from xdist.remote import Producer

from tests.support.scheduling import ByRun

hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")

# A program under mocks is a web of outputs that lives until its end; with Python's own thresholds
# a third of its time goes into looking for garbage.
gc.set_threshold(100_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the lab by its folder."""
    for item in items:
        if item.nodeid.startswith("tests/lab/"):
            item.add_marker(pytest.mark.lab)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByRun | None:
    """Take the place of `--dist=loadscope`."""
    return ByRun(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_finish() -> None:
    """Take all that has been imported out of the search for garbage."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_positions() -> Iterator[None]:
    """Spare each resource the stack of its constructor, which is pytest's for the most part."""
    # Here, because the process that shares out the tests runs none.
    from pulumi.runtime import resource  # noqa: PLC0415
    from pulumi.runtime.proto import source_pb2  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resource, "_get_stack_trace", source_pb2.StackTrace)
        yield
