"""An update as people see it: a line for each stage, redrawn on a screen, appended elsewhere."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from lab.events import VERIFICATION, Stage, Update, name_of

PATIENCE = 15.0
"""Seconds between two looks where lines stay."""

_UP = "\x1b[{}A"
_CLEAR = "\x1b[2K"
_SHOWN = 2
"""How many of the resources under way are named."""


def lines(update: Update, now: float) -> dict[str, str]:
    """A line for each stage that has begun."""
    return {
        name: f"{name:14}{duration(stage.seconds(now)):>8}  {_content(update, name, stage)}"
        for name, stage in update.in_order
    }


def duration(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _content(update: Update, name: str, stage: Stage) -> str:
    parts = [f"{count} {what}" for what, count in sorted(stage.done.items())]
    if name == VERIFICATION and stage.doing and update.verification:
        parts.append(update.verification[-1].strip())
    elif stage.doing:
        parts.append(_under_way(stage.doing))
    if stage.failed:
        parts.append(f"FAILED {', '.join(stage.failed)}")
    return ", ".join(parts)


def _under_way(doing: dict[str, str]) -> str:
    """The oldest are named: they are what the stage waits for."""
    what = Counter(doing.values()).most_common(1)[0][0]
    names = [name_of(urn) for urn in doing]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{what} {', '.join(names[:_SHOWN])}{more}"


class View:
    """Shows the lines on a stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_screen = stream.isatty()
        self._drawn = 0
        self._told: dict[str, str] = {}
        self._next = PATIENCE

    def show(self, update: Update, now: float, elapsed: float) -> None:
        """Shows how far it is; where lines stay, only now and then."""
        if self._is_screen:
            self._draw(list(lines(update, now).values()))
        elif elapsed >= self._next:
            self._next = elapsed + PATIENCE
            self._append(lines(update, now))

    def end(self, update: Update, now: float) -> None:
        """Shows how it ended."""
        if self._is_screen:
            self._draw(list(lines(update, now).values()))
        else:
            self._append(lines(update, now))

    def _draw(self, shown: Sequence[str]) -> None:
        width = shutil.get_terminal_size().columns
        if self._drawn:
            self._stream.write(_UP.format(self._drawn))
        for line in shown:
            self._stream.write(f"{_CLEAR}{line[: width - 1]}\n")
        self._drawn = len(shown)
        self._stream.flush()

    def _append(self, shown: dict[str, str]) -> None:
        for name, line in shown.items():
            if self._told.get(name) != line:
                self._stream.write(f"{line}\n")
        self._told = shown
        self._stream.flush()
