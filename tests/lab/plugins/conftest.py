"""Fixtures of the plugins' tests with programs of the lab's toolchain, and no lab."""

from tests.lab.plugins.kubernetes_engine import connect, engine, plane
from tests.lab_unit.cloud_fixtures import lab, running_lab
from tests.lab_unit.oci_plugin_fixtures import moving

__all__ = ["connect", "engine", "lab", "moving", "plane", "running_lab"]
