"""Helm releases as values: inputs, helm's words, charts, what a release says of itself."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from lab.plugins.base.errors import Failure, PluginError
from lab.plugins.base.provider import Call, Checked, State
from lab.plugins.base.values import SIGNATURE, UNKNOWN, Asset
from lab.plugins.kubernetes.charts import Chart, ChartError, find_local, is_exact, read_local
from lab.plugins.kubernetes.charts import repository_flags as flags
from lab.plugins.kubernetes.kinds import RELEASE_TOKEN
from lab.plugins.kubernetes.package import make_provider
from lab.plugins.kubernetes.release_resource import ReleaseResource
from lab.plugins.kubernetes.releases import (
    install_words,
    latest_release,
    merge,
    merged_values,
    resource_names,
    uninstall_words,
    upgrade_words,
    with_defaults,
)

Object = dict[str, Any]
CHART = "apiVersion: v2\nname: probe\nversion: 0.3.1\nappVersion: 2\n"


def release(**inputs: Any) -> Object:
    given = {"name": "istiod", "chart": "istiod", "version": "1.30.3", **inputs}
    return with_defaults(given, "istio-system")


def test_helm_is_told_everything_that_the_inputs_say() -> None:
    inputs = release(
        atomic=True,
        createNamespace=True,
        skipCrds=True,
        waitForJobs=True,
        timeout=90.0,
        description="ours",
        repositoryOpts={"repo": "https://charts.example", "caFile": "ca.pem"},
    )
    assert install_words(inputs, "istiod") == [
        *("install", "istiod", "istiod", "--values", "-", "--output", "json"),
        *("--timeout", "90s", "--version", "1.30.3"),
        *("--repo", "https://charts.example", "--ca-file", "ca.pem"),
        *("--atomic", "--skip-crds", "--create-namespace"),
        *("--description", "ours", "--wait", "--wait-for-jobs"),
    ]


def test_an_upgrade_has_its_own_words_and_keeps_every_revision() -> None:
    inputs = release(cleanupOnFail=True, resetValues=True, createNamespace=True)
    assert upgrade_words(inputs, "./chart") == [
        *("upgrade", "istiod", "./chart", "--values", "-", "--output", "json"),
        *("--timeout", "300s", "--version", "1.30.3"),
        *("--cleanup-on-fail", "--reset-values", "--wait", "--history-max", "0"),
    ]


def test_a_release_that_is_not_awaited_is_not_waited_for() -> None:
    inputs = release(skipAwait=True, waitForJobs=True)
    words = [*install_words(inputs, "istiod"), *uninstall_words(inputs)]
    assert not {"--wait", "--wait-for-jobs"} & set(words)


def test_removing_a_release_waits_until_its_objects_are_gone() -> None:
    assert uninstall_words(release(timeout=60)) == [
        *("uninstall", "istiod", "--ignore-not-found", "--wait", "--timeout", "60s")
    ]


def test_a_repository_password_never_reaches_a_command_line() -> None:
    with pytest.raises(ChartError) as raised:
        flags({"repo": "https://charts.example", "username": "me", "password": "hush"})
    assert str(raised.value) == (
        "repositoryOpts.password: not supported, since it would show in the process list; "
        "run `helm repo add` or `helm registry login` first and name the chart by that"
    )


def test_values_merge_deep_and_a_null_takes_a_default_away() -> None:
    base = {"pilot": {"cpu": 1, "env": {"A": "1"}}, "list": [1]}
    over = {"pilot": {"env": {"B": "2"}, "cpu": None}, "list": [2]}
    assert merge(base, over) == {
        "pilot": {"cpu": None, "env": {"A": "1", "B": "2"}},
        "list": [2],
    }


def test_values_files_come_before_values(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("a: 1\nb: {c: 1}\n")
    assets = [
        Asset({SIGNATURE: "x", "path": str(file)}),
        Asset({SIGNATURE: "x", "text": "b: {d: 2}"}),
    ]
    inputs = release(valueYamlFiles=assets, values={"b": {"c": 3.0}})
    assert merged_values(inputs) == {"a": 1, "b": {"c": 3, "d": 2}}


def test_a_values_file_must_be_a_file_or_a_text() -> None:
    with pytest.raises(PluginError) as raised:
        merged_values(release(valueYamlFiles=["values.yaml"]))
    assert str(raised.value) == "valueYamlFiles: must be file or text assets"


def test_objects_are_named_by_kind_and_api_version() -> None:
    manifest = """
---
# Source: a comment alone
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: mesh}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: mesh}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {odd: =}
"""
    assert resource_names(manifest) == {
        "Deployment.apps/apps/v1": ["web"],
        "Service/v1": ["mesh/a", "mesh/b"],
    }


def stored(revision: int, status: str, **more: Any) -> Object:
    document = {
        "name": "istiod",
        "namespace": "istio-system",
        "version": revision,
        "info": {"status": status, "description": "said so"},
        "chart": {"metadata": {"name": "istiod", "version": "1.30.3", "appVersion": "1.30"}},
        "config": {"a": 1},
        "manifest": "",
        **more,
    }
    packed = base64.b64encode(gzip.compress(json.dumps(document).encode()))
    return {
        "metadata": {"labels": {"version": str(revision)}},
        "data": {"release": base64.b64encode(packed).decode()},
    }


def test_the_highest_revision_is_the_release() -> None:
    found = latest_release([stored(9, "deployed"), stored(10, "failed")])
    assert found is not None
    assert (found.revision, found.status, found.description) == (10, "failed", "said so")


def test_a_release_that_nobody_wrote_down_is_none() -> None:
    assert latest_release([]) is None


def test_a_release_tells_its_status_beside_its_inputs() -> None:
    found = latest_release([stored(2, "deployed")])
    assert found is not None
    assert found.outputs({"name": "istiod"}) == {
        "name": "istiod",
        "status": {
            "appVersion": "1.30",
            "chart": "istiod",
            "name": "istiod",
            "namespace": "istio-system",
            "revision": 2,
            "status": "deployed",
            "version": "1.30.3",
        },
        "resourceNames": {},
    }


# Charts.


@pytest.fixture(name="chart")
def chart_folder(tmp_path: Path) -> Path:
    (tmp_path / "probe").mkdir()
    (tmp_path / "probe" / "Chart.yaml").write_text(CHART)
    return tmp_path / "probe"


def test_a_chart_folder_says_its_version(chart: Path) -> None:
    assert read_local(chart) == Chart("probe", "0.3.1", "2", "application")


def test_a_packed_chart_says_its_version(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "probe.tgz", "w:gz") as archive:
        for name in ("probe/charts/inner/Chart.yaml", "probe/Chart.yaml"):
            member = tarfile.TarInfo(name)
            content = CHART if name == "probe/Chart.yaml" else "name: inner\nversion: 9.9.9\n"
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    assert read_local(tmp_path / "probe.tgz").version == "0.3.1"


def test_a_folder_without_a_chart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChartError) as raised:
        read_local(tmp_path)
    assert str(raised.value) == f"{tmp_path}: has no Chart.yaml; name the chart's own folder"


def test_a_library_chart_is_refused(chart: Path) -> None:
    (chart / "Chart.yaml").write_text(CHART + "type: library\n")
    with pytest.raises(ChartError) as raised:
        read_local(chart)
    assert str(raised.value) == f"{chart}/Chart.yaml: a library chart cannot be installed"


def test_a_name_that_is_no_path_is_left_to_a_repository(tmp_path: Path) -> None:
    assert find_local("istiod", tmp_path) is None
    assert find_local("oci://registry/istiod", tmp_path) is None


def test_a_path_without_a_chart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChartError) as raised:
        find_local("./absent", tmp_path)
    assert str(raised.value) == f"{tmp_path / 'absent'}: no such chart folder or archive"


@pytest.mark.parametrize(
    ("version", "exact"),
    [("1.30.3", True), ("v1.30.3-rc.1", True), (">=1.2", False), ("1.30", False), (None, False)],
)
def test_a_version_is_exact_or_a_range(version: str | None, *, exact: bool) -> None:
    assert is_exact(version) is exact


# The resource, as far as it needs no cluster.


@pytest.fixture(name="resource")
def release_resource() -> ReleaseResource:
    provider = make_provider()
    provider.configure({"kubeconfig": "apiVersion: v1\nkind: Config\n"})
    resource = provider.resource(RELEASE_TOKEN)
    assert isinstance(resource, ReleaseResource)
    return resource


CALL = Call(urn="urn:pulumi:s::p::t::base", name="base", type=RELEASE_TOKEN)


def checked(resource: ReleaseResource, news: Object, olds: Object | None = None) -> Checked:
    return resource.check(CALL, news, olds or {})


def test_inputs_are_shown_in_full_with_the_charts_version(
    resource: ReleaseResource, chart: Path
) -> None:
    inputs = checked(resource, {"chart": str(chart), "name": "base"}).inputs
    assert {"name", "namespace", "version", "timeout", "values", "atomic"} <= inputs.keys()
    assert (inputs["version"], inputs["namespace"], inputs["timeout"]) == ("0.3.1", "default", 300)


def test_a_release_without_a_name_gets_one_and_keeps_it(
    resource: ReleaseResource, chart: Path
) -> None:
    first = checked(resource, {"chart": str(chart)}).inputs
    assert first["name"].startswith("base-")
    assert checked(resource, {"chart": str(chart)}, first).inputs["name"] == first["name"]


def test_an_unknown_input_is_told(resource: ReleaseResource, chart: Path) -> None:
    (failure,) = checked(resource, {"chart": str(chart), "atomik": True}).failures
    assert failure.property == "atomik"


def test_a_missing_chart_is_told(resource: ReleaseResource) -> None:
    (failure,) = checked(resource, {"name": "base"}).failures
    assert failure == Failure("chart", "required property is missing")


def test_a_chart_that_is_not_there_is_told(resource: ReleaseResource, tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    (failure,) = checked(resource, {"chart": str(absent)}).failures
    assert failure == Failure("chart", f"{absent}: no such chart folder or archive")


def test_a_changed_value_is_one_field_in_place(resource: ReleaseResource, chart: Path) -> None:
    def inputs(cpu: str) -> Object:
        values = {"pilot": {"cpu": cpu, "env": {"A": "1"}}}
        return checked(resource, {"chart": str(chart), "name": "x", "values": values}).inputs

    found = resource.diff(CALL, State("default/x", inputs("1"), {}), inputs("2"))
    assert [(change.path, change.replace) for change in found.changes] == [
        (("values", "pilot", "cpu"), False)
    ]


@pytest.mark.parametrize("field", ["name", "namespace"])
def test_another_place_replaces_the_release(
    resource: ReleaseResource, chart: Path, field: str
) -> None:
    old = checked(resource, {"chart": str(chart), "name": "x"}).inputs
    found = resource.diff(CALL, State("default/x", old, {}), {**old, field: "other"})
    assert [(change.path, change.replace) for change in found.changes] == [((field,), True)]


def test_a_preview_does_not_know_what_helm_will_say(resource: ReleaseResource) -> None:
    inputs = release(values={"a": UNKNOWN})
    outputs = resource.preview_create(CALL, inputs)
    assert outputs == {**inputs, "status": UNKNOWN, "resourceNames": UNKNOWN}
