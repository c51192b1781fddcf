"""Writes docs/observability.md: settings, what they become, and alerts.

`python -m docs.generate_observability`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from components.config.parse import parse
from components.config.rules.given import GivenSecrets
from components.mesh.extension import extension_of
from components.observability.alerts import Alert, cluster_alerts, view_alerts
from components.observability.grafana import GrafanaArgs, grafana_values
from components.observability.kiali import KialiArgs, kiali_values
from components.observability.policies import policies
from components.observability.prometheus import prometheus_values, view_values
from components.observability.telemetry import telemetry
from components.observability.tracing import tracing_values
from components.plan.plan import Plan, build_plan
from components.settings.observability import ObservabilitySettings
from components.settings.stack import Settings
from docs.example_mesh import MESH, fenced, lines_of

FILE: Final = Path(__file__).with_name("observability.md")

_INTRODUCTION: Final = """\
# Observability

<!-- Written by `python -m docs.generate_observability`; edit that script instead. -->

The document `oke-mesh:observability` asks for metrics, alerts, traces, and the pages that show
them. Without it nothing of this is made. Every field is in [settings.md](settings.md); below is
each with what it becomes. [ADR 0025](adr/0025-each-cluster-watches-itself.md) says why it is so.

```yaml
oke-mesh:observability:
  home: primary
```

That alone gives every cluster Prometheus, Alertmanager and kube-state-metrics in the namespace
`observability`, and the home a second Prometheus with the metrics of all clusters, and Grafana:

```
      primary (home)                                      secondary
┌─────────────────────────────┐                    ┌─────────────────────────────┐
│ Grafana, Kiali ─▶ the view ◀┼── remote write ────┼─ Prometheus ─▶ Alertmanager │
│ Jaeger ◀────────────┐  ▲    │  mesh's mTLS by    │      │                      │
│        Prometheus ──┼──┘    │  east-west gateway │      │ scrapes pods         │
│            │        └───────┼── spans, OTLP ─────┼── proxies                   │
│            └── scrapes pods │                    │                             │
└─────────────────────────────┘                    └─────────────────────────────┘
```

- Metrics bear `cluster`, Istio's name of it, and `region`.
- Each cluster's Prometheus has a name of its own, such as `prometheus-primary`, and the view one
  that the home alone has. Every pod calls them by these names through the mesh, so there is no way
  between clusters but those that workloads have: no load balancer, port or peering more.
- Every cluster judges its own alerts and tells of them by itself.
- Each Prometheus also calls those of all other clusters through the mesh, and an alert tells which
  does not answer: one request tries name, remote Secret, gateway, peering and certificates.

## What a lost region does

- **A cluster is lost.** The others go on with their alerts; `ClusterSilent` and
  `ClusterOutOfReach` tell of it. The view keeps what it has, and gets nothing more.
- **The way to it is lost.** It goes on to watch itself and to tell of its alerts. If the way is
  back within about two hours, the view misses nothing: what was measured meanwhile is sent later.
- **The home is lost.** Every cluster goes on to watch itself and to tell of its alerts. The view,
  the pages and the traces are gone; spans are thrown away, and no request waits for them.

`kubectl --namespace observability port-forward service/prometheus-secondary 9090` reads a cluster
without the home. Another home begins with an empty view.

## Who gets in

Grafana and Kiali ask for a login. Prometheus, Alertmanager and Jaeger know none, so
AuthorizationPolicies let in those parts of the mesh that need them, by identity, and refuse all
others, whatever `mesh.authorization` says. They are there before the pods are. `kubectl
port-forward` passes by the proxy, and needs rights in the namespace.

- Grafana's user is `admin`. The program made the password, which stands in a Secret and in no Helm
  value: `pulumi stack output --show-secrets grafanaPassword`.
- Kiali of several clusters takes a login by OpenID alone. `kiali.openId` names a provider, such as
  an identity domain of Oracle Cloud, that has Kiali's URL as a redirect; its secret for Kiali is
  `kialiClientSecret`. Whoever it signs in sees all clusters and changes nothing. Of one cluster
  Kiali takes a Kubernetes token too.
- A host is an entry of `mesh.ingress.hosts` with HTTPS ([ingress.md](ingress.md)). Without one a
  page is reached by `kubectl port-forward` alone.
- Metrics of proxies and of istiod are read without mTLS by whoever reaches a pod, as in any mesh of
  Istio's.
"""

_TELEMETRY: Final = """\
Metrics are those of Istio. Where `traffic.services` limits connections, proxies also count the open
ones, for `HighConnectionPoolUsage`:
"""

_ENDING: Final = """\
## What it costs

Block volumes are what is paid for beyond nodes. At list prices of 0.0255 US dollars for a GB and
month, and 0.017 for the ten performance units of a balanced volume
(https://www.oracle.com/cloud/storage/pricing/), that is:

{volumes}

There is no volume of less than 50 GB. Pods ask for CPU and memory of nodes that are there:

{requests}

Memory grows with the number of series, which `prometheus_tsdb_head_series` tells; each proxy has
some for every service that it calls. `telemetry.droppedLabels` takes some away. What is written to
the home from another region is traffic between regions, and paid as such.

## What was tried

Alert rules are judged by promtool on recorded series (`tests/lab/test_alerts.py`, in `make
test-lab`): each fires, and does not fire, on series made for it. What becomes of the settings is
checked by unit tests and the inventory `observed`. The lab installs none of the charts: no registry
there serves the images of Grafana, Kiali and Jaeger. So nobody has seen yet that these releases of
the charts take these values as meant, and that metrics of a cluster arrive in the view.
"""


class _Example(NamedTuple):
    title: str
    text: str
    settings: str
    becomes: Callable[[Settings], dict[str, Any]]


def _observed(settings: Settings) -> ObservabilitySettings:
    if settings.observability is None:
        raise ValueError("an example observes nothing")
    return settings.observability


def _prometheus(settings: Settings) -> dict[str, Any]:
    plan = build_plan(settings)
    server = prometheus_values(plan.members["secondary"], plan, settings)["server"]
    shown = ("retention", "resources", "persistentVolume", "global", "remoteWrite")
    return {"server": {key: server[key] for key in shown}}


def _clusters(settings: Settings) -> dict[str, Any]:
    plan = build_plan(settings)
    values = prometheus_values(plan.members["secondary"], plan, settings)
    return {"scrapeConfigs": {"clusters": values["scrapeConfigs"]["clusters"]}}


def _view(settings: Settings) -> dict[str, Any]:
    plan = build_plan(settings)
    server = view_values(plan.members["primary"], plan, settings)["server"]
    shown = ("retention", "resources", "persistentVolume", "extraFlags", "tsdb")
    return {"server": {key: server[key] for key in shown}}


def _alertmanager(settings: Settings) -> dict[str, Any]:
    plan = build_plan(settings)
    values = prometheus_values(plan.members["primary"], plan, settings)["alertmanager"]
    return {"alertmanager": {key: values[key] for key in ("config", "extraSecretMounts")}}


def _grafana(settings: Settings) -> dict[str, Any]:
    args = GrafanaArgs(
        member=build_plan(settings).members["primary"],
        mesh=settings.mesh,
        settings=_observed(settings),
        namespace="observability",
        url=None,
        requires=(),
    )
    values = grafana_values(args, "https://grafana.198-51-100-7.nip.io/")
    shown = ("admin", "persistence", "deploymentStrategy", "grafana.ini")
    dashboards = [*values["dashboards"]["oke-mesh"]]
    return {**{key: values[key] for key in shown}, "dashboards": {"oke-mesh": dashboards}}


def _kiali(settings: Settings) -> dict[str, Any]:
    observability, members = _observed(settings), build_plan(settings).members
    if observability.kiali is None:
        raise ValueError("the example of Kiali has none")
    args = KialiArgs(
        home=members["primary"],
        others={"secondary": members["secondary"]},
        apis={},
        mesh=settings.mesh,
        observability=observability,
        settings=observability.kiali,
        client_secret=None,
        url=None,
        requires={},
    )
    values = kiali_values(args, "https://kiali.198-51-100-7.nip.io/")
    return {key: values[key] for key in ("auth", "external_services", "server")}


def _tracing(settings: Settings) -> dict[str, Any]:
    chosen = _observed(settings)
    if chosen.tracing is None:
        raise ValueError("the example of tracing has none")
    jaeger = tracing_values(chosen.tracing)["userconfig"]["extensions"]["jaeger_storage"]
    return {
        "meshConfig": extension_of(settings),
        "Telemetry": {"tracing": telemetry(chosen)["tracing"]},
        "userconfig": {"extensions": {"jaeger_storage": jaeger}},
    }


def _telemetry(settings: Settings) -> dict[str, Any]:
    return {"Telemetry": telemetry(_observed(settings))}


def _policies(settings: Settings) -> dict[str, Any]:
    return dict(policies(_observed(settings), settings.mesh.trust_domain))


_EXAMPLES: Final = (
    _Example(
        "Prometheus in each cluster",
        "Every part has `charts`, `version` and `values`, as Istio has: where its chart comes from,"
        " which release, and what goes over the program's values. Those of Prometheus hold for the"
        " view too.",
        """
        prometheus:
          retentionDays: 7
          storage: 50Gi
          cpuRequest: 250m
          memoryRequest: 1Gi
        """,
        _prometheus,
    ),
    _Example("Whether other clusters answer", "", "prometheus: {}", _clusters),
    _Example(
        "One view over all clusters",
        "It takes what is up to three hours late, from a cluster that was cut off.",
        """
        view:
          retentionDays: 15
          storage: 100Gi
          cpuRequest: 500m
          memoryRequest: 2Gi
        """,
        _view,
    ),
    _Example(
        "Whom alerts are told",
        "`pulumi config set --secret alertReceiver` takes the URL of a `webhook` or of `slack`, or"
        " the key of `pagerduty`; each cluster has it in a Secret.",
        """
        alerts: {receiver: slack, repeat: 4h}
        """,
        _alertmanager,
    ),
    _Example(
        "Grafana",
        "The entry `grafana` of `mesh.ingress.hosts` leads to `observability/grafana`, port 80."
        " `storage` keeps what users make; dashboards come with the program and, but for"
        " `istioDashboards: false`, from Istio's repository as the pod starts.",
        """
        grafana: {host: grafana, storage: 50Gi, istioDashboards: true}
        """,
        _grafana,
    ),
    _Example(
        "Kiali",
        "The entry `kiali` of `mesh.ingress.hosts` leads to `observability/kiali`, port 20001. It"
        " reads every other cluster with a token of its own there, all in one Secret.",
        """
        kiali:
          host: kiali
          openId: {issuer: "https://idcs-0123.identity.oraclecloud.com", clientId: kiali}
        """,
        _kiali,
    ),
    _Example(
        "Traces",
        "Proxies send spans to one name, which the home alone has. Applications pass on the header"
        " `traceparent`, or each request of theirs is a trace of its own.",
        """
        tracing: {sampling: 1%, keepHours: 48, storage: 50Gi, memoryRequest: 512Mi}
        """,
        _tracing,
    ),
    _Example(
        "Access logs and labels",
        "`accessLogs` is `errors`, `all` or `none`. Logs stand where a pod's logs do.",
        """
        telemetry: {accessLogs: all, droppedLabels: [grpc_response_status]}
        """,
        _telemetry,
    ),
    _Example("Who may ask whom", "", "tracing: {}", _policies),
)


def render() -> str:
    """Return the whole page."""
    examples = [_example(example) for example in _EXAMPLES]
    limited = _settings("", traffic={"services": {"shop/cart": _LIMIT}})
    counted = fenced({"meshConfig": extension_of(limited)})
    return "\n".join([_INTRODUCTION, *examples, _TELEMETRY, counted, _alerts(), _ending()])


def _example(example: _Example) -> str:
    lines = lines_of(example.settings)
    found = _settings("\n".join(lines))
    body = "\n".join(f"  {line}" for line in lines)
    head = f"```yaml\noke-mesh:observability:\n{body}\n```\n\nbecomes\n"
    words = [f"## {example.title}", "", *([example.text, ""] if example.text else [])]
    return "\n".join([*words, head, fenced(example.becomes(found))])


def _alerts() -> str:
    limited = _settings("", traffic={"services": {"shop/cart": _LIMIT}})
    plan = build_plan(limited)
    found = [*cluster_alerts(plan.members["primary"], limited), *_of_view(plan)]
    rows = [_row(alert) for alert in found]
    head = ["| alert | holds for | what it says | what to look at |", "| --- | --- | --- | --- |"]
    words = (
        "Each cluster judges these by itself, but for `ClusterSilent`, which the view does. A label"
        " `severity` is `critical` or `warning`; `cluster` and `region` say where."
    )
    expressions = [f"{alert.name}:\n  {alert.expression}" for alert in found]
    return "\n".join(["## Alerts", "", words, "", *head, *rows, "", "```", *expressions, "```", ""])


def _of_view(plan: Plan) -> list[Alert]:
    """Return one of the alerts that differ by the name of a cluster alone."""
    return view_alerts(plan)[-1:]


def _row(alert: Alert) -> str:
    severity = "critical" if alert.is_critical else "warning"
    summary = re.sub(r"\{\{ \$labels\.(\w+) \}\}", r"`<\1>`", alert.summary)
    cells = (f"`{alert.name}`, {severity}", alert.lasts, summary, alert.action)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


_PRICE: Final = 0.0425
_GIGABYTES: Final = {"Gi": 1, "Ti": 1024}


def _ending() -> str:
    chosen = _observed(_settings("tracing: {}"))
    tracing = chosen.tracing
    if tracing is None:
        raise ValueError("there is nothing to say of traces")
    volumes = {
        "Prometheus, each cluster": chosen.prometheus.storage,
        "the view, at home": chosen.view.storage,
        "traces, at home": tracing.storage,
    }
    rows = [f"| {name} | {size} | {_monthly(size)} |" for name, size in volumes.items()]
    parts = (("Prometheus, each cluster", chosen.prometheus), ("the view, at home", chosen.view))
    asked = [f"| {name} | {size.cpu_request} | {size.memory_request} |" for name, size in parts]
    return _ENDING.format(
        volumes="\n".join(
            ["| volume | default | US dollars a month |", "| --- | --- | --- |", *rows]
        ),
        requests="\n".join(["| pod | CPU | memory |", "| --- | --- | --- |", *asked]),
    )


def _monthly(size: str) -> str:
    return f"{int(size[:-2]) * _GIGABYTES[size[-2:]] * _PRICE:.2f}"


def _settings(observability: str, traffic: dict[str, Any] | None = None) -> Settings:
    given = {"home": "primary", **(yaml.safe_load(observability) or {})}
    documents = {**_WITH_HOSTS, "observability": given, "traffic": traffic or {}}
    has_receiver = "alerts" in given
    return parse(documents, GivenSecrets(alert_receiver=has_receiver))


_LIMIT: Final = {"connectionPool": {"maxConnections": 100}}
_HOSTS: Final = {
    "grafana": {"service": "observability/grafana", "port": 80},
    "kiali": {"service": "observability/kiali", "port": 20001},
}
_WITH_HOSTS: Final = {
    **MESH,
    "mesh": {**MESH["mesh"], "ingress": {"hosts": _HOSTS, "https": {}}},
}


def main() -> None:
    """Write the page."""
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
