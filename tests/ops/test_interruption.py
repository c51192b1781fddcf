"""How a command is interrupted, and what is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from ops.interruption import held_off

IGNORED = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nobody_interrupts_what_is_held_off(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with held_off():
        os.kill(os.getpid(), number)
        assert signal.getsignal(number) is signal.SIG_IGN
    assert signal.getsignal(number) is before


def test_neither_the_programs_that_are_started_meanwhile() -> None:
    with held_off():
        said = subprocess.run(  # noqa: S603 this very Python
            [sys.executable, "-IS", "-c", IGNORED], capture_output=True, text=True, check=True
        )
    assert said.stdout == "True\n"
