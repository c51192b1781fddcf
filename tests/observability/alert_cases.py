"""For each alert recorded series with which it fires, and series with which it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.observability.alerts import Alert, cluster_alerts, view_alerts
from tests.support.documents import plan, settings

Series = Mapping[str, str]
"""Values by series, one for each half minute: `0+10x40` begins at 0 and grows by 10, 40 times."""

LIMITED = {"traffic__services": {"shop/cart": {"connectionPool": {"maxConnections": 100}}}}
CART = "cart.shop.svc.cluster.local"
_REQUESTS = f'istio_requests_total{{reporter="source",destination_service="{CART}"'
_BUCKET = (
    f'istio_request_duration_milliseconds_bucket{{reporter="source",destination_service="{CART}"'
)
_READY = (
    'kube_deployment_status_replicas_available{namespace="istio-system",'
    'deployment="istio-eastwestgateway"}'
)
_QUEUE = "prometheus_remote_storage_queue_highest"
_DAYS_30 = 30 * 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Series, and the labels of the alert that they raise; none if they raise none."""

    alert: str
    what: str
    series: Series
    after: str = "15m"
    raised: Mapping[str, str] | None = None


def alerts() -> list[Alert]:
    """Return every alert of a primary with one peer, and of the view over both."""
    chosen = settings(**LIMITED, observability={"home": "primary"})
    return [*cluster_alerts(plan().members["primary"], chosen), *view_alerts(plan())]


def requests(good: str, bad: str, *, code: str = "503", labels: str = "") -> Series:
    """Return counts of a service's requests that were answered, and that were not."""
    return {
        f'{_REQUESTS}{labels},response_code="200",response_flags="-"}}': good,
        f'{_REQUESTS}{labels},response_code="{code}",response_flags="UF"}}': bad,
    }


def _between(source: str, destination: str) -> str:
    return f',source_cluster="{source}-cluster",destination_cluster="{destination}-cluster"'


def _durations(within_a_second: str) -> Series:
    known = {"1000": within_a_second, "2500": "0+100x60", "+Inf": "0+100x60"}
    return {f'{_BUCKET},le="{limit}"}}': values for limit, values in known.items()}


def _flagged(flags: str, values: str) -> Series:
    return {f'{_REQUESTS},response_code="503",response_flags="{flags}"}}': values}


def _connections(host: str, count: int, end: str = "") -> Series:
    name = f"outbound|80||{host}{end}"
    return {f'envoy_cluster_upstream_cx_active{{cluster_name="{name}",pod="a"}}': f"{count}x60"}


def _up(**labels: str) -> str:
    selectors = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"up{{{selectors}}}"


def _read(clusters: int, *, timed_out: int) -> Series:
    status = 'istiod_remote_cluster_sync_status{cluster="secondary-cluster",status'
    return {
        'istiod_managed_clusters{cluster_type="remote",pod="istiod-a"}': f"{clusters}x60",
        f'{status}="synced"}}': f"{1 - timed_out}x60",
        f'{status}="timeout"}}': f"{timed_out}x60",
    }


def _expiry(chain: int, root: int) -> Series:
    return {
        "citadel_server_cert_chain_expiry_seconds": f"{chain}x200",
        "citadel_server_root_cert_expiry_seconds": f"{root}x200",
    }


def _sent(behind: int) -> Series:
    return {
        f"{_QUEUE}_timestamp_seconds": f"{behind}+30x60",
        f"{_QUEUE}_sent_timestamp_seconds": "0+30x60",
    }


_SERVICE = {"destination_service": CART}
_PEER = {"destination_cluster": "secondary-cluster"}
_TARGET = {"target_cluster": "secondary-cluster"}
_INGRESS = _up(app="istio-ingressgateway", pod="a")
_ISTIOD = _up(app="istiod", pod="a")
_WAY = _up(job="clusters", **_TARGET)

CASES = (
    Case(
        alert="HighErrorRate",
        what="six of a hundred requests fail",
        series=requests("0+94x60", "0+6x60"),
        raised=_SERVICE,
    ),
    Case(
        alert="HighErrorRate",
        what="four of a hundred requests fail",
        series=requests("0+96x60", "0+4x60"),
    ),
    Case(
        alert="HighErrorRate",
        what="they have failed for three minutes",
        series=requests("0+50x60", "0+50x60"),
        after="3m",
    ),
    Case(
        alert="HighErrorRate",
        what="it is the caller's fault",
        series=requests("0+50x60", "0+50x60", code="404"),
    ),
    Case(
        alert="HighLatency",
        what="two of a hundred take over a second",
        series=_durations("0+98x60"),
        raised=_SERVICE,
    ),
    Case(alert="HighLatency", what="all are answered in a second", series=_durations("0+100x60")),
    Case(
        alert="CircuitBreakerTriggered",
        what="requests overflow",
        series=_flagged("UO", "0+1x60"),
        raised=_SERVICE,
    ),
    Case(
        alert="CircuitBreakerTriggered",
        what="they overflowed once",
        series=_flagged("UO", "0x2 5x60"),
    ),
    Case(
        alert="CircuitBreakerTriggered",
        what="they fail for another reason",
        series=_flagged("UF", "0+1x60"),
    ),
    Case(
        alert="CrossClusterConnectivityIssue",
        what="requests to another cluster fail",
        series=requests("0+94x60", "0+6x60", labels=_between("primary", "secondary")),
        raised=_PEER,
    ),
    Case(
        alert="CrossClusterConnectivityIssue",
        what="a proxy there cannot be reached",
        series=requests("0+94x60", "0+6x60", code="0", labels=_between("primary", "secondary")),
        raised=_PEER,
    ),
    Case(
        alert="CrossClusterConnectivityIssue",
        what="requests within the cluster fail",
        series=requests("0+94x60", "0+6x60", labels=_between("primary", "primary")),
    ),
    Case(
        alert="CrossClusterConnectivityIssue",
        what="the service there fails by itself",
        series=requests("0+94x60", "0+6x60", code="500", labels=_between("primary", "secondary")),
    ),
    Case(
        alert="HighConnectionPoolUsage",
        what="81 of 100 connections are open",
        series=_connections(CART, 81),
        raised={"cluster_name": f"outbound|80||{CART}"},
    ),
    Case(
        alert="HighConnectionPoolUsage",
        what="81 are, and Envoy ends its name with a mark",
        series=_connections(CART, 81, ";"),
        raised={"cluster_name": f"outbound|80||{CART};"},
    ),
    Case(
        alert="HighConnectionPoolUsage",
        what="80 of 100 connections are open",
        series=_connections(CART, 80),
    ),
    Case(
        alert="HighConnectionPoolUsage",
        what="a service without a limit has many",
        series=_connections(f"big-{CART.replace('.', '-', 1)}", 500),
    ),
    Case(
        alert="IngressGatewayDown",
        what="its pod does not answer",
        series={_INGRESS: "1x10 0x60"},
        raised={},
    ),
    Case(alert="IngressGatewayDown", what="there is no pod", series={_ISTIOD: "1x60"}, raised={}),
    Case(
        alert="IngressGatewayDown",
        what="one of two answers",
        series={_INGRESS: "0x60", _up(app="istio-ingressgateway", pod="b"): "1x60"},
    ),
    Case(
        alert="EastWestGatewayWithoutBackends",
        what="no pod is ready",
        series={_READY: "2x10 0x60"},
        raised={},
    ),
    Case(alert="EastWestGatewayWithoutBackends", what="one is ready", series={_READY: "1x60"}),
    Case(alert="IstiodDown", what="it does not answer", series={_ISTIOD: "1x10 0x60"}, raised={}),
    Case(alert="IstiodDown", what="it answers", series={_ISTIOD: "1x60"}),
    Case(
        alert="IstiodDown",
        what="it started anew for a minute",
        series={_ISTIOD: "1x10 0x2 1x60"},
        after="6m",
    ),
    Case(
        alert="CertificateNearItsEnd",
        what="an intermediate has less than 30 days",
        series=_expiry(_DAYS_30 - 1, 10 * _DAYS_30),
        after="70m",
        raised={},
    ),
    Case(
        alert="CertificateNearItsEnd",
        what="the root has less than 30 days",
        series=_expiry(_DAYS_30 + 1, _DAYS_30 - 1),
        after="70m",
        raised={},
    ),
    Case(
        alert="CertificateNearItsEnd",
        what="both have more",
        series=_expiry(_DAYS_30 + 1, _DAYS_30 + 1),
        after="70m",
    ),
    Case(
        alert="IstiodLostACluster",
        what="it has no remote Secret",
        series=_read(0, timed_out=0),
        raised={},
    ),
    Case(
        alert="IstiodLostACluster",
        what="it waits for an API in vain",
        series=_read(1, timed_out=1),
        raised={},
    ),
    Case(alert="IstiodLostACluster", what="it reads the other", series=_read(1, timed_out=0)),
    Case(alert="ViewOutOfReach", what="six minutes are not sent", series=_sent(360), raised={}),
    Case(alert="ViewOutOfReach", what="one minute is not sent", series=_sent(60)),
    Case(
        alert="ClusterOutOfReach",
        what="the other does not answer",
        series={_WAY: "1x10 0x60"},
        raised=_TARGET,
    ),
    Case(alert="ClusterOutOfReach", what="it answers", series={_WAY: "1x60"}),
    Case(
        alert="ClusterSilent",
        what="one of two is heard",
        series={_up(cluster="primary-cluster"): "1x60"},
        raised={"cluster": "secondary-cluster"},
    ),
    Case(
        alert="ClusterSilent",
        what="both are heard",
        series={
            _up(cluster="primary-cluster"): "1x60",
            _up(cluster="secondary-cluster"): "0x60",
        },
    ),
)
