"""The end of the stack and of the lab; the last of all tests, in this order."""

from __future__ import annotations

import pytest

from ops.tunnel import processes
from tests.lab.inventory import LISTS, inventory
from tests.lab.machine import traces
from tests.lab.stack_kit import Lab
from tests.lab.tunnel_kit import keeper, link

pytestmark = pytest.mark.lab


def test_the_inventory_sees_every_kind_of_the_stack(lab: Lab) -> None:
    seen = {name.split()[1] for name in inventory(lab)}
    assert seen == {name for names in LISTS.values() for name in names}


def test_a_destroyed_stack_leaves_an_empty_inventory_and_no_tunnel(lab: Lab) -> None:
    tunnel = (keeper(lab), link(lab))
    said = lab("destroy")
    assert said.code == 0, said.text
    assert inventory(lab) == {}
    assert [processes.identity(pid) for pid in tunnel] == [None, None]


def test_down_leaves_a_clean_machine_and_keeps_the_state(lab: Lab) -> None:
    said = lab("down")
    assert said.code == 0, said.text
    assert traces(lab.paths) == []
    assert {"cloud.json", "state-pulumi", "passphrase"} <= {
        file.name for file in lab.paths.last.iterdir()
    }
    assert not lab.paths.cloud_state.exists()
