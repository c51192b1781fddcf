"""The `tls` package: keys and certificates that live in the state only."""

from lab.plugins.tls.plugin import provider

__all__ = ["provider"]
