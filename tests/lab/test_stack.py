"""The whole program on one machine: what comes up, what stays, what a change and a fault do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from oci.core import VirtualNetworkClient
from oci.core.models import UpdateRouteTableDetails

from lab.stack import STACK
from tests.lab.stack_kit import KEYS, Lab, git_status, steps
from tests.lab.stream import stream

pytestmark = pytest.mark.lab

SHAPE_MAX = "service.beta.kubernetes.io/oci-load-balancer-shape-flex-max"


def test_up_ends_with_the_table_and_what_to_try_next(lab: Lab) -> None:
    assert "oke-mesh: verified\n\nnext:\n" in lab.first.out


def test_every_cluster_is_answered_by_every_other(lab: Lab) -> None:
    found = lab.outputs()["verification"]
    assert found["passed"]
    for client in KEYS:
        answers = found["pairs"][client]
        assert sum(answers.values()) == found["requests"]
        assert all(30 <= answers[server] <= 70 for server in KEYS), answers


def test_what_the_lab_lacks_for_production_is_told_with_what_was_seen(lab: Lab) -> None:
    said = lab.ops("ready", "--json")
    assert said.code == 1, said.text
    checks = json.loads(said.out)["checks"]
    against = {check["kind"] for check in checks if check["status"] == "FAILED"}
    # It has one of everything, on one machine.
    small = {"replicas", "nodes", "state", "protection", "samples"}
    assert against == {*small, "authorization", "alerts"}
    good = {f"{c['kind']} {c['subject']}": c["seen"] for c in checks if c["status"] == "ok"}
    assert good["mtls primary"] == "STRICT for the whole mesh, and nothing weaker"
    assert good["api secondary"] == lab.outputs()["clusters"]["secondary"]["privateEndpoint"]
    assert re.fullmatch(
        r"the root ends in 36\d\d days, the intermediate ends in 1[78]\d days",
        good["certificates primary"],
    )


def test_up_leaves_the_checkout_as_it_was(lab: Lab) -> None:
    assert git_status(lab.paths) == lab.status_before


def test_a_preview_of_what_is_there_is_empty(lab: Lab) -> None:
    said = lab("preview", "--expect-no-changes")
    assert said.code == 0, said.text


def test_a_refresh_finds_what_the_state_says(lab: Lab) -> None:
    said = lab("refresh", "--expect-no-changes")
    assert said.code == 0, said.text


def test_a_second_update_changes_nothing_and_shows_the_table(lab: Lab) -> None:
    said = lab("deploy", "--expect-no-changes")
    assert said.code == 0, said.text
    assert "oke-mesh: verified\n" in said.out


def test_one_changed_setting_changes_what_it_names_and_comes_back(lab: Lab, tmp_path: Path) -> None:
    at = ("oke-mesh:mesh", "eastWest", "maxMbps")
    changed = ("--config-file", str(lab.changed_settings(tmp_path, at, 200)))
    found = steps(lab.pulumi("preview", "--json", "--stack", STACK, *changed))
    services = {f"{key}-eastwestgateway-service": "update" for key in KEYS}
    # The mesh is another one, so it is verified again.
    assert {name: operation for name, (operation, _) in found.items()} == {
        **services,
        "verification-run": "update",
    }

    now = ("up", "--yes", "--skip-preview", "--stack", STACK)
    assert lab.pulumi(*now, *changed).code == 0
    assert _east_west_limits(lab) == {200}
    assert lab.pulumi(*now).code == 0
    assert _east_west_limits(lab) == {100}


def test_another_number_of_requests_verifies_again_in_place(lab: Lab, tmp_path: Path) -> None:
    at = ("oke-mesh:verification", "requests")
    changed = ("--config-file", str(lab.changed_settings(tmp_path, at, 40)))
    found = steps(lab.pulumi("preview", "--json", "--stack", STACK, *changed))
    assert {name: operation for name, (operation, _) in found.items()} == {
        "verification-run": "update"
    }

    now = ("up", "--yes", "--skip-preview", "--stack", STACK)
    assert lab.pulumi(*now, *changed).code == 0
    assert lab.outputs()["verification"]["requests"] == 40
    assert lab.pulumi(*now).code == 0
    assert lab.outputs()["verification"]["requests"] == 100


@pytest.mark.parametrize(
    ("path", "value"),
    [("mesh.trustDomain", "other.local"), ("clusters.primary.network", "east")],
)
def test_an_outage_is_refused_before_anything_is_touched(
    lab: Lab, tmp_path: Path, *, path: str, value: str
) -> None:
    """Also without a preview; and a refused update does not forget what there is."""
    before, at = lab.outputs(), f"oke-mesh:{path}".split(".")
    changed = ("--config-file", str(lab.changed_settings(tmp_path, at, value)))
    for words in (("preview",), ("up", "--yes", "--skip-preview")):
        said = lab.pulumi(*words, "--stack", STACK, *changed)
        assert said.code != 0
        assert f"  {path}: was " in said.text
        assert _known(lab.outputs()) == _known(before)


def _known(value: Any) -> Any:
    """Without what is null, which Pulumi does not hand to a program."""
    if not isinstance(value, dict):
        return value
    return {name: _known(found) for name, found in value.items() if found is not None}


def _east_west_limits(lab: Lab) -> set[int]:
    words = ("--namespace", "istio-system", "get", "service", "istio-eastwestgateway")
    path = "jsonpath={.metadata.annotations." + SHAPE_MAX.replace(".", r"\.") + "}"
    return {int(lab.kubectl(key, *words, "--output", path)) for key in KEYS}


def test_a_preview_of_one_more_cluster_reads_its_limits(lab: Lab, tmp_path: Path) -> None:
    third = {
        "region": "us-ashburn-1",
        "vcnCidr": "10.2.0.0/16",
        "servicesCidr": "10.98.0.0/16",
    }
    file = lab.changed_settings(tmp_path, ("oke-mesh:clusters", "third"), third)
    said = lab.pulumi("preview", "--stack", STACK, "--config-file", str(file))
    assert said.code == 0, said.text
    assert "limits: not read" not in said.text
    too_many = {**third, "nodePools": {"np1": {"size": 20, "ocpus": 100, "memoryGb": 100}}}
    file = lab.changed_settings(tmp_path, ("oke-mesh:clusters", "third"), too_many)
    said = lab.pulumi("preview", "--stack", STACK, "--config-file", str(file))
    assert said.code != 0
    assert "limit standard-e4-core-count of us-ashburn-1: leaves room for" in said.text


def test_no_request_fails_while_one_region_has_no_helloworld(lab: Lab) -> None:
    """The other region's client goes on asking while v1 goes away and comes back."""
    with stream(lab, "secondary") as answers:
        answers.until({"v1", "v2"})
        _scale(lab, 0)
        answers.until({"v2"})
        _scale(lab, 1)
        answers.until({"v1", "v2"})
    assert answers.failed == []
    assert answers.count > 100


def _scale(lab: Lab, replicas: int) -> None:
    place = ("--namespace", "sample", "deployment/helloworld-v1")
    lab.kubectl("primary", "scale", *place, f"--replicas={replicas}")
    lab.kubectl("primary", "rollout", "status", *place, "--timeout=60s")


def test_a_lost_route_between_the_regions_is_named_and_mended(lab: Lab) -> None:
    """Deleted behind Pulumi's back: the packets stop, and both clients say who does not answer."""
    _drop_routes(lab, "primary", to="10.0.0.0/8")
    said = lab.verify("--requests", "10", "--timeout", "1")
    assert said.code == 1, said.text
    for client, server in (KEYS, KEYS[::-1]):
        assert re.search(rf"^ +{client}: .*; no answer from {server};", said.out, re.MULTILINE)

    mended = lab("deploy", "--refresh")
    assert mended.code == 0, mended.text
    assert re.search(r"^network .* 1 changed", mended.err, re.MULTILINE)
    assert "oke-mesh: verified\n" in mended.out


def _drop_routes(lab: Lab, key: str, *, to: str) -> None:
    network = lab.client(VirtualNetworkClient, key)
    (table,) = (
        table
        for table in network.list_route_tables(lab.compartment_id).data
        if table.display_name.endswith("-private-routes")
    )
    kept = [rule for rule in table.route_rules if rule.destination != to]
    assert len(kept) < len(table.route_rules)
    network.update_route_table(table.id, UpdateRouteTableDetails(route_rules=kept))
