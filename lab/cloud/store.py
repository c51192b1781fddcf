"""Every resource of the lab's cloud, by id; kept in one JSON file.

One lock guards it all: requests are short, and rules that span services (a subnet is not
deleted under a load balancer) need one view. `changed` wakes the worker.
"""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.cloud.errors import ApiError, not_found
from lab.cloud.ids import new_ocid, now
from lab.cloud.lifecycle import By, Lifecycle, Pending
from lab.errors import LabError

Json = dict[str, Any]

SCHEMA = 1
GONE = frozenset({"TERMINATED", "DELETED", "DETACHED"})
REMEMBERED = 300
"""How many deleted resources and work requests can still be read, and retry tokens hold."""


@dataclass(kw_only=True, slots=True)
class Record:
    """One resource: what the API shows of it, and what only the lab knows."""

    kind: str
    id: str
    region: str
    body: Json
    hidden: Json = field(default_factory=dict)
    revision: int = 1
    pending: list[Pending] = field(default_factory=list)

    @property
    def state(self) -> str:
        return str(self.body.get("lifecycleState", ""))

    @property
    def live(self) -> bool:
        return self.state not in GONE

    @property
    def etag(self) -> str:
        return f"{self.id[-8:]}-{self.revision}"

    def become(self, passing: str, to: str, rule: Lifecycle) -> None:
        """Enters a passing lifecycle state; it ends as the rule says."""
        self.pass_through("lifecycleState", (passing, to), rule)

    def pass_through(self, name: str, states: tuple[str, str], rule: Lifecycle) -> None:
        """The same for any field that holds a state."""
        self.pending = [p for p in self.pending if p.field != name]
        self.body[name] = states[0]
        self.pending.append(Pending(field=name, to=states[1], rule=rule))
        self.revision += 1

    def settle(self, by: By) -> bool:
        """Ends the passing states of one sort; true when something changed."""
        due = [p for p in self.pending if p.rule.by is by]
        for pending in due:
            self._finish(pending)
        return bool(due)

    def look(self) -> bool:
        """Counts a read of the resource; true when a state ended with it."""
        due = [p for p in self.pending if p.seen()]
        for pending in due:
            self._finish(pending)
        return bool(due)

    def _finish(self, pending: Pending) -> None:
        self.body[pending.field] = pending.to
        self.pending.remove(pending)
        self.revision += 1


class Store:
    """The resources, the retry tokens, and the file behind them."""

    def __init__(self, file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.file = file
        self.records: dict[str, Record] = {}
        self.retries: dict[str, Json] = {}
        if file is not None and file.exists():
            self._load(file)

    def create(self, kind: str, region: str, body: Json, **hidden: object) -> Record:
        """A new resource with an OCID of its own."""
        record = Record(kind=kind, id=new_ocid(kind, region), region=region, body=body)
        record.body = {"id": record.id, **body, "timeCreated": now()}
        record.hidden = dict(hidden)
        self.records[record.id] = record
        self.touch()
        return record

    def get(self, kind: str, id_: str, region: str | None = None) -> Record:
        """The resource, also when it is deleted and still remembered; else 404."""
        record = self.records.get(id_)
        if record is None or record.kind != kind or region not in (None, record.region):
            raise not_found()
        return record

    def live(self, kind: str, id_: str, region: str | None = None) -> Record:
        """The resource, which must not be deleted; else 404."""
        record = self.get(kind, id_, region)
        if not record.live:
            raise not_found()
        return record

    def has(self, kind: str, id_: str) -> bool:
        try:
            return self.get(kind, id_).live
        except ApiError:
            return False

    def find(
        self, kind: str, region: str | None = None, where: Callable[[Record], bool] | None = None
    ) -> list[Record]:
        """The live resources of a kind, oldest first."""
        return [
            record
            for record in self._of(kind)
            if record.live and region in (None, record.region) and (where is None or where(record))
        ]

    def all_of(self, kind: str, region: str) -> list[Record]:
        """The resources of a kind with the deleted ones that are still remembered."""
        return [record for record in self._of(kind) if record.region == region]

    def drop(self, record: Record) -> None:
        """Forgets a resource at once."""
        self.records.pop(record.id, None)
        self.touch()

    def touch(self) -> None:
        """Says that something changed."""
        with self.changed:
            self.version += 1
            self.changed.notify_all()

    def _of(self, kind: str) -> Iterator[Record]:
        return (record for record in list(self.records.values()) if record.kind == kind)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of a change or nothing of it; what changed is written.

        Who keeps a record beyond its lock looks it up again afterwards.
        """
        with self.lock:
            version, before = self.version, pickle.dumps((self.records, self.retries))
            try:
                yield
            except BaseException:
                if self.version != version:
                    self.records, self.retries = pickle.loads(before)  # noqa: S301 - our own bytes
                raise
            if self.version != version:
                self.save()

    def reset(self) -> None:
        """Forgets everything."""
        self.records.clear()
        self.retries.clear()
        self.touch()

    def save(self) -> None:
        """Writes the file in one step; the former one stays beside it."""
        if self.file is None:
            return
        self._forget()
        text = json.dumps(
            {
                "schema": SCHEMA,
                "records": [_row(record) for record in self.records.values()],
                "retries": self.retries,
            }
        )
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
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
            document = json.loads(file.read_text(encoding="utf-8"))
            if document["schema"] != SCHEMA:
                raise LabError(
                    f"{file}: written by another version of the lab, got schema "
                    f"{document['schema']!r}; move it away to begin with an empty cloud"
                )
            self.records = {raw["id"]: _record(raw) for raw in document["records"]}
            self.retries = document["retries"]
        except (ValueError, KeyError, TypeError) as fault:
            raise LabError(
                f"{file}: cannot be read as the lab's state ({fault}); it was left as it is: "
                f"put {self.backup.name} in its place, or move it away to begin with an empty cloud"
            ) from fault


def _row(record: Record) -> Json:
    """A record as JSON, by reference: this runs after each change, and copies take long."""
    names = ("kind", "id", "region", "body", "hidden", "revision")
    pending = [asdict(pending) for pending in record.pending]
    return {**{name: getattr(record, name) for name in names}, "pending": pending}


def _record(raw: Json) -> Record:
    pending = [
        Pending(
            field=p["field"],
            to=p["to"],
            rule=Lifecycle(by=By(p["rule"]["by"]), polls=p["rule"]["polls"]),
            reads=p["reads"],
        )
        for p in raw["pending"]
    ]
    return Record(**{**raw, "pending": pending})
