"""The `random` package: values drawn once and kept in the state."""

from lab.plugins.random.plugin import provider

__all__ = ["provider"]
