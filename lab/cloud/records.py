"""What every resource is: typed fields in the lab, the vendor's camelCase JSON outside.

What the lab's rules read has a field. Whatever else the vendor's API takes is kept and shown as
it came, since the request was checked against the vendor's own types before (`shapes`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lab.cloud.ids import new_ocid, now
from lab.cloud.lifecycle import By, Lifecycle, Pending

Json = dict[str, Any]
T = TypeVar("T")

GONE = frozenset({"TERMINATED", "DELETED", "DETACHED"})

_INTERNAL = object()
Internal = Annotated[T, _INTERNAL]
"""A field that only the lab knows; the API does not show it."""


class Part(BaseModel):
    """A piece of a resource; made from the API's names as well as from ours."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="allow")

    def shown(self) -> Json:
        """As the API shows it."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Resource(Part):
    """What has an OCID, a region and a life; a class's name is the vendor's name of the model."""

    kind: ClassVar[str]
    """The type in its OCID; where a class does not say, its name in lower case."""
    _internal: ClassVar[frozenset[str]]

    id: str = ""
    region: Internal[str]
    compartment_id: str
    lifecycle_state: str = ""
    time_created: str | None = Field(default_factory=now)
    revision: Internal[int] = 1
    pending: Internal[list[Pending]] = Field(default=[])

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        if "kind" not in vars(cls):
            cls.kind = cls.__name__.lower()
        fields = cls.model_fields.items()
        cls._internal = frozenset(name for name, f in fields if _INTERNAL in f.metadata)

    def model_post_init(self, _: object) -> None:
        self.id = self.id or new_ocid(self.kind, self.region)

    def shown(self) -> Json:
        return self.model_dump(by_alias=True, exclude_none=True, exclude=set(self._internal))

    def changed(self, body: Json) -> Self:
        """A copy with what a client gives in place of what was; a part keeps its other fields."""
        before = self.model_dump(by_alias=True)
        parts = {to_camel(name) for name, value in self if isinstance(value, Part)}
        after = {n: {**before[n], **value} if n in parts else value for n, value in body.items()}
        return self.model_validate({**before, **after})

    @property
    def live(self) -> bool:
        return self.lifecycle_state not in GONE

    @property
    def etag(self) -> str:
        return f"{self.id[-8:]}-{self.revision}"

    def become(self, passing: str, to: str, rule: Lifecycle) -> None:
        """Enters a passing lifecycle state; it ends as the rule says."""
        self.pass_through("lifecycle_state", (passing, to), rule)

    def pass_through(self, name: str, states: tuple[str, str], rule: Lifecycle) -> None:
        """The same for any field that holds a state."""
        self.pending = [p for p in self.pending if p.field != name]
        setattr(self, name, states[0])
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
        setattr(self, pending.field, pending.to)
        self.pending.remove(pending)
        self.revision += 1


class Tagged(Resource):
    """A resource that bears tags."""

    freeform_tags: dict[str, str] = Field(default={})
    defined_tags: dict[str, Json] = Field(default={})


class Named(Tagged):
    """A resource with a display name, which the service makes up where the client does not say."""

    display_name: str = ""

    def model_post_init(self, context: object) -> None:
        super().model_post_init(context)
        self.display_name = self.display_name or f"{self.kind}{datetime.now(UTC):%Y%m%d%H%M%S}"
