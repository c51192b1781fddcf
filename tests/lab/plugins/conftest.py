"""Fixtures of the plugins' tests with programs of the lab's toolchain, and no lab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.plugins.kubernetes_control_plane import (
    ControlPlane,
    run_control_plane,
    why_not_here,
)
from tests.lab_unit.cloud_fixtures import lab, running_lab
from tests.lab_unit.oci_plugin_fixtures import moving

__all__ = ["lab", "moving", "plane", "running_lab"]


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane for all tests."""
    if (reason := why_not_here()) is not None:
        pytest.skip(f"no control plane here: {reason}")
    with run_control_plane(tmp_path_factory.mktemp("plane")) as running:
        yield running
