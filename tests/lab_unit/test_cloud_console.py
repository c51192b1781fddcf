"""What an instance has printed, as the vendor's client asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import oci
import pytest

from lab.cloud.ids import COMPARTMENT_ID
from lab.hosts.observed import Observed
from tests.lab_unit.cloud_fixtures import Lab
from tests.lab_unit.cloud_network import host_in


@pytest.fixture
def host(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Any:
    made = host_in(lab, lab.subnet(lab.vcn(), "10.0.0.0/24"))
    look = lab.machines.observe

    def observe() -> Observed:
        return replace(look(), consoles={made.id: "booting\n" * 2000})

    monkeypatch.setattr(lab.machines, "observe", observe)
    lab.settle()
    return made


def capture(lab: Lab, instance_id: str) -> Any:
    details = oci.core.models.CaptureConsoleHistoryDetails(instance_id=instance_id)
    return lab.compute().capture_console_history(details).data


def test_a_console_is_captured_in_a_while_and_read_in_parts(lab: Lab, host: Any) -> None:
    client, history = lab.compute(), capture(lab, host.id)
    assert history.lifecycle_state == "GETTING-HISTORY"
    with pytest.raises(oci.exceptions.ServiceError) as early:
        client.get_console_history_content(history.id)
    assert early.value.status == 409
    lab.settle()
    assert client.get_console_history(history.id).data.lifecycle_state == "SUCCEEDED"
    short = client.get_console_history_content(history.id)
    assert (len(short.data), short.headers["opc-bytes-remaining"]) == (10_240, "5760")
    rest = client.get_console_history_content(history.id, offset=10_240, length=1024 * 1024)
    assert short.data + rest.data == b"booting\n" * 2000


def test_a_history_that_is_deleted_is_gone(lab: Lab, host: Any) -> None:
    client, history = lab.compute(), capture(lab, host.id)
    lab.settle()
    assert [one.id for one in client.list_console_histories(COMPARTMENT_ID).data] == [history.id]
    client.delete_console_history(history.id)
    assert client.list_console_histories(COMPARTMENT_ID).data == []


def test_of_an_instance_that_is_not_there_nothing_is_captured(lab: Lab) -> None:
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        capture(lab, "ocid1.instance.oc1.us-sanjose-1.none")
    assert refused.value.status == 404
