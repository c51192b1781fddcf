"""What is wrong about what observes the mesh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.config.charts import faults_of_observability
from components.config.warnings import warnings_of
from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import cluster, settings

GRAFANA = {"service": "observability/grafana", "port": 80}
KIALI = {"service": "observability/kiali", "port": 20001}
OPEN_ID = {"issuer": "https://id.example.com", "clientId": "kiali"}
REMOTE_HOME = {"clusters": {"lhr": cluster(0), "primary": cluster(1, role="remote", primary="lhr")}}


def observed(**changes: Any) -> dict[str, Any]:
    return {"observability": {"home": "primary", **changes}}


def ingress(*, https: object = None, **hosts: object) -> dict[str, object]:
    given = {"hosts": hosts} if https is None else {"hosts": hosts, "https": https}
    return {"mesh__ingress": given}


def kiali(**changes: Any) -> dict[str, Any]:
    """Return Kiali as it works, and what it needs, with changes to its settings."""
    page = {"host": "kiali", "openId": OPEN_ID, **changes}
    given = {key: value for key, value in page.items() if value is not None}
    return {**observed(kiali=given), **ingress(https={}, kiali=KIALI)}


TABLE = [
    wrong(
        "no home",
        {"observability": {"grafana": {}}},
        "observability.home: is missing, got nothing; add it, such as primary",
    ),
    wrong(
        "a home that is no cluster",
        {"observability": {"home": "primry"}},
        (
            "observability.home: is not an enabled cluster, got 'primry'; did you mean primary? "
            "the enabled clusters are primary, secondary"
        ),
    ),
    wrong(
        "a home that is not enabled",
        {**observed(), "clusters__primary__enabled": False},
        (
            "observability.home: is not an enabled cluster, got 'primary'; the enabled clusters "
            "are secondary"
        ),
    ),
    wrong(
        "no mesh",
        {**observed(), "mesh__enabled": False},
        (
            "observability: needs the mesh, which mesh.enabled leaves out, got a map; remove it, "
            "or set mesh.enabled to true"
        ),
    ),
    wrong(
        "names that no other cluster knows",
        {**observed(), "mesh__dnsCapture": False},
        (
            "mesh.dnsCapture: leaves clusters without the names of what observability has in "
            "another, got False; set it to true, or remove observability"
        ),
    ),
    wrong(
        "services that do not cross",
        {**observed(), "mesh__eastWest__hosts": ["*.sample.svc.cluster.local"]},
        (
            "mesh.eastWest.hosts: leaves out observability, which calls across networks, got "
            "a list; add '*.observability.svc.cluster.local', or remove "
            "observability"
        ),
    ),
    wrong(
        "services that stay in their cluster",
        {
            **observed(),
            "mesh__exports__clusterLocal": ["*.observability.svc.cluster.local"],
        },
        (
            "mesh.exports.clusterLocal: keeps observability in its clusters, which calls across "
            "them, got '*.observability.svc.cluster.local'; name other services, or remove "
            "observability"
        ),
    ),
    wrong(
        "spans that find no service",
        {**observed(tracing={}), "mesh__exports__visibleTo": [".", "istio-system"]},
        (
            "observability.tracing: has a service that workloads do not see by "
            'mesh.exports.visibleTo, got a map; set mesh.exports.visibleTo to ["*"], or remove '
            "tracing"
        ),
    ),
    wrong(
        "a host that is not there",
        {**observed(grafana={"host": "grafna"}), **ingress(https={}, grafana=GRAFANA)},
        (
            "observability.grafana.host: is not one of mesh.ingress.hosts, got 'grafna'; did you "
            "mean grafana? the hosts are grafana"
        ),
    ),
    wrong(
        "a host that leads elsewhere",
        {
            **observed(grafana={"host": "shop"}),
            **ingress(https={}, shop={"service": "shop/frontend", "port": 80}),
        },
        (
            "observability.grafana.host: leads to shop/frontend on port 80, got 'shop'; set "
            "mesh.ingress.hosts.shop to service observability/grafana, port 80"
        ),
    ),
    wrong(
        "a host that leads to another port",
        {
            **observed(grafana={"host": "grafana"}),
            **ingress(https={}, grafana={**GRAFANA, "port": 3000}),
        },
        (
            "observability.grafana.host: leads to observability/grafana on port 3000, got "
            "'grafana'; set mesh.ingress.hosts.grafana to service observability/grafana, port 80"
        ),
    ),
    wrong(
        "a host without a certificate",
        {**observed(grafana={"host": "grafana"}), **ingress(grafana=GRAFANA)},
        (
            "observability.grafana.host: has a login and is answered without a certificate, got "
            "'grafana'; set mesh.ingress.https, with redirect"
        ),
    ),
    wrong(
        "a host with a certificate that answers by HTTP too",
        {
            **observed(grafana={"host": "grafana"}),
            **ingress(https={"redirect": False}, grafana=GRAFANA),
        },
        (
            "observability.grafana.host: has a login and is answered without a certificate, got "
            "'grafana'; set mesh.ingress.https, with redirect"
        ),
    ),
    wrong(
        "a host at another gateway",
        {
            **observed(grafana={"host": "grafana"}),
            **ingress(https={}, grafana={**GRAFANA, "clusters": ["secondary"]}),
        },
        (
            "observability.grafana.host: is not known to the gateway of primary, the home of "
            "observability, got 'grafana'; add primary to mesh.ingress.hosts.grafana.clusters"
        ),
    ),
    wrong(
        "Kiali of two clusters without a login",
        kiali(openId=None),
        (
            "observability.kiali.openId: is missing, and Kiali has no other login for several "
            "clusters, got nothing; give the issuer and clientId of an OpenID provider, or remove "
            "kiali"
        ),
    ),
    wrong(
        "a login that leads nowhere",
        observed(kiali={"openId": OPEN_ID}),
        (
            "observability.kiali.host: is missing, so that the OpenID provider has nowhere to "
            "send users back to, got nothing; name an entry of mesh.ingress.hosts that leads to it"
        ),
    ),
    wrong(
        "Kiali in a remote",
        {**kiali(), **REMOTE_HOME},
        (
            "observability.kiali: reads all clusters, which the pods of a remote (primary) may "
            "not, got a map; choose a primary for observability.home, or remove kiali"
        ),
    ),
    wrong(
        "labels that Kiali reads",
        {
            **kiali(),
            "observability__telemetry": {"droppedLabels": ["request_protocol"]},
        },
        (
            "observability.telemetry.droppedLabels: takes from metrics what Kiali reads, got "
            "a list; remove it, or kiali"
        ),
    ),
    wrong(
        "a label that Istio's metrics do not have",
        observed(telemetry={"droppedLabels": ["request-protocol"]}),
        (
            "observability.telemetry.droppedLabels[0]: is not one of the choices, got "
            "'request-protocol'; did you mean request_protocol? the choices are "
            "connection_security_policy, destination_principal, grpc_response_status, "
            "request_protocol, source_principal"
        ),
    ),
    wrong(
        "a provider by HTTP",
        kiali(openId={**OPEN_ID, "issuer": "http://id.example.com"}),
        (
            "observability.kiali.openId.issuer: is not the URL of an OpenID provider, got "
            "'http://id.example.com'; write it as https://idcs-0123.identity.oraclecloud.com"
        ),
    ),
    wrong(
        "a receiver without its URL",
        observed(alerts={"receiver": "slack"}),
        (
            "alertReceiver: is missing beside observability.alerts.receiver (slack), got nothing; "
            "`pulumi config set --secret alertReceiver`"
        ),
    ),
    wrong(
        "a URL of nobody",
        observed(),
        (
            "observability.alerts.receiver: is missing beside the secret alertReceiver, got "
            "nothing; say what takes alerts, or `pulumi config rm alertReceiver`"
        ),
        alert_receiver=True,
    ),
    wrong(
        "a client's secret without a provider",
        observed(),
        (
            "observability.kiali.openId: is missing beside the secret kialiClientSecret, got "
            "nothing; name the provider, or `pulumi config rm kialiClientSecret`"
        ),
        kiali_client_secret=True,
    ),
    wrong(
        "alerts that cannot leave a cluster",
        {
            **observed(alerts={"receiver": "slack"}),
            "clusters__secondary__egress": {"ports": [80]},
        },
        (
            "clusters.secondary.egress: keeps port 443 closed, by which "
            "observability.alerts.receiver calls out, got a map; open 443, or do without that"
        ),
        alert_receiver=True,
    ),
    wrong(
        "dashboards that cannot be fetched",
        {**observed(), "clusters__primary__egress": {"cidrs": []}},
        (
            "clusters.primary.egress: keeps port 443 closed, by which "
            "observability.grafana.istioDashboards calls out, got a map; open 443, or do without "
            "that"
        ),
    ),
    wrong(
        "providers of one's own in the place of the program's",
        {
            **observed(tracing={}),
            "mesh__istio__values": {"meshConfig": {"extensionProviders": [{"name": "own"}]}},
        },
        (
            "mesh.istio.values.meshConfig.extensionProviders: takes the place of the one that "
            "observability.tracing sets, got a list; remove it, or observability.tracing"
        ),
    ),
    wrong(
        "more than all requests",
        observed(tracing={"sampling": "101%"}),
        "observability.tracing.sampling: is more than all, got '101%'; write at most 100%",
    ),
    wrong(
        "a share without its sign",
        observed(tracing={"sampling": 5}),
        "observability.tracing.sampling: has no unit, got 5; write 5%",
    ),
    wrong(
        "storage in another unit",
        observed(prometheus={"storage": "100GB"}, view={"storage": "big"}),
        ("observability.prometheus.storage: is not an amount of storage, got '100GB'; write 100Gi"),
        (
            "observability.view.storage: is not an amount of storage, got 'big'; write it as 50Gi "
            "or 1Ti"
        ),
    ),
    wrong(
        "less storage than a volume has",
        observed(prometheus={"storage": "8Gi"}),
        (
            "observability.prometheus.storage: is less than a block volume has, got '8Gi'; write "
            "50Gi or more"
        ),
    ),
    wrong(
        "metrics that are kept for no time",
        observed(prometheus={"retentionDays": 0}),
        "observability.prometheus.retentionDays: is less than 1, got 0; write at least 1",
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)


def test_a_folder_of_charts_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prometheus").mkdir()
    (tmp_path / "prometheus" / "Chart.yaml").write_text("version: 29.27.0\n")
    nowhere = str(tmp_path / "nowhere")
    chosen = settings(
        **observed(
            prometheus={"charts": str(tmp_path)},
            grafana={"charts": str(tmp_path)},
            tracing={"charts": nowhere},
        )
    ).observability
    assert chosen is not None
    assert [str(found) for found in faults_of_observability(chosen)] == [
        (
            f"observability.grafana.charts: has no chart grafana, got '{tmp_path}'; put grafana's "
            f"chart there, so that {tmp_path}/grafana/Chart.yaml has its version"
        ),
        (
            f"observability.tracing.charts: is not a folder here, got '{nowhere}'; write the path "
            "of the folder from where the program is, https://... or oci://..."
        ),
    ]


def test_charts_of_another_release_than_asked_for_are_refused(tmp_path: Path) -> None:
    (tmp_path / "prometheus").mkdir()
    (tmp_path / "prometheus" / "Chart.yaml").write_text("version: 1.2.3\n")
    chosen = settings(**observed(prometheus={"charts": str(tmp_path)})).observability
    assert chosen is not None
    (found,) = faults_of_observability(chosen)
    assert str(found) == (
        f"observability.prometheus.charts: has prometheus 1.2.3, not "
        f"observability.prometheus.version (29.27.0), got '{tmp_path}'; set "
        "observability.prometheus.version to 1.2.3, or give the charts of 29.27.0"
    )


def test_alerts_that_reach_nobody_are_told() -> None:
    apart = {"clusters__secondary__servicesCidr": "172.17.0.0/16"}
    (told,) = warnings_of(settings(**apart, **observed()))
    assert str(told) == (
        "observability.alerts.receiver: is not given, so that alerts are told to nobody, got "
        "nothing; choose one, and set the secret alertReceiver to its URL or key"
    )
    assert warnings_of(settings(**apart, **observed(alerts={"receiver": "webhook"}))) == ()


def test_an_empty_document_is_none() -> None:
    assert settings(observability={}).observability is None
