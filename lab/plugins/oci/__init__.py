"""The `oci` package, through the vendor's own SDK."""

from lab.plugins.oci.plugin import provider

__all__ = ["provider"]
