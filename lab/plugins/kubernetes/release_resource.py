"""A Helm release as the engine sees it."""

from __future__ import annotations

from pathlib import Path as File
from typing import Any

from typing_extensions import override

from lab.plugins.base.checking import Checker
from lab.plugins.base.errors import Failure, InitError, InterruptError, PluginError
from lab.plugins.base.provider import Call, Checked, Resource, State
from lab.plugins.base.schema import ResourceSchema
from lab.plugins.base.values import UNKNOWN, Path, Properties, Unknown, has_unknown
from lab.plugins.kubernetes.charts import Chart, ChartError, find_local, is_exact, read_local
from lab.plugins.kubernetes.cluster import Cluster
from lab.plugins.kubernetes.helm import Command, Helm, HelmError
from lab.plugins.kubernetes.kinds import object_id, split_id
from lab.plugins.kubernetes.objects import automatic_name, dig
from lab.plugins.kubernetes.release_troubles import explain_release
from lab.plugins.kubernetes.releases import (
    DEPLOYED,
    Release,
    chart_words,
    install_words,
    latest_release,
    merged_values,
    template_words,
    uninstall_words,
    upgrade_words,
    with_defaults,
)

NAME_TAKEN = "a name that is still in use"
IDENTITY = (("name",), ("namespace",))


class ReleaseResource(Resource):
    """Installs, upgrades and removes a chart through the helm program."""

    def __init__(self, schema: ResourceSchema, checker: Checker, cluster: Cluster) -> None:
        super().__init__(schema, checker)
        self.cluster = cluster
        self.helm = Helm(cluster)

    @override
    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        failures = self.checker.failures(self.schema.inputs, news)
        if failures:
            return Checked(news, failures)
        if olds and self.cluster.is_skipped(call):
            return Checked(olds)
        inputs = with_defaults(news, self.cluster.namespace)
        inputs.setdefault("name", olds.get("name") or automatic_name(call.name))
        try:
            inputs = self._versioned(call, inputs)
        except (ChartError, HelmError) as error:
            return Checked(inputs, [Failure("chart", str(error))])
        return Checked(inputs)

    @override
    def forces_replace(self, path: Path) -> bool:
        return path in IDENTITY

    @override
    def preview_create(self, call: Call, inputs: Properties) -> Properties:
        self._render(call, inputs)
        return {**inputs, "status": UNKNOWN, "resourceNames": UNKNOWN}

    @override
    def create(self, call: Call, inputs: Properties) -> State:
        self.cluster.require()
        identity = object_id(inputs["namespace"], inputs["name"])
        words = install_words(inputs, _chart(inputs))
        try:
            release = Release(self._change(call, inputs, words))
        except (HelmError, InterruptError) as error:
            if NAME_TAKEN in str(error):
                raise self._name_taken(inputs) from error
            raise self._broken(inputs, error) from error
        return State(identity, inputs, release.outputs(inputs))

    @override
    def read(self, call: Call, state: State) -> State | None:
        if self.cluster.is_dropped(call):
            return None
        if self.cluster.is_skipped(call):
            return state
        self.cluster.require()
        namespace, name = split_id(state.id)
        release = self._find(namespace or self.cluster.namespace, name)
        if release is None:
            return None
        if not state.inputs:
            inputs = _imported(release)
            return State(state.id, inputs, release.outputs(inputs))
        inputs = self._drifted(state, release)
        outputs = release.outputs(inputs)
        if release.status == DEPLOYED:
            return State(state.id, inputs, outputs)
        reason = f"Helm release {state.id} is {release.status}: {release.description}"
        raise InitError([reason], resource_id=state.id, outputs=outputs, inputs=inputs)

    @override
    def preview_update(self, call: Call, old: State, news: Properties) -> Properties:
        self._render(call, news)
        return {**news, "status": UNKNOWN, "resourceNames": UNKNOWN}

    @override
    def update(self, call: Call, old: State, news: Properties) -> Properties:
        self.cluster.require()
        if news.get("lint"):
            lint = ["lint", _chart(news), "--values", "-"]
            self._run(call, news, lint, needs_cluster=False)
        try:
            return Release(self._change(call, news, upgrade_words(news, _chart(news)))).outputs(
                news
            )
        except (HelmError, InterruptError) as error:
            raise self._broken(news, error) from error

    @override
    def delete(self, call: Call, old: State) -> None:
        if self.cluster.is_dropped(call):
            return
        self.cluster.require()
        namespace, name = split_id(old.id)
        inputs = {**old.inputs, "name": name, "namespace": namespace}
        call.report(f"uninstalling {old.id}")
        self._run(call, inputs, uninstall_words(inputs))

    def _versioned(self, call: Call, inputs: Properties) -> Properties:
        """The inputs with the chart's own version, so that another chart shows as a change."""
        if isinstance(inputs["chart"], Unknown) or has_unknown(inputs.get("repositoryOpts")):
            return inputs
        local = find_local(inputs["chart"], File.cwd())
        if local is not None:
            return {**inputs, "version": read_local(local).version}
        if is_exact(inputs.get("version")) or has_unknown(inputs.get("version")):
            return inputs
        words = ["show", "chart", inputs["chart"], *chart_words(inputs)]
        shown = self._run(call, inputs, words, needs_cluster=False)
        return {**inputs, "version": Chart.parse(shown, inputs["chart"]).version}

    def _render(self, call: Call, inputs: Properties) -> None:
        """Try the values on a local chart; some charts render only against a cluster."""
        if has_unknown(inputs) or find_local(inputs["chart"], File.cwd()) is None:
            return
        try:
            self._run(call, inputs, template_words(inputs, _chart(inputs)), needs_cluster=False)
        except HelmError as error:
            call.warn(f"the chart does not render with these values: {error}")

    def _change(self, call: Call, inputs: Properties, words: list[str]) -> Any:
        call.report(f"helm {words[0]} {inputs['name']} {inputs.get('version') or ''}".strip())
        command = Command(words=words, namespace=inputs["namespace"], values=merged_values(inputs))
        return self.helm.ask(command, call.cancelled)

    def _run(
        self, call: Call, inputs: Properties, words: list[str], *, needs_cluster: bool = True
    ) -> str:
        command = Command(
            words=words,
            namespace=inputs["namespace"],
            values=merged_values(inputs),
            needs_cluster=needs_cluster,
        )
        return self.helm.run(command, call.cancelled)

    def _find(self, namespace: str, name: str) -> Release | None:
        """The latest revision that helm has written down; asking helm itself costs a sign-in."""
        query = {"labelSelector": f"owner=helm,name={name},status!=superseded"}
        path = f"/api/v1/namespaces/{namespace}/secrets"
        secrets = self.cluster.client.get(path, query).get("items") or []
        return latest_release(secrets)

    def _broken(self, inputs: Properties, error: PluginError) -> PluginError:
        """What a failed operation left: a release to be kept in the state, or nothing."""
        release = self._find(inputs["namespace"], inputs["name"])
        identity = object_id(inputs["namespace"], inputs["name"])
        if release is None:
            return HelmError(f"Helm release {identity}: {error}")
        what = f"Helm release {identity} is {release.status} (revision {release.revision}): {error}"
        return InitError(
            [what, *explain_release(self.cluster, release)],
            resource_id=identity,
            outputs=release.outputs(inputs),
        )

    def _name_taken(self, inputs: Properties) -> HelmError:
        identity = object_id(inputs["namespace"], inputs["name"])
        release = self._find(inputs["namespace"], inputs["name"])
        state = f"{release.status}, revision {release.revision}" if release else "state unknown"
        return HelmError(
            f"Helm release {identity}: the name is in use ({state}); import it "
            f"(`pulumi import`), or remove it with `helm uninstall`"
        )

    def _drifted(self, state: State, release: Release) -> Properties:
        """A release changes by new revisions only: another one was made by somebody else."""
        if dig(state.outputs, "status", "revision") == release.revision:
            return state.inputs
        return {**state.inputs, "values": release.values, "version": release.version}


def _chart(inputs: Properties) -> str:
    chart = str(inputs["chart"])
    local = find_local(chart, File.cwd())
    return chart if local is None else str(local)


def _imported(release: Release) -> Properties:
    inputs = {
        "chart": release.chart,
        "name": release.document["name"],
        "namespace": release.namespace,
        "values": release.values,
        "version": release.version,
    }
    return with_defaults(inputs, release.namespace)
