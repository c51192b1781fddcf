"""What is going on, while it goes on: lines that are rewritten on a screen, appended elsewhere."""

import shutil
import threading
from typing import Final, TextIO

_UP: Final = "\x1b[{}A"
_CLEAR: Final = "\x1b[2K"


class Progress:
    """Shows one line for each thing that is under way; may be used by several threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_screen = stream.isatty()
        self._lines: dict[str, str] = {}
        self._lock = threading.Lock()

    def note(self, text: str) -> None:
        """Show a line that stays as it is."""
        with self._lock:
            self._lines.clear()
            print(text, file=self._stream, flush=True)

    def update(self, key: str, text: str) -> None:
        """Show how far `key` has come; seen on a screen only."""
        if self._is_screen:
            self._show(key, text)

    def end(self, key: str, text: str) -> None:
        """Show how `key` ended."""
        if self._is_screen:
            self._show(key, text)
        else:
            with self._lock:
                print(text, file=self._stream, flush=True)

    def _show(self, key: str, text: str) -> None:
        with self._lock:
            above = len(self._lines)
            self._lines[key] = text
            if above:
                self._stream.write(_UP.format(above))
            # A line that wraps would be two for the cursor.
            width = shutil.get_terminal_size().columns - 1
            for line in self._lines.values():
                self._stream.write(f"{_CLEAR}{line[:width]}\n")
            self._stream.flush()
