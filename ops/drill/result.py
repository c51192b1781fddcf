"""What a drill came to, as a value, as JSON and as text; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ops.drill.acts import by_hand
from ops.drill.plan import Drill, Plan
from ops.drill.streams import A_SECOND
from ops.drill.tally import Row
from ops.verify.table import INDENT, aligned


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The outcome of a drill."""

    plan: Plan
    rows: Sequence[Row]
    faults: Sequence[str]
    """What did not come about, or was not put back."""

    @property
    def requests(self) -> int:
        """Return how many requests there were."""
        return sum(row.requests for row in self.rows)

    @property
    def failed(self) -> int:
        """Return how many of them failed."""
        return sum(row.failed for row in self.rows)

    @property
    def against(self) -> Sequence[str]:
        """Return everything that makes the drill a failure."""
        plan, found = self.plan, list(self.faults)
        if plan.max_failed is not None and self.failed > plan.max_failed:
            found.append(f"{self.failed} requests failed, at most {plan.max_failed} may")
        for row in self.rows:
            if not row.requests:
                found.append(f"{row.place}: was not asked at all")
            elif not row.is_answered:
                found.append(f"{row.place}: is not answered to the end, got {row.last_fault}")
        own = next((row for row in self.rows if row.place == from_cluster(plan.cluster.key)), None)
        if plan.delay and own and (own.slowest or 0) < plan.delay:
            found.append(f"{own.place}: no answer took {plan.delay:g} s, so nothing was tried")
        return found

    @property
    def has_passed(self) -> bool:
        """Return whether the mesh stood it, as far as the drill judges."""
        return not self.against

    def document(self) -> dict[str, Any]:
        """Return it as a JSON document; nothing in it is secret."""
        plan = self.plan
        return {
            "passed": self.has_passed,
            "mesh": plan.mesh,
            "drill": plan.drill.value,
            "cluster": plan.cluster.key,
            "service": f"{plan.target.namespace}/{plan.target.name}",
            "requests": self.requests,
            "failed": self.failed,
            "maxFailed": plan.max_failed,
            "places": {row.place: _row(row) for row in self.rows},
            "faults": list(self.against),
        }

    def text(self) -> str:
        """Return it for people: a line for each place, then the verdict."""
        rows = [[self.plan.title, "requests", "failed", "slowest", "recovery"]]
        rows += [_cells(row) for row in self.rows]
        notes = [f"{INDENT}{note}" for row in self.rows for note in _notes(row)]
        return "\n".join([*aligned(rows), *notes, "", *self._verdict()])

    def _verdict(self) -> Sequence[str]:
        counted = f"{self.failed} of {self.requests} requests failed"
        name = f"{self.plan.mesh}: {self.plan.title}"
        if not self.has_passed:
            return [f"{name} FAILED, {counted}", *(f"{INDENT}{one}" for one in self.against)]
        judged = "" if self.plan.max_failed is not None else ", which is told and not judged"
        return [f"{name} passed, {counted}{judged}"]


def from_cluster(key: str) -> str:
    """Return how the client of a cluster is called."""
    return f"from {key}"


def lines(plan: Plan, *, makes_clients: bool) -> list[str]:
    """Return the plan for people, before anything is done.

    Args:
        plan: What is done.
        makes_clients: Whether pods are made to ask from.
    """
    said = [f"{plan.mesh}: drill {plan.title}", *(f"  {step}" for step in plan.act.steps)]
    service = f"{plan.target.namespace}/{plan.target.name}"
    asks = f"asks {service} {2 * A_SECOND} times a second from each of {', '.join(plan.clients)}"
    ways = f", and through the ingress gateway of each of {', '.join(plan.gateways)}"
    said.append(f"  {asks}{ways if plan.gateways else ''}")
    if makes_clients:
        said.append(f"  makes a pod in {plan.target.namespace} of each to ask from, and deletes it")
    said.append(f"  {_meanwhile(plan)}; {_rule(plan)}")
    hands = [by_hand(plan.cluster.name, command) for command in plan.act.commands]
    return [*said, *(f"  by hand, should it be killed: {command}" for command in hands)]


def _meanwhile(plan: Plan) -> str:
    if plan.others is None:
        return "nothing is taken away"
    if plan.others:
        return f"other ready pods that answer meanwhile: {plan.others}"
    if plan.drill is Drill.ISTIOD:
        return (
            f"there is no other istiod: {plan.cluster.key} gets no new configuration meanwhile, "
            "and what runs goes on"
        )
    return "an OUTAGE of what is taken away: no other pod answers meanwhile"


def _rule(plan: Plan) -> str:
    if plan.max_failed is None:
        return "failed requests are told and not judged"
    most = plan.max_failed
    return f"at most {most} requests may fail" if most else "no request may fail"


def _cells(row: Row) -> list[str]:
    slowest = "-" if row.slowest is None else f"{row.slowest:.2f} s"
    recovery = "-" if not row.failed else "never"
    if row.recovery is not None:
        recovery = f"{row.recovery:.1f} s"
    return [row.place, str(row.requests), str(row.failed), slowest, recovery]


def _notes(row: Row) -> list[str]:
    notes = [f"{row.place}: the last that failed: {row.last_fault}"] if row.failed else []
    if row.breaks:
        count, last = len(row.breaks), row.breaks[-1]
        notes.append(f"{row.place}: could not be asked {count} times for a moment: {last}")
    return notes


def _row(row: Row) -> dict[str, Any]:
    return {
        "requests": row.requests,
        "failed": row.failed,
        "slowestSeconds": None if row.slowest is None else round(row.slowest, 3),
        "recoverySeconds": None if row.recovery is None else round(row.recovery, 3),
        "lastFault": row.last_fault,
        "breaks": list(row.breaks),
    }
