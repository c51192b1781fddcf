"""What the `oci` plugin does when the API says no, late, or something else than hoped for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace as Thing
from typing import Any

import oci
import pytest

from lab.plugins.base.errors import InitError, PluginError
from lab.plugins.base.provider import Call, State
from lab.plugins.oci import kinds, waits
from lab.plugins.oci.plugin import Oci
from lab.plugins.oci.resource import CloudResource
from sdks.values import Properties


def call_within(seconds: float = 20) -> Call:
    """A call that begins now."""
    return Call(urn="u", name="thing", type="t", timeout=seconds)


class Scripted:
    """A client whose operations answer what the test wrote down, and that remembers them."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {name: _endless(given) for name, given in answers.items()}
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def operation(*args: Any, **options: Any) -> Any:
            self.asked.append((name, args))
            answer = next(self.answers[name]) if name in self.answers else None
            if isinstance(answer, Exception):
                raise answer
            headers = {"opc-work-request-id": "w"}
            return Thing(data=answer, headers=headers)

        operation.__name__ = name
        return operation


def _endless(given: Any) -> Iterator[Any]:
    """Each answer once, the last one for ever."""
    answers = given if isinstance(given, list) else [given]
    yield from answers
    while True:
        yield answers[-1]


def fault(status: int, code: str) -> Exception:
    error: Exception = oci.exceptions.ServiceError(
        status, code, {"opc-request-id": "r"}, "because", operation_name="the_operation"
    )
    return error


def resource(token: str, client: Scripted, monkeypatch: pytest.MonkeyPatch) -> CloudResource:
    provider = Oci()
    monkeypatch.setattr(provider.session, "client", lambda path: client)
    found = provider.resource(token)
    assert isinstance(found, CloudResource)
    return found


def vcn(state: str = "AVAILABLE", **more: Any) -> Any:
    return oci.core.models.Vcn(id="v", lifecycle_state=state, **more)


def cluster(state: str) -> Any:
    return oci.container_engine.models.Cluster(id="c", lifecycle_state=state)


def work(status: str) -> Any:
    made = [Thing(entity_type="CLUSTER", identifier="c")]
    return Thing(
        id="w", status=status, operation_type="CLUSTER_CREATE", compartment_id="x", resources=made
    )


VCN_INPUTS: Properties = {"compartmentId": "x", "cidrBlocks": ["10.0.0.0/16"]}
CLUSTER_INPUTS: Properties = {"compartmentId": "x", "vcnId": "v", "kubernetesVersion": "v1"}


def test_a_vcn_that_fails_is_kept_with_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(create_vcn=vcn("PROVISIONING"), get_vcn=vcn("TERMINATED"))
    with pytest.raises(InitError) as raised:
        resource(kinds.VCN.type, client, monkeypatch).create(call_within(), VCN_INPUTS)
    assert raised.value.reasons == ("thing: came to state TERMINATED instead of AVAILABLE",)
    assert (raised.value.resource_id, raised.value.outputs["state"]) == ("v", "TERMINATED")


def test_a_delete_waits_while_something_uses_the_resource(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Scripted(
        delete_vcn=[fault(409, "IncorrectState"), None], get_vcn=fault(404, "NotFound")
    )
    made = resource(kinds.VCN.type, client, monkeypatch)
    made.delete(call_within(), State("v", VCN_INPUTS, {}))
    assert [name for name, _ in client.asked] == ["delete_vcn", "delete_vcn", "get_vcn"]


def test_a_delete_that_stays_refused_tells_why(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(delete_vcn=fault(409, "IncorrectState"))
    made = resource(kinds.VCN.type, client, monkeypatch)
    with pytest.raises(PluginError) as raised:
        made.delete(call_within(0.5), State("v", VCN_INPUTS, {}))
    assert str(raised.value) == (
        "thing: not ready after 0.5 s; last state: "
        "the_operation: 409 IncorrectState: because (opc-request-id r)"
    )


def test_a_refused_creation_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(create_vcn=fault(400, "LimitExceeded"))
    with pytest.raises(PluginError) as raised:
        resource(kinds.VCN.type, client, monkeypatch).create(call_within(), VCN_INPUTS)
    assert not isinstance(raised.value, InitError)
    assert str(raised.value) == "the_operation: 400 LimitExceeded: because (opc-request-id r)"


def test_an_api_that_is_not_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(get_vcn=oci.exceptions.ConnectTimeout("no route"))
    made = resource(kinds.VCN.type, client, monkeypatch)
    with pytest.raises(PluginError, match=r"^get_vcn: the API cannot be reached: no route$"):
        made.read(call_within(), State("v", VCN_INPUTS, {}))


def test_a_failed_work_request_tells_its_errors_and_keeps_the_cluster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Scripted(
        get_work_request=[work("IN_PROGRESS"), work("FAILED")],
        list_work_request_errors=[[Thing(code="Quota", message="no more nodes")]],
        get_cluster=cluster("FAILED"),
    )
    with pytest.raises(InitError) as raised:
        resource(kinds.CLUSTER.type, client, monkeypatch).create(call_within(), CLUSTER_INPUTS)
    assert raised.value.reasons == ("CLUSTER_CREATE failed: Quota: no more nodes (work request w)",)
    assert raised.value.resource_id == "c"


def test_a_cancelled_creation_keeps_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(get_work_request=work("IN_PROGRESS"), get_cluster=cluster("CREATING"))
    call = Call(urn="u", name="thing", type="t")
    call.cancelled.set()
    with pytest.raises(InitError) as raised:
        resource(kinds.CLUSTER.type, client, monkeypatch).create(call, CLUSTER_INPUTS)
    assert raised.value.reasons == ("thing: cancelled; last state: IN_PROGRESS",)
    assert raised.value.outputs["state"] == "CREATING"


def peering(status: str) -> Any:
    return oci.core.models.RemotePeeringConnection(
        id="p", lifecycle_state="AVAILABLE", peering_status=status
    )


def test_a_peering_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(
        create_remote_peering_connection=peering("NEW"),
        get_remote_peering_connection=[peering("NEW"), peering("PENDING"), peering("PEERED")],
    )
    inputs = {"compartmentId": "x", "drgId": "d", "peerId": "q", "peerRegionName": "r"}
    made = resource(kinds.PEERING.type, client, monkeypatch).create(call_within(), inputs)
    assert made.outputs["peeringStatus"] == "PEERED"


def test_a_peering_that_turns_invalid_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(
        create_remote_peering_connection=peering("NEW"),
        get_remote_peering_connection=[peering("NEW"), peering("INVALID")],
    )
    inputs = {"compartmentId": "x", "drgId": "d", "peerId": "q", "peerRegionName": "r"}
    with pytest.raises(InitError) as raised:
        resource(kinds.PEERING.type, client, monkeypatch).create(call_within(), inputs)
    assert raised.value.reasons == (
        "thing: peering came to INVALID; replace both ends of the pair",
    )


def test_pauses_grow_to_a_limit() -> None:
    pauses = waits.pauses()
    first = [next(pauses) for _ in range(14)]
    assert first[0] == 0.05
    assert first[-1] == waits.LONGEST_PAUSE
