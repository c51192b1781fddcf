"""Clusters that leave, in every way: what of the others changes, and in which order they go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.documents import cluster, documents, flannel
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.program import same_run
from tests.support.replacing import replacing_paths

LEAVING: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "two at once": ({"third": cluster(2), "fourth": cluster(3)}, ("third", "fourth")),
    "the last one of its region": ({"third": cluster(2)}, ("third",)),
    "one of two in a region": ({"third": cluster(2, region="us-sanjose-1")}, ("third",)),
    "a remote": ({"third": flannel(2, role="remote", primary="secondary")}, ("third",)),
}


def with_those(case: str, *, enabled: bool) -> Deployment:
    entries, _ = LEAVING[case]
    changes = {f"clusters__{key}": {**e, "enabled": enabled} for key, e in entries.items()}
    return same_run(documents(**changes))


@pytest.mark.parametrize("case", LEAVING)
def test_those_that_stay_are_changed_in_place(case: str) -> None:
    before = {resource.urn: resource for resource in with_those(case, enabled=True).resources}
    staying = with_those(case, enabled=False).resources
    replaced = {
        resource.name: found
        for resource in staying
        if resource.custom and not resource.type.startswith("pulumi:providers:")
        if (found := replacing_paths(before[resource.urn], resource))
    }
    assert replaced == {}


@pytest.mark.parametrize("case", LEAVING)
def test_their_readers_forget_them_by_an_update(case: str) -> None:
    names = {resource.name for resource in with_those(case, enabled=False).resources}
    assert {"primary-reads-others-secret", "secondary-reads-remotes-secret"} <= names


@pytest.mark.parametrize("case", LEAVING)
def test_each_that_leaves_drains_before_anything_of_it_goes(case: str) -> None:
    _, keys = LEAVING[case]
    made = with_those(case, enabled=True)
    for key in keys:
        for last in ("eastwestgateway-label", "ingressgateway-service", f"sample-helloworld-{key}"):
            assert order(made, f"{key}-{last}", f"{key}-drain-pause")
