"""What is made of observability: in every cluster, at home, and in those that an istiod reads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.documents import cluster, documents
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.program import inventory_run, same_run
from tests.support.program import run as run_with

RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "kubernetes:core/v1:Secret"
POLICY = "kubernetes:security.istio.io/v1:AuthorizationPolicy"
TELEMETRY = "kubernetes:telemetry.istio.io/v1:Telemetry"


def run(**chosen: Any) -> Deployment:
    return same_run(documents(observability={"home": "primary", **chosen}))


def release(made: Deployment, name: str) -> dict[str, Any]:
    return dict(made.one(RELEASE, name).inputs)


def values(made: Deployment, name: str) -> Any:
    return release(made, name)["values"]


def own(made: Deployment) -> set[str]:
    """Return the names of what stands in the stage."""
    return {r.name for r in made.resources if "okemesh:observability:" in r.urn and r.custom}


@pytest.fixture(scope="module")
def whole() -> Deployment:
    return inventory_run("observed")


def test_nothing_is_made_where_nobody_asks_for_it() -> None:
    made = same_run(documents())
    assert own(made) == set()
    assert not {"observability", "grafanaPassword"} & set(made.exports)
    config = values(made, "primary-istio-istiod")["meshConfig"]
    assert not {"extensionProviders", "enableTracing"} & set(config)


def test_every_cluster_watches_itself(whole: Deployment) -> None:
    for key in ("fra", "lhr", "ash"):
        found = release(whole, f"{key}-monitoring-prometheus")
        assert (found["chart"], found["version"]) == ("prometheus", "29.27.0")
        assert found["namespace"] == "observability"
        repository = "https://prometheus-community.github.io/helm-charts"
        assert found["repositoryOpts"] == {"repo": repository}


def test_metrics_say_which_cluster_and_which_region_they_are_of(whole: Deployment) -> None:
    found = {
        key: values(whole, f"{key}-monitoring-prometheus")["server"]["global"]["external_labels"]
        for key in ("fra", "ash")
    }
    assert found == {
        "fra": {"cluster": "fra-cluster", "region": "us-sanjose-1"},
        "ash": {"cluster": "ash-cluster", "region": "us-ashburn-1"},
    }


def test_every_cluster_writes_to_the_view_that_one_of_them_has(whole: Deployment) -> None:
    view = values(whole, "fra-monitoring-view")["server"]
    assert "web.enable-remote-write-receiver" in view["extraFlags"]
    assert view["tsdb"] == {"out_of_order_time_window": "3h"}
    assert [r.name for r in whole.of(RELEASE) if r.name.endswith("-view")] == [
        "fra-monitoring-view"
    ]
    service = f"{view['fullnameOverride']}.observability.svc.cluster.local"
    port = view["service"]["servicePort"]
    for key in ("fra", "lhr", "ash"):
        server = values(whole, f"{key}-monitoring-prometheus")["server"]
        assert server["remoteWrite"] == [{"url": f"http://{service}:{port}/api/v1/write"}]
        assert str(port) in _captured(server)


def _captured(server: dict[str, Any]) -> list[str]:
    """Return the ports by which a Prometheus calls through the mesh."""
    notes = server["podAnnotations"]
    assert notes["traffic.sidecar.istio.io/includeOutboundIPRanges"] == ""
    ports: str = notes["traffic.sidecar.istio.io/includeOutboundPorts"]
    return ports.split(",")


def test_each_cluster_calls_all_others_by_names_that_no_two_have(whole: Deployment) -> None:
    names = {}
    for key in ("fra", "lhr", "ash"):
        server = values(whole, f"{key}-monitoring-prometheus")["server"]
        names[key] = f"{server['fullnameOverride']}.observability.svc.cluster.local:9090"
    assert len(set(names.values())) == 3
    jobs = values(whole, "fra-monitoring-prometheus")["scrapeConfigs"]
    called = {
        entry["labels"]["target_cluster"]: entry["targets"]
        for entry in jobs["clusters"]["static_configs"]
    }
    assert called == {"lhr-cluster": [names["lhr"]], "ash-cluster": [names["ash"]]}


def test_a_cluster_alone_calls_no_other() -> None:
    alone = documents(clusters={"primary": cluster(0)}, observability={"home": "primary"})
    jobs = values(same_run(alone), "primary-monitoring-prometheus")["scrapeConfigs"]
    assert "clusters" not in jobs


def test_an_alert_goes_to_the_alertmanager_beside_it(whole: Deployment) -> None:
    found = values(whole, "lhr-monitoring-prometheus")
    name = found["alertmanager"]["fullnameOverride"]
    (told,) = found["server"]["alertmanagers"]
    assert told["static_configs"] == [{"targets": [f"{name}.observability.svc.cluster.local:9093"]}]
    assert "9093" in _captured(found["server"])
    others = values(whole, "fra-monitoring-prometheus")["alertmanager"]["fullnameOverride"]
    assert name != others


@pytest.mark.parametrize(
    ("receiver", "kind", "where"),
    [
        ("webhook", "webhook_configs", "url_file"),
        ("slack", "slack_configs", "api_url_file"),
        ("pagerduty", "pagerduty_configs", "routing_key_file"),
    ],
)
def test_who_is_told_is_read_from_a_secret(receiver: str, kind: str, where: str) -> None:
    asked = documents(observability={"home": "primary", "alerts": {"receiver": receiver}})
    made = run_with(asked, secrets={"alertReceiver": "https://hooks.example.com/x"})
    for key in ("primary", "secondary"):
        secret = made.one(SECRET, f"{key}-monitoring-receiver")
        assert "stringData" in secret.secrets
        assert secret.inputs["stringData"] == {"receiver": "https://hooks.example.com/x"}
        alertmanager = values(made, f"{key}-monitoring-prometheus")["alertmanager"]
        (mount,) = alertmanager["extraSecretMounts"]
        assert mount["secretName"] == secret.inputs["metadata"]["name"]
        (found,) = alertmanager["config"]["receivers"]
        assert found[kind] == [{where: f"{mount['mountPath']}/receiver", "send_resolved": True}]
        assert alertmanager["config"]["route"]["receiver"] == found["name"]


def test_sizes_are_those_of_the_settings() -> None:
    size = {"retentionDays": 3, "storage": "80Gi", "cpuRequest": "1", "memoryRequest": "4Gi"}
    made = run(prometheus=size, view={**size, "storage": "1Ti"})
    for name, storage in (("prometheus", "80Gi"), ("view", "1Ti")):
        server = values(made, f"primary-monitoring-{name}")["server"]
        assert server["retention"] == "3d"
        assert server["persistentVolume"] == {"size": storage}
        assert server["resources"] == {"requests": {"cpu": "1", "memory": "4Gi"}}


def test_charts_come_from_where_the_settings_say_with_values_of_ones_own() -> None:
    own_place = {
        "charts": "oci://fra.ocir.io/acme/charts",
        "version": "29.0.0",
        "values": {"server": {"image": {"repository": "fra.ocir.io/acme/prometheus"}}},
    }
    made = run(prometheus=own_place)
    for name in ("prometheus", "view"):
        found = release(made, f"primary-monitoring-{name}")
        assert found["chart"] == "oci://fra.ocir.io/acme/charts/prometheus"
        assert (found["version"], found.get("repositoryOpts")) == ("29.0.0", None)
        server = found["values"]["server"]
        assert server["image"] == {"repository": "fra.ocir.io/acme/prometheus"}
        assert server["service"] == {"servicePort": 9090}


def test_nobody_else_is_let_in_before_anything_without_a_login_is_there(
    whole: Deployment,
) -> None:
    for key, primary in (("fra", "fra"), ("lhr", "lhr"), ("ash", "lhr")):
        for policy in ("nobody-else", "prometheus", "alertmanager", "metrics-view", "tracing"):
            first = f"{primary}-observability-{policy}"
            assert order(whole, first, f"{key}-monitoring-prometheus")


def policies(made: Deployment, key: str = "primary") -> dict[str, Any]:
    prefix = f"{key}-observability-"
    return {
        r.name.removeprefix(prefix): r.inputs["spec"]
        for r in made.of(POLICY)
        if r.name.startswith(prefix)
    }


def _lets(rule: dict[str, Any]) -> tuple[set[str], dict[str, Any]]:
    who = {name for source in rule["from"] for name in source["source"]["principals"]}
    return who, rule["to"][0]["operation"] if "to" in rule else {}


def account(name: str) -> str:
    return f"oke.local/ns/observability/sa/{name}"


def test_what_has_no_login_lets_in_who_needs_it_and_nobody_else() -> None:
    found = policies(run())
    assert found["nobody-else"] == {"action": "ALLOW"}
    assert {
        name: [_lets(r) for r in spec["rules"]] for name, spec in found.items() if "rules" in spec
    } == {
        "prometheus": [({account("prometheus")}, {"methods": ["GET"], "paths": ["/metrics"]})],
        "metrics-view": [
            ({account("prometheus")}, {"methods": ["POST"], "paths": ["/api/v1/write"]}),
            (
                {account("grafana"), account("kiali")},
                {"methods": ["GET", "POST"], "notPaths": ["/api/v1/write"]},
            ),
        ],
        "alertmanager": [
            (
                {account("prometheus"), account("metrics-view")},
                {"methods": ["POST"], "paths": ["/api/v2/alerts"]},
            )
        ],
    }


def test_a_page_with_a_host_lets_in_the_ingress_gateway_and_nobody_else(
    whole: Deployment,
) -> None:
    gateway = "oke.local/ns/istio-system/sa/istio-ingressgateway"
    for page in ("grafana", "kiali"):
        assert [_lets(rule) for rule in policies(whole, "lhr")[page]["rules"]] == [({gateway}, {})]


def test_spans_are_taken_of_the_whole_mesh_and_shown_to_pages_alone(whole: Deployment) -> None:
    assert [_lets(rule) for rule in policies(whole, "fra")["tracing"]["rules"]] == [
        ({"*"}, {"ports": ["4317"]}),
        ({account("grafana"), account("kiali")}, {"ports": ["16686"]}),
    ]


def test_policies_find_their_pods(whole: Deployment) -> None:
    labels = {
        "prometheus": values(whole, "fra-monitoring-prometheus")["server"]["podLabels"],
        "metrics-view": values(whole, "fra-monitoring-view")["server"]["podLabels"],
        "alertmanager": values(whole, "fra-monitoring-prometheus")["alertmanager"]["podLabels"],
        "grafana": values(whole, "fra-grafana-release")["podLabels"],
        "kiali": values(whole, "fra-kiali-release")["deployment"]["pod_labels"],
        "tracing": values(whole, "fra-tracing-release")["jaeger"]["podLabels"],
    }
    found = {
        name: spec["selector"]["matchLabels"]
        for name, spec in policies(whole, "fra").items()
        if "selector" in spec
    }
    assert found == labels


def test_rules_stand_in_every_primary_and_in_no_remote(whole: Deployment) -> None:
    assert sorted(r.name for r in whole.of(TELEMETRY)) == ["fra-telemetry", "lhr-telemetry"]
    assert policies(whole, "ash") == {}
    assert policies(whole, "fra") == policies(whole, "lhr")


def test_the_namespace_is_injected_and_its_pods_wait_until_that_works(whole: Deployment) -> None:
    for key in ("fra", "ash"):
        namespace = whole.one(
            "kubernetes:core/v1:Namespace", f"{key}-observability-namespace"
        ).inputs["metadata"]
        assert namespace["name"] == "observability"
        assert namespace["labels"]["istio-injection"] == "enabled"
    assert order(whole, "lhr-reads-remotes-secret", "ash-observability-namespace")
    assert order(whole, "ash-observability-namespace", "ash-monitoring-prometheus")


def telemetry(**chosen: Any) -> Any:
    return run(**chosen).one(TELEMETRY, "primary-telemetry").inputs["spec"]


def test_errors_alone_are_logged_by_default() -> None:
    assert telemetry()["accessLogging"] == [
        {
            "providers": [{"name": "envoy"}],
            "filter": {"expression": "response.code >= 400"},
        }
    ]


def test_all_requests_are_logged_or_none() -> None:
    assert telemetry(telemetry={"accessLogs": "all"})["accessLogging"] == [
        {"providers": [{"name": "envoy"}]}
    ]
    assert "accessLogging" not in telemetry(telemetry={"accessLogs": "none"})


def test_labels_are_taken_from_metrics() -> None:
    (found,) = telemetry(telemetry={"droppedLabels": ["request_protocol"]})["metrics"]
    assert found["overrides"] == [
        {
            "match": {"metric": "ALL_METRICS", "mode": "CLIENT_AND_SERVER"},
            "tagOverrides": {"request_protocol": {"operation": "REMOVE"}},
        }
    ]


def test_as_many_requests_are_traced_as_the_settings_say(whole: Deployment) -> None:
    spec = whole.one(TELEMETRY, "fra-telemetry").inputs["spec"]
    (tracing,) = spec["tracing"]
    assert tracing["randomSamplingPercentage"] == 5
    config = values(whole, "ash-istio-istiod")["meshConfig"]
    (provider,) = config["extensionProviders"]
    assert tracing["providers"] == [{"name": provider["name"]}]
    assert provider["opentelemetry"] == {
        "service": "tracing.observability.svc.cluster.local",
        "port": 4317,
    }
    assert "tracing" not in telemetry()


def test_connections_are_counted_where_they_are_limited(whole: Deployment) -> None:
    proxies = values(whole, "fra-istio-istiod")["meshConfig"]["defaultConfig"]
    assert proxies["proxyStatsMatcher"] == {
        "inclusionRegexps": [r"cluster\.outbound.*\.upstream_cx_active"]
    }
    assert proxies["proxyMetadata"]["PROXY_CONFIG_XDS_AGENT"] == "true"
    unlimited = values(run(), "primary-istio-istiod")["meshConfig"]["defaultConfig"]
    assert "proxyStatsMatcher" not in unlimited


def test_traces_are_kept_on_a_volume_as_long_as_the_settings_say() -> None:
    made = run(tracing={"keepHours": 12, "storage": "200Gi"})
    claim = made.one("kubernetes:core/v1:PersistentVolumeClaim", "primary-tracing-volume").inputs
    assert claim["spec"]["resources"] == {"requests": {"storage": "200Gi"}}
    found = values(made, "primary-tracing-release")
    (volume,) = found["jaeger"]["extraVolumes"]
    assert volume["persistentVolumeClaim"] == {"claimName": claim["metadata"]["name"]}
    (mount,) = found["jaeger"]["extraVolumeMounts"]
    backends = found["userconfig"]["extensions"]["jaeger_storage"]["backends"]
    badger = backends["traces"]["badger"]
    assert badger["ttl"] == {"spans": "12h"}
    assert all(place.startswith(mount["mountPath"]) for place in badger["directories"].values())
