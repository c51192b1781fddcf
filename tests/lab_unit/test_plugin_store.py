"""Schemas are kept in the user's cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.plugins.base import store
from sdks.reader import Selection


def test_a_cached_schema_is_not_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    selection = Selection(package="pulumi_tls", resources=("private_key.py",))
    first = store.load_package(selection)
    monkeypatch.setattr(store, "read_package", lambda _: pytest.fail("read again"))
    assert store.load_package(selection) == first
