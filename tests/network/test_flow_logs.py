"""Flow logs of the subnets of a cluster."""

from __future__ import annotations

from typing import Any

from tests.network.stacks import OWNER, SUBNET, deployed
from tests.support.documents import cluster, plan

GROUP = "oci:Logging/logGroup:LogGroup"
LOG = "oci:Logging/log:Log"


def logged(**changes: Any) -> Any:
    return deployed(plan(clusters={"a": cluster(0, **changes)}))


def test_every_subnet_is_logged_for_as_long_as_asked() -> None:
    made = logged(flowLogDays=90)
    assert made.one(GROUP, "a-flow-logs").inputs["displayName"] == OWNER.title("a", "flow-logs")
    logs = made.of(LOG)
    assert {log.inputs["retentionDuration"] for log in logs} == {90}
    sources = [log.inputs["configuration"]["source"] for log in logs]
    assert {(s["service"], s["category"], s["sourceType"]) for s in sources} == {
        ("flowlogs", "all", "OCISERVICE")
    }
    assert len({s["resource"] for s in sources}) == len(made.of(SUBNET)) == len(logs)


def test_by_default_nothing_is_logged() -> None:
    made = logged()
    assert made.of(GROUP) == made.of(LOG) == []
