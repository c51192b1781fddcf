"""Every resource of the lab's cloud, by id; kept in one JSON file.

One lock guards it all: requests are short, and rules that span services (a subnet is not
deleted under a load balancer) need one view. `changed` wakes the worker.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from lab.cloud.errors import not_found
from lab.cloud.records import Json, Resource
from lab.errors import LabError

SCHEMA = 2
REMEMBERED = 300
"""How many deleted resources and work requests can still be read, and retry tokens hold."""

_EMPTY = to_json({"schema": SCHEMA, "records": [], "retries": {}})

R = TypeVar("R", bound=Resource)


class Retry(BaseModel):
    """What the first request with a retry token was, and its answer."""

    digest: str
    status: int
    body: Json | list[Json] | None
    headers: dict[str, str]


class Store:
    """The resources, the retry tokens, and the file behind them."""

    def __init__(self, file: Path | None = None, kinds: Iterable[type[Resource]] = ()) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.drains = False
        """Whether somebody empties nodes before they go."""
        self.file = file
        self.records: dict[str, Resource] = {}
        self.retries: dict[str, Retry] = {}
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._written = _EMPTY
        """What was written last: what a change that fails half way goes back to."""
        if file is not None and file.exists():
            self._load(file)

    def keep(self, record: R) -> R:
        """Takes in a new resource, or the changed form of one that is there."""
        self.records[record.id] = record
        self.touch()
        return record

    def get(self, kind: type[R], id_: str, region: str | None = None) -> R:
        """The resource, also when it is deleted and still remembered; else 404."""
        record = self.records.get(id_)
        if not isinstance(record, kind) or region not in (None, record.region):
            raise not_found()
        return record

    def live(self, kind: type[R], id_: str, region: str | None = None) -> R:
        """The resource, which must not be deleted; else 404."""
        record = self.get(kind, id_, region)
        if not record.live:
            raise not_found()
        return record

    def find(
        self, kind: type[R], region: str | None = None, where: Callable[[R], bool] | None = None
    ) -> list[R]:
        """The live resources of a kind, oldest first."""
        return [
            record
            for record in self._of(kind)
            if record.live and region in (None, record.region) and (where is None or where(record))
        ]

    def all_of(self, kind: type[R], region: str) -> list[R]:
        """The resources of a kind with the deleted ones that are still remembered."""
        return [record for record in self._of(kind) if record.region == region]

    def drop(self, record: Resource) -> None:
        """Forgets a resource at once."""
        self.records.pop(record.id, None)
        self.touch()

    def touch(self) -> None:
        """Says that something changed."""
        with self.changed:
            self.version += 1
            self.changed.notify_all()

    def _of(self, kind: type[R]) -> Iterator[R]:
        return (record for record in list(self.records.values()) if isinstance(record, kind))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of a change or nothing of it; what changed is written.

        Who keeps a record beyond its lock looks it up again afterwards.
        """
        with self.lock:
            version = self.version
            try:
                yield
            except BaseException:
                if self.version != version:
                    self._restore(self._written)
                raise
            if self.version != version:
                self.save()

    def reset(self) -> None:
        """Forgets everything."""
        self.records.clear()
        self.retries.clear()
        self._written = _EMPTY
        self.touch()

    def save(self) -> None:
        """Writes the file in one step; the former one stays beside it."""
        self._forget()
        self._written = to_json(
            {
                "schema": SCHEMA,
                "records": [(type(r).__name__, r) for r in self.records.values()],
                "retries": self.retries,
            },
            by_alias=True,
        )
        if self.file is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_bytes(self._written)
        if self.file.exists():
            self.file.replace(self.backup)
        fresh.replace(self.file)

    def _forget(self) -> None:
        """Keeps the newest of what only tells of the past."""
        past = [r for r in self.records.values() if not r.live or r.kind.endswith("workrequest")]
        for record in past[:-REMEMBERED]:
            del self.records[record.id]
        for token in list(self.retries)[:-REMEMBERED]:
            del self.retries[token]

    @property
    def backup(self) -> Path:
        """The file before the last change."""
        if self.file is None:
            raise ValueError("a store without a file has no backup")
        return self.file.with_suffix(".bak")

    def _load(self, file: Path) -> None:
        try:
            self._restore(file.read_bytes())
        except (ValueError, KeyError, TypeError) as fault:
            raise LabError(
                f"{file}: cannot be read as the lab's state ({_line(fault)}); it was left as it "
                f"is: put {self.backup.name} in its place, or move it away to begin with an "
                "empty cloud"
            ) from fault

    def _restore(self, written: bytes) -> None:
        document = json.loads(written)
        if document["schema"] != SCHEMA:
            raise LabError(
                f"{self.file}: written by another version of the lab, got schema "
                f"{document['schema']!r}; move it away to begin with an empty cloud"
            )
        read = [self._kinds[name].model_validate(row) for name, row in document["records"]]
        retries = {name: Retry.model_validate(row) for name, row in document["retries"].items()}
        self.records, self.retries = {record.id: record for record in read}, retries
        self._written = written


def _line(fault: Exception) -> str:
    """What is wrong with a state file, in one line."""
    if not isinstance(fault, ValidationError):
        return str(fault)
    first = fault.errors()[0]
    return f"{fault.title}.{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"
