"""What the engine's event log tells of an update, by the program's stages; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

STAGES = {
    "network": "network",
    "backbone": "backbone",
    "cluster": "clusters",
    "pki": "certificates",
    "mesh": "mesh",
    "demo": "samples",
    "verification": "verification",
}
"""The second part of a component's token, and how its stage is called; in the graph's order."""

VERIFICATION = "verification"
_PACKAGE = "okemesh"

_DONE = {
    "create": "created",
    "create-replacement": "created",
    "import": "imported",
    "update": "changed",
    "delete": "deleted",
    "delete-replaced": "deleted",
    "discard": "forgotten",
    "same": "unchanged",
    "read": "read",
    "refresh": "refreshed",
}
_DOING = {
    "create": "creating",
    "create-replacement": "creating",
    "import": "importing",
    "update": "changing",
    "delete": "deleting",
    "delete-replaced": "deleting",
    "read": "reading",
    "refresh": "reading",
}
_NOTHING = ("command:", "tls:")
"""What makes nothing outside of the state."""
_MARK = re.compile(r"<\{%.*?%\}>")
_TABLE = re.compile(r"\d+ requests\b")


def stage_of(urn: str) -> str | None:
    """The stage that a resource belongs to, by its outermost component."""
    outermost = urn.split("::")[2].removeprefix("pulumi:pulumi:Stack$").split("$")[0]
    package, _, rest = outermost.partition(":")
    return STAGES.get(rest.partition(":")[0]) if package == _PACKAGE else None


def name_of(urn: str) -> str:
    """The resource's own name."""
    return urn.rpartition("::")[2]


def plain(message: str) -> str:
    """The engine's text without its marks for colours."""
    return _MARK.sub("", message).rstrip("\n")


@dataclass(slots=True)
class Stage:
    """One stage of an update."""

    done: Counter[str] = field(default_factory=Counter)
    """Resources by what was done with them."""
    doing: dict[str, str] = field(default_factory=dict)
    """What is under way with a resource, by its URN; the oldest first."""
    failed: list[str] = field(default_factory=list)
    """Names of resources."""
    first: float = 0.0
    last: float = 0.0

    def seconds(self, now: float) -> float:
        """From the first resource to the last, or to now while one is under way."""
        return (now if self.doing else self.last) - self.first


@dataclass(slots=True)
class Update:
    """All of an update that the log has told up to now."""

    stages: dict[str, Stage] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    verification: list[str] = field(default_factory=list)
    """What `ops verify` has said, line by line."""
    lost: list[str] = field(default_factory=list)
    """Names of resources that were neither created nor deleted, as far as the engine knows: if the
    plugin died, it may have done so all the same."""

    def take(self, event: Mapping[str, Any]) -> None:
        """Adds one event."""
        at = float(event.get("timestamp", 0))
        if begun := event.get("resourcePreEvent"):
            self._begin(begun["metadata"], at)
        elif ended := event.get("resOutputsEvent"):
            self._end(ended["metadata"], at)
        elif failed := event.get("resOpFailedEvent"):
            self._fail(failed["metadata"], at)
        elif said := event.get("diagnosticEvent"):
            self._hear(said)
        elif fault := event.get("errorEvent"):
            self.errors.append(plain(fault["error"]))

    @property
    def in_order(self) -> Iterator[tuple[str, Stage]]:
        """The stages that have begun, in the graph's order."""
        return ((name, self.stages[name]) for name in STAGES.values() if name in self.stages)

    @property
    def table(self) -> list[str]:
        """The table of the verification, if it has run."""
        lines = self.verification
        starts = [n for n, line in enumerate(lines) if _TABLE.match(line)]
        return lines[starts[-1] :] if starts else []

    def _begin(self, step: Mapping[str, Any], at: float) -> None:
        stage = self._stage(step, at)
        if stage and step["op"] in _DOING:
            stage.doing[step["urn"]] = _DOING[step["op"]]

    def _end(self, step: Mapping[str, Any], at: float) -> None:
        stage = self._stage(step, at)
        if stage and step["op"] in _DONE:
            stage.doing.pop(step["urn"], None)
            stage.done[_DONE[step["op"]]] += 1

    def _fail(self, step: Mapping[str, Any], at: float) -> None:
        stage = self._stage(step, at)
        if _DOING.get(step["op"]) in ("creating", "deleting") and not step["type"].startswith(
            _NOTHING
        ):
            self.lost.append(name_of(step["urn"]))
        if stage:
            stage.doing.pop(step["urn"], None)
            stage.failed.append(name_of(step["urn"]))

    def _hear(self, said: Mapping[str, Any]) -> None:
        message, urn = plain(said["message"]), said.get("urn", "")
        if said.get("ephemeral"):
            return
        if said["severity"] in ("error", "warning"):
            found = self.errors if said["severity"] == "error" else self.warnings
            found.append(f"{name_of(urn)}: {message}" if urn else message)
        elif urn and stage_of(urn) == VERIFICATION:
            self.verification += message.split("\n")

    def _stage(self, step: Mapping[str, Any], at: float) -> Stage | None:
        name = stage_of(step["urn"])
        # A component is begun long before its resources are; it would only count itself.
        if name is None or step["type"].startswith(f"{_PACKAGE}:"):
            return None
        stage = self.stages.setdefault(name, Stage(first=at))
        stage.last = max(stage.last, at)
        return stage
