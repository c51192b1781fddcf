"""A stack's state as `pulumi stack export` writes it, and what a killed update has left in it.

Before the engine begins an operation it notes it in the state, and at its end takes the note away
again. A note that is still there tells what was under way.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

CREATING: Final = "creating"
DELETING: Final = "deleting"
_READING: Final = "reading"
# Stands among the reasons why a resource is not ready, which the engine drops when it has read it.
_UNREAD: Final = "not read since a killed update"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 marks one, in every state

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One resource of the state, or one that was to become one."""

    document: Mapping[str, Any] = field(repr=False)

    @property
    def urn(self) -> str:
        """Its name within all of Pulumi."""
        return str(self.document["urn"])

    @property
    def name(self) -> str:
        """Its logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def type(self) -> str:
        """The type's token."""
        return str(self.document["type"])

    @property
    def id(self) -> str:
        """What the provider calls it; empty before it is made."""
        return str(self.document.get("id", ""))

    @property
    def scope(self) -> str:
        """Within what its id means one thing only; empty where that is the whole world."""
        if self.type.startswith("kubernetes:"):
            return self.provider
        return str(self.inputs.get("networkSecurityGroupId", ""))

    @property
    def provider(self) -> str:
        """The URN of its provider."""
        return str(self.document.get("provider", "")).rpartition("::")[0]

    @property
    def inputs(self) -> Document:
        """What the program asked for, secrets in the clear if the export has them so."""
        opened: Document = plain(self.document.get("inputs") or {})
        return opened


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """Something that was under way."""

    doing: str
    """`creating`, `updating`, `deleting`, `reading` or `importing`."""
    resource: Resource
    is_noted: bool = True
    """Whether the state says so; else it is what the engine may have given up."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The exported state."""

    document: Document = field(repr=False)

    @property
    def resources(self) -> Iterator[Resource]:
        """Everything that the stack has."""
        return (Resource(document=each) for each in self._state.get("resources") or ())

    @property
    def operations(self) -> list[Operation]:
        """Everything that was under way, in the order of its beginning."""
        noted = [
            Operation(doing=each["type"], resource=Resource(document=each["resource"]))
            for each in self._state.get("pending_operations") or ()
        ]
        urns = {each.resource.urn for each in noted}
        unread = (
            one for one in self.resources if _UNREAD in (one.document.get("initErrors") or ())
        )
        return noted + [
            Operation(doing=_READING, resource=one) for one in unread if one.urn not in urns
        ]

    @property
    def root(self) -> str | None:
        """The URN of the stack itself, which every stack with resources has."""
        return next((one.urn for one in self.resources if one.type == "pulumi:pulumi:Stack"), None)

    @property
    def age(self) -> timedelta:
        """How long ago it was written, which the engine does at each operation's beginning."""
        written = self._state.get("manifest", {}).get("time")
        return datetime.now(UTC) - datetime.fromisoformat(written) if written else timedelta.max

    @property
    def stamp(self) -> tuple[str, int]:
        """Changes with every update of the stack."""
        return str(self._state.get("manifest", {}).get("time")), len(json.dumps(self._state))

    def live(self, urn: str) -> Resource | None:
        """Return what bears that URN and is not waiting for its deletion."""
        found = (one for one in self.resources if one.urn == urn)
        return next((one for one in found if not one.document.get("delete")), None)

    def provider(self, resource: Resource) -> Resource | None:
        """Return the provider of a resource."""
        return self.live(resource.provider) if resource.provider else None

    def inherited(self, resource: Resource, key: str) -> Any:
        """Return an input of the resource, or else of the first dependency that has it."""
        urns = (resource.urn, *(resource.document.get("dependencies") or ()))
        near = (resource, *filter(None, map(self.live, urns[1:])))
        return next((one.inputs[key] for one in near if key in one.inputs), None)

    def settled(
        self, taken: Iterable[tuple[Resource, str, Document]], unread: Set[str]
    ) -> Document:
        """Return the document without notes: pulumi drops them all when it imports one.

        A death before the engine has read again what is named here leaves a mark on it.

        Args:
            taken: Resources to add, each with its id and with what its provider keeps besides.
            unread: URNs of others that may have changed.
        """
        document = deepcopy(self.document)
        state = document["deployment"]
        state["resources"] = [
            _marked(each) if each["urn"] in unread else each for each in state["resources"]
        ]
        state["resources"] += [_marked(_adopted(*each)) for each in taken]
        state["pending_operations"] = []
        return document

    @property
    def _state(self) -> Document:
        return dict(self.document.get("deployment") or {})


def _adopted(resource: Resource, identity: str, more: Document) -> Document:
    # Until it is read, what was asked for stands for what is there.
    inputs = resource.document.get("inputs") or {}
    return {**resource.document, "id": identity, "outputs": {**inputs, **more}}


def _marked(resource: Document) -> Document:
    return {**resource, "initErrors": [_UNREAD]} if resource.get("custom") else resource


def plain(value: Any) -> Any:
    """Return the value without the state's wrapping of secrets; a ciphertext becomes None."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return plain(json.loads(value["plaintext"])) if "plaintext" in value else None
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value
