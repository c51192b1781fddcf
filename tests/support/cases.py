"""Parametrises tests over the descriptions that have an inventory."""

from __future__ import annotations

import pytest

from tests.support.program import CASES

PARAMS = [pytest.param(case, marks=pytest.mark.xdist_group(case)) for case in CASES]
"""Each case's tests run in one process, so that its run is made once."""
