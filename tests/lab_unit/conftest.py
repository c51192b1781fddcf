"""Fixtures of the lab's unit tests."""

from tests.lab_unit.cloud_fixtures import lab, running_lab
from tests.lab_unit.oci_plugin_fixtures import (
    first_region,
    moving,
    oci_engine,
    other_engine,
    second_region,
)

__all__ = [
    "first_region",
    "lab",
    "moving",
    "oci_engine",
    "other_engine",
    "running_lab",
    "second_region",
]
