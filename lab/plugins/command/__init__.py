"""The `command` package: programs on this machine as resources and as lookups."""

from lab.plugins.command.plugin import provider

__all__ = ["provider"]
