"""Fixtures of the lab's unit tests."""

from tests.lab_unit.cloud_fixtures import lab, running_lab

__all__ = ["lab", "running_lab"]
