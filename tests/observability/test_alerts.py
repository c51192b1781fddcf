"""Alerts by name, cluster and words; that they fire is promtool's to say, in tests/lab."""

from __future__ import annotations

import re

import pytest

from components.observability.alerts import Alert, cluster_alerts, rules_file, view_alerts
from tests.observability.alert_cases import CASES, alerts
from tests.observability.test_observability import values
from tests.support.documents import cluster, plan, settings
from tests.support.program import inventory_run

FIRST_DESCRIPTION = {
    "HighErrorRate": "5m",
    "IngressGatewayDown": "1m",
    "IstiodDown": "2m",
    "HighLatency": "5m",
    "CrossClusterConnectivityIssue": "5m",
    "CircuitBreakerTriggered": "2m",
    "HighConnectionPoolUsage": "5m",
}
OF_A_MESH = {
    "CertificateNearItsEnd",
    "IstiodLostACluster",
    "EastWestGatewayWithoutBackends",
    "ClusterOutOfReach",
    "ViewOutOfReach",
    "ClusterSilent",
}
LABEL = re.compile(r"\$labels\.(\w+)")


def names(found: list[Alert]) -> set[str]:
    return {alert.name for alert in found}


def test_the_seven_of_the_first_description_are_there_with_their_times() -> None:
    lasts = {alert.name: alert.lasts for alert in alerts()}
    assert {name: lasts[name] for name in FIRST_DESCRIPTION} == FIRST_DESCRIPTION


def test_those_that_a_mesh_needs_are_there() -> None:
    assert names(alerts()) - set(FIRST_DESCRIPTION) == OF_A_MESH


@pytest.mark.parametrize("alert", sorted(names(alerts())))
def test_each_has_series_with_which_it_fires_and_series_with_which_it_does_not(
    alert: str,
) -> None:
    assert {case.raised is not None for case in CASES if case.alert == alert} == {True, False}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_words_use_labels_that_the_expression_keeps(alert: Alert) -> None:
    kept = set(re.findall(r"by \(([^)]*)\)", alert.expression))
    labels = {label.strip() for names in kept for label in names.split(",")}
    assert set(LABEL.findall(alert.summary)) <= labels


def test_a_remote_is_not_asked_for_an_istiod() -> None:
    remote = plan(clusters__secondary=cluster(1, role="remote", primary="primary"))
    chosen = settings(observability={"home": "primary"})
    found = names(cluster_alerts(remote.members["secondary"], chosen))
    assert not {"IstiodDown", "CertificateNearItsEnd", "IstiodLostACluster"} & found
    assert "IngressGatewayDown" in found


def test_a_cluster_alone_misses_no_other() -> None:
    alone = plan(clusters={"primary": cluster(0)})
    found = names(cluster_alerts(alone.members["primary"], settings()))
    assert not {"IstiodLostACluster", "ClusterOutOfReach"} & found


def test_certificates_are_told_of_when_half_the_days_of_renewal_are_over() -> None:
    chosen = settings(pki__earlyRenewalDays=20)
    found = cluster_alerts(plan().members["primary"], chosen)
    (alert,) = (alert for alert in found if alert.name == "CertificateNearItsEnd")
    assert f"< {10 * 86_400}" in alert.expression


def test_a_limit_of_connections_is_that_of_the_service() -> None:
    services = {"shop/cart": {"connectionPool": {"maxConnections": 40}}, "shop/other": {}}
    chosen = settings(traffic__services=services)
    found = cluster_alerts(plan().members["primary"], chosen)
    (alert,) = (alert for alert in found if alert.name == "HighConnectionPoolUsage")
    assert "cart[.]shop[.]svc" in alert.expression
    assert "/ 40 > 0.8" in alert.expression


def test_the_view_misses_every_cluster_by_its_name() -> None:
    found = view_alerts(plan())
    assert ["primary-cluster" in alert.expression for alert in found] == [True, False]
    assert ["secondary-cluster" in alert.expression for alert in found] == [False, True]


def test_rules_come_with_the_prometheus_that_judges_them() -> None:
    made = inventory_run("observed")
    rules = {
        name: values(made, name)["serverFiles"]["alerting_rules.yml"]["groups"][0]["rules"]
        for name in ("lhr-monitoring-prometheus", "fra-monitoring-view")
    }
    assert {rule["alert"] for rule in rules["fra-monitoring-view"]} == {"ClusterSilent"}
    assert len(rules["fra-monitoring-view"]) == 3
    own = {rule["alert"] for rule in rules["lhr-monitoring-prometheus"]}
    assert own == set(FIRST_DESCRIPTION) | OF_A_MESH - {"ClusterSilent"}


def test_a_file_of_rules_has_one_group() -> None:
    (group,) = rules_file(alerts())["groups"]
    assert len(group["rules"]) == len(alerts())
