"""Meshes that tests of several files ask."""

from __future__ import annotations

import pytest

from tests.mesh.support import mesh
from tests.support.harness import Deployment


@pytest.fixture(scope="session")
def primaries() -> Deployment:
    """Two primaries on a network each."""
    return mesh()


@pytest.fixture(scope="session")
def optional() -> Deployment:
    """The same, with every chart that a setting adds."""
    return mesh(mesh__istio={"cni": True, "egress": True})
