"""The table of faults: the YAML files in this folder, by file that a fault is in, then by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parents[1]


class TableError(Exception):
    """The table does not fit the tree, so that there is nothing to run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A fault, and the tests of which at least one must find it."""

    name: str
    file: str
    """Relative to the tree."""
    old: str
    """Occurs once in the file."""
    new: str
    tests: tuple[str, ...]
    """As pytest takes them."""

    def applied(self, root: Path) -> str:
        """Return the text of the file with the fault in it.

        Raises:
            TableError: the mutant is stale.
        """
        place = root / self.file
        if not place.is_file():
            raise TableError(f"{self.name}: the mutant is stale: there is no {self.file}")
        text = place.read_text()
        count = text.count(self.old)
        if count != 1:
            raise TableError(
                f"{self.name}: the mutant is stale: {self.file} has its old text {count} times, "
                f"not once: {self.old!r}"
            )
        return text.replace(self.old, self.new)


def read_table(folder: Path = FOLDER) -> list[Mutant]:
    """Return every mutant of the tables in `folder`."""
    return [mutant for path in sorted(folder.glob("*.yaml")) for mutant in _read(path)]


def _read(path: Path) -> Iterator[Mutant]:
    document: Mapping[str, Mapping[str, Any]] = yaml.safe_load(path.read_text())
    for file, mutants in document.items():
        for name, given in mutants.items():
            yield Mutant(
                name=name,
                file=file,
                old=given["old"],
                new=given["new"],
                tests=tuple(given["tests"].split()),
            )


def chosen(mutants: list[Mutant], names: list[str]) -> list[Mutant]:
    """Return the mutants of these names; without names all.

    Raises:
        TableError: there is none of that name.
    """
    unknown = sorted(set(names) - {mutant.name for mutant in mutants})
    if unknown:
        raise TableError(f"no mutant is called {', '.join(unknown)}; --list shows all")
    return [mutant for mutant in mutants if not names or mutant.name in names]
