"""How a command ends when it is told to: by an exception, so that it puts things back."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

_ASKING: Final = (signal.SIGINT, signal.SIGTERM)


def end_in_order() -> None:
    """Let a request to terminate end like an interruption, so that nothing is left behind."""
    signal.signal(signal.SIGTERM, _end)


@contextmanager
def held_off() -> Iterator[None]:
    """Let nobody interrupt what is in the block, nor the programs that it starts."""
    before = [signal.signal(number, signal.SIG_IGN) for number in _ASKING]
    try:
        yield
    finally:
        for number, handler in zip(_ASKING, before, strict=True):
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
