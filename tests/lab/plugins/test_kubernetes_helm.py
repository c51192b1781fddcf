"""Helm releases through the helm program, on a real API server."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.paths import LabPaths
from lab.plugins.base.errors import InitError, PluginError
from lab.plugins.base.provider import State
from lab.plugins.kubernetes.helm import Helm
from lab.plugins.kubernetes.kinds import RELEASE_TOKEN as RELEASE
from tests.lab.plugins.kubernetes_control_plane import TOKEN
from tests.lab.plugins.kubernetes_engine import Engine, Object

TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  colour: {{ required "a colour is needed" .Values.colour | quote }}
{{- if .Values.stuck }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
spec:
  type: LoadBalancer
  ports: [{port: 80}]
{{- end }}
"""


def why_no_helm() -> str | None:
    try:
        LabPaths.locate().tool("helm")
    except LabError as error:
        return str(error)
    return None


pytestmark = pytest.mark.skipif(why_no_helm() is not None, reason=f"no helm: {why_no_helm()}")


@pytest.fixture(name="chart")
def chart_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "chart" / "templates" / "all.yaml").write_text(TEMPLATE)
    write_version(tmp_path / "chart", "0.1.0")
    return tmp_path / "chart"


def write_version(chart: Path, version: str) -> None:
    (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: probe\nversion: {version}\n")


def inputs(engine: Engine, chart: Path, **values: object) -> Object:
    return {
        "chart": str(chart),
        "name": "probe",
        "namespace": engine.namespace,
        "timeout": 1.0,
        "values": values,
    }


def colour(engine: Engine) -> str | None:
    live = engine.get(f"/api/v1/namespaces/{engine.namespace}/configmaps/probe")
    return None if live is None else live["data"]["colour"]


def test_a_release_installs_changes_and_goes(engine: Engine, chart: Path) -> None:
    state = engine.create(RELEASE, inputs(engine, chart, colour="red"))
    assert (state.id, colour(engine)) == (f"{engine.namespace}/probe", "red")
    assert state.outputs["resourceNames"] == {"ConfigMap/v1": [f"{engine.namespace}/probe"]}
    write_version(chart, "0.2.0")
    state = engine.update(RELEASE, state, inputs(engine, chart, colour="blue"))
    status = state.outputs["status"]
    assert (colour(engine), status["revision"], status["version"]) == ("blue", 2, "0.2.0")
    engine.delete(RELEASE, state)
    assert colour(engine) is None


def test_a_kubeconfig_given_as_text_reaches_helm_in_memory(engine: Engine) -> None:
    with Helm(engine.provider.cluster).kubeconfig() as (descriptor, file):
        assert file == f"/proc/self/fd/{descriptor}"
        assert Path(file).readlink().as_posix().startswith("/memfd:")
        assert json.loads(Path(file).read_text())["users"][0]["user"]["token"] == TOKEN


def test_a_read_without_a_change_gives_the_inputs_back(engine: Engine, chart: Path) -> None:
    state = engine.create(RELEASE, inputs(engine, chart, colour="red"))
    assert engine.read(RELEASE, state) == state


def test_a_read_shows_a_revision_that_somebody_else_made(engine: Engine, chart: Path) -> None:
    state = engine.create(RELEASE, inputs(engine, chart, colour="red"))
    engine.update(RELEASE, state, inputs(engine, chart, colour="green"))
    seen = engine.read(RELEASE, state)
    assert seen is not None
    assert seen.inputs == {**state.inputs, "values": {"colour": "green"}}


def test_a_read_of_a_release_that_is_gone_finds_nothing(engine: Engine, chart: Path) -> None:
    state = engine.create(RELEASE, inputs(engine, chart, colour="red"))
    engine.delete(RELEASE, state)
    assert engine.read(RELEASE, state) is None


def test_a_release_can_be_imported(engine: Engine, chart: Path) -> None:
    made = engine.create(RELEASE, inputs(engine, chart, colour="red"))
    seen = engine.read(RELEASE, State(made.id, {}, {}))
    assert seen is not None
    assert (seen.inputs["name"], seen.inputs["values"], seen.inputs["version"]) == (
        "probe",
        {"colour": "red"},
        "0.1.0",
    )


def test_values_that_the_chart_refuses_leave_nothing(engine: Engine, chart: Path) -> None:
    with pytest.raises(PluginError, match=r": a colour is needed$") as raised:
        engine.create(RELEASE, inputs(engine, chart))
    assert not isinstance(raised.value, InitError)


def test_a_preview_warns_of_values_that_the_chart_refuses(engine: Engine, chart: Path) -> None:
    warnings: list[str] = []
    call = engine.call(RELEASE, preview=True, warn=warnings.append)
    engine.resource(RELEASE).preview_create(call, engine.check(RELEASE, inputs(engine, chart)))
    (warning,) = warnings
    assert warning.startswith("the chart does not render with these values: ")


def test_a_release_that_does_not_come_up_is_kept_and_explained(engine: Engine, chart: Path) -> None:
    with pytest.raises(InitError) as raised:
        engine.create(RELEASE, inputs(engine, chart, colour="red", stuck=True))
    fault = raised.value
    assert fault.reasons[0].startswith(
        f"Helm release {engine.namespace}/probe is failed (revision 1): INSTALLATION FAILED: "
    )
    assert fault.reasons[1] == (
        f"Service {engine.namespace}/probe: the load balancer has no address yet"
    )
    assert fault.outputs["status"]["status"] == "failed"


def test_a_failed_release_is_told_by_a_read_and_mended_by_an_update(
    engine: Engine, chart: Path
) -> None:
    news = inputs(engine, chart, colour="red", stuck=True)
    with pytest.raises(InitError) as raised:
        engine.create(RELEASE, news)
    state = State(raised.value.resource_id, engine.check(RELEASE, news), raised.value.outputs)
    with pytest.raises(InitError, match=r"^Helm release \S+ is failed: "):
        engine.read(RELEASE, state)
    mended = engine.update(RELEASE, state, inputs(engine, chart, colour="blue"))
    assert (mended.outputs["status"]["status"], colour(engine)) == ("deployed", "blue")


def test_an_atomic_release_that_does_not_come_up_leaves_nothing(
    engine: Engine, chart: Path
) -> None:
    news = inputs(engine, chart, colour="red", stuck=True)
    with pytest.raises(PluginError) as raised:
        engine.create(RELEASE, {**news, "atomic": True})
    assert not isinstance(raised.value, InitError)
    assert colour(engine) is None


def test_an_atomic_upgrade_that_fails_goes_back_and_says_so(engine: Engine, chart: Path) -> None:
    state = engine.create(RELEASE, inputs(engine, chart, colour="red"))
    news = inputs(engine, chart, colour="blue", stuck=True)
    with pytest.raises(InitError) as raised:
        engine.update(RELEASE, state, {**news, "atomic": True})
    status = raised.value.outputs["status"]
    assert (colour(engine), status["status"], status["revision"]) == ("red", "deployed", 3)


def test_a_name_that_is_taken_is_refused(engine: Engine, chart: Path) -> None:
    engine.create(RELEASE, inputs(engine, chart, colour="red"))
    with pytest.raises(PluginError) as raised:
        engine.create(RELEASE, inputs(engine, chart, colour="blue"))
    assert str(raised.value) == (
        f"Helm release {engine.namespace}/probe: the name is in use (deployed, revision 1); "
        "import it (`pulumi import`), or remove it with `helm uninstall`"
    )


def set_when_there(engine: Engine, path: str, event: threading.Event) -> None:
    """Set the event when the API server has the object, which helm records before it waits."""
    deadline = time.monotonic() + 60
    while engine.get(path) is None and time.monotonic() < deadline:
        event.wait(0.05)
    event.set()


def test_a_cancelled_operation_ends_helm_and_keeps_what_it_left(
    engine: Engine, chart: Path
) -> None:
    cancelled = threading.Event()
    call = engine.call(RELEASE, cancelled=cancelled)
    news = {**inputs(engine, chart, colour="red", stuck=True), "timeout": 600.0}
    path = f"/api/v1/namespaces/{news['namespace']}/services/{news['name']}"
    watch = threading.Thread(target=set_when_there, args=(engine, path, cancelled), daemon=True)
    watch.start()
    with pytest.raises(InitError, match=r"^Helm release \S+ is failed \(revision 1\): helm: canc"):
        engine.resource(RELEASE).create(call, engine.check(RELEASE, news))
    watch.join()
