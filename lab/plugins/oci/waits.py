"""Waiting for what the API does in its own time: lifecycle states and work requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lab.plugins.base.errors import InterruptError, PluginError
from lab.plugins.base.provider import Call
from lab.plugins.oci.faults import CONFLICT, ApiError, asked, found

GONE = frozenset({"TERMINATED", "DELETED", "DETACHED"})
FAILED = frozenset({"FAILED", "FAULTY", "NEEDS_ATTENTION", "INACTIVE"})
# OKE's work requests have no state between these and "still at it".
ENDED_BADLY = frozenset({"FAILED", "CANCELED"})
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0


def pauses() -> Iterator[float]:
    """Short pauses at first: most of what is awaited takes either a blink or minutes."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 1.5, LONGEST_PAUSE)


def until_ready(call: Call, get: Callable[[], Any], *, ready: frozenset[str], within: float) -> Any:
    """The resource once it is in a state that is ready."""
    for pause in pauses():
        live = found(get)
        state = "gone" if live is None else str(live.lifecycle_state)
        if live is not None and state in ready:
            return live
        if live is None or state in FAILED | GONE:
            raise PluginError(f"{call.name}: came to state {state} instead of {_names(ready)}")
        call.report(f"waiting, {state.lower()}")
        call.wait(pause, within=within, state=state)
    raise AssertionError("pauses never end")


def until_gone(call: Call, get: Callable[[], Any], *, within: float) -> None:
    for pause in pauses():
        live = found(get)
        if live is None or live.lifecycle_state in GONE:
            return
        call.report(f"waiting, {live.lifecycle_state.lower()}")
        call.wait(pause, within=within, state=str(live.lifecycle_state))


def until_allowed(call: Call, delete: Callable[[], Any], *, within: float) -> Any:
    """Delete, again while the API says that something still uses the resource.

    Whoever used it may be on the way out: a load balancer's address outlives its Service a little.
    """
    for pause in pauses():
        try:
            return found(delete)
        except ApiError as fault:
            if fault.status != CONFLICT:
                raise
            call.report("waiting, still in use")
            call.wait(max(pause, 1.0), within=within, state=str(fault))
    raise AssertionError("pauses never end")


def until_done(call: Call, client: Any, work_request_id: str, *, within: float) -> Any:
    """The work request once it has succeeded; its own errors if it did not."""
    for pause in pauses():
        work = asked(client.get_work_request, work_request_id).data
        if work.status == "SUCCEEDED":
            return work
        if work.status in ENDED_BADLY:
            raise WorkError(_work_errors(client, work), work)
        call.report(f"waiting, {work.operation_type.lower()} {work.status.lower()}")
        try:
            call.wait(pause, within=within, state=str(work.status))
        except InterruptError as fault:
            raise WorkError(str(fault), work) from fault
    raise AssertionError("pauses never end")


class WorkError(PluginError):
    """A work request that failed or was not waited for; what it made so far is in `work`."""

    def __init__(self, message: str, work: Any) -> None:
        super().__init__(message)
        self.work = work


def made_by(work: Any, entity: str) -> str | None:
    """The id of what a work request made or is making."""
    for resource in work.resources or ():
        if resource.entity_type.lower().replace("_", "") == entity and resource.identifier:
            return str(resource.identifier)
    return None


def _work_errors(client: Any, work: Any) -> str:
    errors = asked(client.list_work_request_errors, work.compartment_id, work.id).data
    told = "; ".join(f"{item.code}: {item.message}" for item in errors) or "no errors listed"
    return f"{work.operation_type} {work.status.lower()}: {told} (work request {work.id})"


def _names(states: frozenset[str]) -> str:
    return " or ".join(sorted(states))
