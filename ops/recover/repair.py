"""The repair as a whole: look at what was under way, then do what the plan says."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from ops.errors import OpsError
from ops.recover.deployment import CREATING, DELETING, Deployment, Operation, Resource
from ops.recover.plan import Do, Found, Step, plan
from ops.recover.pulumi import Pulumi

Say = Callable[[str], None]

_DELETES: Final = "delete"

ARRIVED: Final = timedelta(seconds=10)
"""What was sent before a kill has arrived by then, and is listed."""


class Finder(Protocol):
    """Knows one kind of place where things are made."""

    def find(self, operation: Operation) -> list[Found]:
        """Return what the operation may have made, the best first."""

    def delete(self, resource: Resource, found: Found) -> None:
        """Delete it."""

    def free(self, resource: Resource) -> None:
        """Take away what marks it as under way."""

    def finish(self, resource: Resource) -> None:
        """Delete what is left of it."""


Finders = Mapping[str, Finder]
"""By the package of the types that each knows; what no finder knows is made nowhere but here."""
PACKAGES: Final = ("oci", "kubernetes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """What is to be done to one stack."""

    pulumi: Pulumi
    before: Deployment = field(repr=False)
    steps: Sequence[Step]
    finders: Finders = field(repr=False)

    @classmethod
    def look(cls, pulumi: Pulumi, say: Say, files: contextlib.ExitStack) -> "Repair":
        """Find out what was under way and what has become of it."""
        before = pulumi.export()
        operations = before.operations
        if (failed := pulumi.failed()) is not None:
            say("looks for what it may have done without noting it")
            operations += pulumi.given_up(before)
            if _DELETES in failed:
                operations += _others(before, operations)
        finders: Finders = {}
        if operations:
            _let_arrive(before, operations, say)
            # In the clear, for the providers' keys and kubeconfigs; it stays in memory.
            finders = _finders(pulumi.export(with_secrets=True), say, files)
        found = {
            each.resource.urn: finders[_package(each.resource)].find(each)
            for each in operations
            if _package(each.resource) in finders
        }
        steps = plan(before, operations, found)
        return cls(pulumi=pulumi, before=before, steps=steps, finders=finders)

    @property
    def lines(self) -> list[str]:
        """The plan for people."""
        unnoted = [
            each for each in self.steps if each.do is Do.READ and not each.operation.is_noted
        ]
        rest = f"{len(unnoted)} others, of which some may be gone: {Do.READ.value}"
        return [each.text for each in self.steps if each not in unnoted] + [rest] * bool(unnoted)

    def carry_out(self, say: Say) -> None:
        """Do it; whoever is killed meanwhile does it again from the beginning."""
        if self.pulumi.export().stamp != self.before.stamp:
            raise OpsError("the stack has changed since; run `python -m ops recover` again")
        for step in self.steps:
            resource = step.operation.resource
            if step.do is Do.DELETE and step.found:
                self.finders[_package(resource)].delete(resource, step.found)
            elif step.do is Do.FREE:
                self.finders[_package(resource)].free(resource)
            elif step.do is Do.FINISH:
                self.finders[_package(resource)].finish(resource)
        taken = [
            (step.operation.resource, step.found.id, dict(step.found.more))
            for step in self.steps
            if step.do is Do.TAKE and step.found
        ]
        again = {step.operation.resource.urn for step in self.steps if step.do is Do.READ}
        self.pulumi.put(self.before.settled(taken, again))
        urns = [resource.urn for resource, _, _ in taken]
        urns += [urn for urn in sorted(again) if self.before.live(urn)]
        if urns:
            say(f"reads {len(urns)} of them as they are now")
            self.pulumi.read_again(urns)


def _let_arrive(state: Deployment, operations: Sequence[Operation], say: Say) -> None:
    """Wait for requests that a killed process has sent: what they make would be made twice."""
    is_fresh = abs(state.age) < ARRIVED  # on either side: the clocks of two machines differ
    if is_fresh and any(each.doing == CREATING for each in operations):
        say("waits until what was sent before the kill has arrived")
        time.sleep((ARRIVED - state.age).total_seconds())


def _others(state: Deployment, operations: Sequence[Operation]) -> list[Operation]:
    """Return all that the stack has, since any of it may be gone without a note."""
    known = {each.resource.urn for each in operations}
    return [
        Operation(doing=DELETING, resource=one, is_noted=False)
        for one in state.resources
        if _package(one) in PACKAGES
        and one.document.get("custom")
        and not one.document.get("delete")
        and one.urn not in known
    ]


def _package(resource: Resource) -> str:
    return resource.type.partition(":")[0]


def _finders(deployment: Deployment, say: Say, files: contextlib.ExitStack) -> Finders:
    # The vendor's SDK takes seconds, so these come only when they are needed.
    from ops.recover.cluster import Clusters  # noqa: PLC0415 see above
    from ops.recover.oracle import Oracle  # noqa: PLC0415 see above

    return {"oci": Oracle(deployment, say), "kubernetes": Clusters(deployment, say, files)}
