"""Long work as people see it: lines that are redrawn on a screen, and appended elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Self, TextIO

from lab.events import VERIFICATION, Stage, Update, name_of

PATIENCE = 15.0
"""Seconds between two looks where lines stay."""

BUILD_PATIENCE = 60.0
"""The same for a build, which takes a quarter of an hour."""

_UP = "\x1b[{}A"
_CLEAR = "\x1b[2K"
_LOOK_SECONDS = 1.0
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


class Meter:
    """How far a build has come, in one line."""

    def __init__(self, say: Callable[[str], None], stream: TextIO = sys.stderr) -> None:
        self._say = say
        self._stream = stream
        self._is_screen = stream.isatty()
        self._began = time.monotonic()
        self._next = 0.0
        self._now = ""

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    def show(self, part: float, seconds_left: float | None, now: str) -> None:
        """Shows the part that is done, about how long the rest takes, and what is under way."""
        text = f"programs: {part:.0%} built"
        if seconds_left is not None:
            text += f", about {max(1, round(seconds_left / 60))} min left"
        self.tell(text, now)

    def tell(self, text: str, now: str = "") -> None:
        """Shows what is done, and on a screen also what is under way; not more often than helps."""
        if self.elapsed < self._next:
            return
        self._next = self.elapsed + (_LOOK_SECONDS if self._is_screen else BUILD_PATIENCE)
        if self._is_screen:
            width = shutil.get_terminal_size().columns
            self._now = now or self._now
            if self._now:
                text += f"; {self._now}"
            self._stream.write(f"\r{_CLEAR}{text[: width - 1]}")
            self._stream.flush()
        else:
            self._say(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_screen:
            self._stream.write(f"\r{_CLEAR}")
            self._stream.flush()
