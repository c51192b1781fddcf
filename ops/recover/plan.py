"""What to do about each operation that was under way; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ops.recover.deployment import CREATING, Deployment, Operation, Resource

_SHOWN: Final = 16


class Do(StrEnum):
    """What is done; the text is what the plan says."""

    TAKE = "take it into the state"
    DELETE = "delete it"
    LEAVE = "leave it to you: the state does not say that this stack was making it"
    FORGET = "the next update makes it"
    FREE = "remove Helm's note of it; the next update goes on from there"
    FINISH = "delete what Helm has left of it"
    READ = "read it again"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Something in the cloud or in a cluster that an operation may have made."""

    id: str
    is_good: bool = True
    """Whether it can be used: what failed to come up is of no use to anyone."""
    is_locked: bool = False
    """Whether it is a Helm release that is marked as under way."""
    is_going: bool = False
    """Whether it is a Helm release of which a part is deleted."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What its provider keeps in the state beside what the program asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing to do."""

    do: Do
    operation: Operation
    found: Found | None = None

    @property
    def text(self) -> str:
        """A line for people."""
        resource = self.operation.resource
        kind = resource.type.rpartition(":")[2]
        return f"{resource.name} ({kind}), {self._seen}: {self.do.value}"

    @property
    def _seen(self) -> str:
        doing = self.operation.doing
        if self.found is None:
            return f"was {doing}" if doing != CREATING else "not made"
        mark = self.found.id
        if mark.startswith("ocid1."):
            mark = f"…{mark[-_SHOWN:]}"
        state = "made" if self.found.is_good else "failed"
        if self.found.is_locked or self.found.is_going:
            state = "half made" if self.found.is_locked else "half deleted"
        return f"{state} as {mark}"


def plan(
    deployment: Deployment,
    operations: Sequence[Operation],
    found: Mapping[str, Sequence[Found]],
) -> list[Step]:
    """Return the steps.

    Args:
        deployment: The state.
        operations: What was under way.
        found: What each of them may have made, by URN; the best first.
    """
    taken = {_key(one, one.id) for one in deployment.resources if one.id}
    steps: list[Step] = []
    for operation in operations:
        here = found.get(operation.resource.urn, ())
        if operation.doing == CREATING:
            free = [one for one in here if _key(operation.resource, one.id) not in taken]
            added = list(_create(deployment, operation, free))
            taken |= {_key(operation.resource, one.id) for one in free}
        else:
            added = list(_other(operation, here))
        steps += added
    return steps


def _key(resource: Resource, identity: str) -> tuple[str, str, str]:
    # Every cluster has its istio-system/istiod.
    return resource.type, resource.scope, identity


def _create(deployment: Deployment, operation: Operation, here: Sequence[Found]) -> Iterator[Step]:
    surplus = list(here)
    if surplus and surplus[0].is_locked:
        yield Step(do=Do.FREE, operation=operation, found=surplus.pop(0))
    elif surplus and surplus[0].is_good and not _is_replacement(deployment, operation.resource):
        yield Step(do=Do.TAKE, operation=operation, found=surplus.pop(0))
    elif operation.is_noted:
        yield Step(do=Do.FORGET, operation=operation)
    do = Do.DELETE if operation.is_noted else Do.LEAVE
    for one in surplus:
        yield Step(do=do, operation=operation, found=one)


def _is_replacement(deployment: Deployment, resource: Resource) -> bool:
    """Return whether the old one is still the stack's; the next update replaces it then."""
    return deployment.live(resource.urn) is not None


def _other(operation: Operation, here: Sequence[Found]) -> Iterator[Step]:
    for one in here:
        if one.is_going:
            yield Step(do=Do.FINISH, operation=operation, found=one)
        elif one.is_locked and operation.is_noted:
            yield Step(do=Do.FREE, operation=operation, found=one)
    yield Step(do=Do.READ, operation=operation)
