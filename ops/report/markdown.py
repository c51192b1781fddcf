"""Markdown: tables, and texts that cannot be taken for it; pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

NOTHING: Final = "-"


def plain(text: Any) -> str:
    """Return a text on one line, in which nothing is taken for a tag or for the end of a cell."""
    shown = " ".join(str(text).split())
    return shown.replace("<", "&lt;").replace("|", "\\|") or NOTHING


def code(text: Any) -> str:
    """Return a value such as an address; a dash where there is none."""
    return f"`{plain(text)}`" if text else NOTHING


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, whose cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
