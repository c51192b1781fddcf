"""A budget and alarms, with what is wrong about them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.config.wrong import Wrong, assert_refused, wrong

OPS = ["ops@example.com"]


def budget(**changes: Any) -> dict[str, Any]:
    return {"budget": {"monthly": 500, "recipients": OPS, **changes}}


TABLE = [
    wrong(
        "a budget that says neither how much nor whom",
        {"budget": {"thresholds": [50]}},
        "budget.monthly: is missing, got nothing; add it, such as 500",
        "budget.recipients: is missing, got nothing; add it, such as [ops@example.com]",
    ),
    wrong(
        "nobody who is told",
        {**budget(recipients=[]), "alarms": {"recipients": []}},
        "alarms.recipients: has no entries, got []; add one",
        "budget.recipients: has no entries, got []; add one",
    ),
    wrong(
        "no addresses of mail, and two in one",
        {**budget(recipients=["ops"]), "alarms": {"recipients": ["a@example.com;b@example.com"]}},
        (
            "alarms.recipients[0]: is not an address of mail, got 'a@example.com;b@example.com'; "
            "write it as ops@example.com"
        ),
        "budget.recipients[0]: is not an address of mail, got 'ops'; write it as ops@example.com",
    ),
    wrong(
        "percentages that Oracle does not take",
        budget(thresholds=[0], forecasts=[10_001]),
        "budget.forecasts[0]: is more than 10000, got 10001; write at most 10000",
        "budget.thresholds[0]: is less than 1, got 0; write at least 1",
    ),
    wrong(
        "a budget of nothing",
        budget(monthly=0),
        "budget.monthly: is less than 1, got 0; write at least 1",
    ),
    wrong(
        "entries that are there twice",
        {
            **budget(thresholds=[50, 80, 50], forecasts=[100, 100], recipients=OPS * 2),
            "alarms": {"recipients": OPS * 2},
        },
        "alarms.recipients[1]: is there twice, got 'ops@example.com'; keep one of them",
        "budget.forecasts[1]: is there twice, got 100; keep one of them",
        "budget.recipients[1]: is there twice, got 'ops@example.com'; keep one of them",
        "budget.thresholds[2]: is there twice, got 50; keep one of them",
    ),
    wrong(
        "a budget that never tells",
        budget(thresholds=[], forecasts=[]),
        (
            "budget.thresholds: has no entries, and neither has budget.forecasts, so that nobody "
            "is ever told, got []; add one, such as 100"
        ),
    ),
    wrong(
        "a compartment of another realm",
        budget(compartmentId="ocid1.compartment.oc2..aaaa"),
        (
            "budget.compartmentId: is in realm oc2, but oci.compartmentId is in oc1, got "
            "'ocid1.compartment.oc2..aaaa'; give an OCID of the same tenancy"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_a_wrong_budget_or_alarm_is_refused_with_the_remedy(case: Wrong) -> None:
    assert_refused(case)
