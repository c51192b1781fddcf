"""A Helm release as values: inputs with defaults, helm's words for them, and what came of it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.plugins.base.errors import PluginError
from lab.plugins.base.values import Asset, Properties, Value
from lab.plugins.kubernetes.charts import repository_flags
from lab.plugins.kubernetes.kinds import object_id
from lab.plugins.kubernetes.objects import dig, for_server, name_of, namespace_of

DEFAULT_TIMEOUT_S = 300
DEPLOYED = "deployed"

# What the released plugin fills in; a preview shows a release's inputs in full.
DEFAULTS: Mapping[str, Any] = {
    "atomic": False,
    "cleanupOnFail": False,
    "createNamespace": False,
    "dependencyUpdate": False,
    "devel": False,
    "disableCRDHooks": False,
    "disableOpenapiValidation": False,
    "disableWebhooks": False,
    "forceUpdate": False,
    "lint": False,
    "recreatePods": False,
    "renderSubchartNotes": False,
    "replace": False,
    "resetValues": False,
    "reuseValues": False,
    "skipAwait": False,
    "skipCrds": False,
    "verify": False,
    "waitForJobs": False,
}
OUTPUTS_ONLY = frozenset({"resourceNames", "manifest", "status", "checksum"})

SWITCHES = {
    "atomic": "--atomic",
    "dependencyUpdate": "--dependency-update",
    "devel": "--devel",
    "disableOpenapiValidation": "--disable-openapi-validation",
    "disableWebhooks": "--no-hooks",
    "renderSubchartNotes": "--render-subchart-notes",
    "skipCrds": "--skip-crds",
    "verify": "--verify",
}
INSTALL_SWITCHES = SWITCHES | {"createNamespace": "--create-namespace", "replace": "--replace"}
UPGRADE_SWITCHES = SWITCHES | {
    "cleanupOnFail": "--cleanup-on-fail",
    "disableCRDHooks": "--no-hooks",
    "forceUpdate": "--force",
    "recreatePods": "--recreate-pods",
    "resetValues": "--reset-values",
    "reuseValues": "--reuse-values",
}
WORDS = {"description": "--description", "keyring": "--keyring", "postrender": "--post-renderer"}


def with_defaults(inputs: Properties, namespace: str) -> Properties:
    """The inputs as they are kept in the state."""
    given = {key: value for key, value in inputs.items() if key not in OUTPUTS_ONLY}
    full = {**DEFAULTS, "namespace": namespace, "values": {}, **given}
    if full["skipAwait"] is False:
        full.setdefault("timeout", DEFAULT_TIMEOUT_S)
    return full


def install_words(inputs: Properties, chart: str) -> list[str]:
    return ["install", inputs["name"], chart, *_shared_words(inputs, INSTALL_SWITCHES)]


def upgrade_words(inputs: Properties, chart: str) -> list[str]:
    words = ["upgrade", inputs["name"], chart, *_shared_words(inputs, UPGRADE_SWITCHES)]
    # Helm's own default is ten revisions; the released plugin keeps them all.
    return [*words, "--history-max", str(int(inputs.get("maxHistory") or 0))]


def template_words(inputs: Properties, chart: str) -> list[str]:
    return ["template", inputs["name"], chart, "--namespace", inputs["namespace"], *VALUES]


def uninstall_words(inputs: Properties) -> list[str]:
    words = ["uninstall", inputs["name"], "--ignore-not-found"]
    if inputs.get("atomic") or not inputs.get("skipAwait"):
        words += ["--wait", "--timeout", _timeout(inputs)]
    return words


VALUES = ("--values", "-")


def chart_words(inputs: Properties) -> list[str]:
    """Which chart: its version, and the repository that it comes from."""
    words = repository_flags(inputs.get("repositoryOpts") or {})
    return ["--version", inputs["version"], *words] if inputs.get("version") else words


def _shared_words(inputs: Properties, switches: Mapping[str, str]) -> list[str]:
    words = [*VALUES, "--output", "json", "--timeout", _timeout(inputs), *chart_words(inputs)]
    words += dict.fromkeys(flag for key, flag in switches.items() if inputs.get(key))
    for key, flag in WORDS.items():
        if inputs.get(key):
            words += [flag, str(inputs[key])]
    if not inputs.get("skipAwait"):
        words += ["--wait", *(["--wait-for-jobs"] if inputs.get("waitForJobs") else [])]
    return words


def _timeout(inputs: Properties) -> str:
    return f"{int(inputs.get('timeout') or DEFAULT_TIMEOUT_S)}s"


def merged_values(inputs: Properties) -> Properties:
    """The values files in their order, and the values over them."""
    merged: Properties = {}
    for asset in inputs.get("valueYamlFiles") or ():
        merged = merge(merged, _read_values(asset))
    result: Properties = merge(merged, _integers(inputs.get("values") or {}))
    return result


def merge(base: Value, over: Value) -> Value:
    """Maps merge key by key; anything else, a null too, takes the place of what was there."""
    if isinstance(base, dict) and isinstance(over, dict):
        both = {key: merge(base[key], over[key]) for key in base.keys() & over.keys()}
        return {**base, **over, **both}
    return over


def _integers(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _integers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_integers(item) for item in value]
    return for_server(value)


def _read_values(asset: Value) -> Properties:
    fields = asset.fields if isinstance(asset, Asset) else {}
    if fields.get("text") is not None:
        text = str(fields["text"])
    elif fields.get("path"):
        text = Path(str(fields["path"])).read_text()
    else:
        raise PluginError("valueYamlFiles: must be file or text assets")
    document = yaml.safe_load(text) or {}
    if not isinstance(document, dict):
        raise PluginError("valueYamlFiles: must hold a map of values")
    return document


@dataclass(frozen=True, slots=True)
class Release:
    """A release as the cluster has it."""

    document: Mapping[str, Any]

    @property
    def status(self) -> str:
        return str(self.document["info"]["status"])

    @property
    def description(self) -> str:
        return str(self.document["info"].get("description") or "")

    @property
    def revision(self) -> int:
        return int(self.document["version"])

    @property
    def version(self) -> str:
        return str(self._metadata.get("version"))

    @property
    def chart(self) -> str:
        return str(self._metadata.get("name"))

    @property
    def namespace(self) -> str:
        return str(self.document["namespace"])

    @property
    def manifest(self) -> str:
        return str(self.document.get("manifest") or "")

    @property
    def values(self) -> Properties:
        """What was set on it, without the chart's defaults."""
        return dict(self.document.get("config") or {})

    @property
    def _metadata(self) -> Mapping[str, Any]:
        metadata: Mapping[str, Any] = self.document["chart"]["metadata"]
        return metadata

    def outputs(self, inputs: Properties) -> Properties:
        """What a program reads of the release."""
        return {
            **inputs,
            "status": {
                "appVersion": self._metadata.get("appVersion"),
                "chart": self.chart,
                "name": self.document["name"],
                "namespace": self.namespace,
                "revision": self.revision,
                "status": self.status,
                "version": self.version,
            },
            "resourceNames": resource_names(self.manifest),
        }


def latest_release(secrets: Sequence[Properties]) -> Release | None:
    """The highest revision among the Secrets in which helm keeps a release."""
    if not secrets:
        return None
    latest = max(secrets, key=lambda item: int(dig(item, "metadata", "labels", "version") or 0))
    # Helm's own base64 inside that of the API.
    packed = base64.b64decode(base64.b64decode(latest["data"]["release"]))
    return Release(json.loads(gzip.decompress(packed)))


def manifest_objects(manifest: str) -> Iterator[Properties]:
    """The objects of a manifest, with every scalar as text."""
    # The base loader leaves every scalar a string, which a stray `=` or date cannot break.
    for document in yaml.load_all(manifest, Loader=yaml.CBaseLoader):
        if isinstance(document, dict) and "kind" in document:
            yield document


def resource_names(manifest: str) -> dict[str, Sequence[str]]:
    """The objects of a manifest by kind and API version: `Deployment.apps/apps/v1`."""
    found: dict[str, set[str]] = {}
    for document in manifest_objects(manifest):
        api_version = str(document.get("apiVersion"))
        group = api_version.rpartition("/")[0]
        kind = f"{document['kind']}.{group}" if group else str(document["kind"])
        name = object_id(namespace_of(document), name_of(document))
        found.setdefault(f"{kind}/{api_version}", set()).add(name)
    return {kind: sorted(names) for kind, names in sorted(found.items())}
