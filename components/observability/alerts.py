"""Alert rules, as Prometheus reads them; pure.

Each cluster judges itself, so that a lost region takes no other's alerts along. What only the view
over all clusters can tell, that one of them is silent, is judged there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.values import INGRESS, east_west
from components.plan.observability import connection_limits
from components.plan.plan import Member, Plan
from components.settings.stack import Settings

Rule = dict[str, Any]

CLUSTERS_JOB: Final = "clusters"
"""The scrape job by which each cluster calls all others through the mesh."""

_SECONDS_PER_DAY: Final = 86_400

_FAILED: Final = 'response_code=~"5.."'
_FAILED_ON_THE_WAY: Final = 'response_code=~"50[234]|0"'
_OVERFLOWN: Final = 'response_flags=~".*UO.*"'
"""What Envoy writes of a request beyond a limit: upstream overflow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A rule, with the words that whoever is woken reads."""

    name: str
    expression: str
    lasts: str
    """How long it must hold, as Prometheus writes it."""
    is_critical: bool
    summary: str
    action: str
    """What to look at first."""

    def written(self) -> Rule:
        """Return the rule as it stands in a file of rules."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.lasts,
            "labels": {"severity": "critical" if self.is_critical else "warning"},
            "annotations": {"summary": self.summary, "action": self.action},
        }


def cluster_alerts(member: Member, settings: Settings) -> list[Alert]:
    """Return what the Prometheus of one cluster judges."""
    return [
        *_requests(),
        _between_clusters(member),
        *_pools(connection_limits(settings.traffic)),
        *_gateways(member),
        *(_control_plane(member, settings) if member.is_primary else ()),
        *_ways(member),
    ]


def view_alerts(plan: Plan) -> list[Alert]:
    """Return what the view over all clusters judges: whether it hears of each of them."""
    return [_silence(plan.members[key].settings.name) for key in sorted(plan.members)]


def rules_file(alerts: Sequence[Alert]) -> Mapping[str, Any]:
    """Return the file of rules with these alerts."""
    return {"groups": [{"name": "oke-mesh", "rules": [alert.written() for alert in alerts]}]}


def _rate(*labels: str, over: str = "5m") -> str:
    # Failures of the way to a service are counted by its caller's proxy, and by nobody else.
    selector = ",".join(['reporter="source"', *labels])
    return f"rate(istio_requests_total{{{selector}}}[{over}])"


def _requests() -> list[Alert]:
    service = "destination_service"
    failed = f"sum by ({service}) ({_rate(_FAILED)})"
    durations = 'istio_request_duration_milliseconds_bucket{reporter="source"}'
    return [
        Alert(
            name="HighErrorRate",
            expression=f"{failed} / sum by ({service}) ({_rate()}) > 0.05",
            lasts="5m",
            is_critical=True,
            summary="More than 5% of the requests to {{ $labels.destination_service }} fail.",
            action="Its pods and their logs; then who was deployed last.",
        ),
        Alert(
            name="HighLatency",
            expression=f"histogram_quantile(0.99, sum by ({service}, le) (rate({durations}[5m])))"
            " > 1000",
            lasts="5m",
            is_critical=False,
            summary="Of 100 requests to {{ $labels.destination_service }} one takes over 1 s.",
            action="Its CPU and what it calls itself; with traces, the longest span.",
        ),
        Alert(
            name="CircuitBreakerTriggered",
            expression=f"sum by ({service}) ({_rate(_OVERFLOWN, over='2m')}) > 0",
            lasts="2m",
            is_critical=False,
            summary="Requests to {{ $labels.destination_service }} are beyond its connection pool.",
            action="Its load, then `traffic.services` and its connectionPool.",
        ),
    ]


def _between_clusters(member: Member) -> Alert:
    name = member.settings.name
    far = f'source_cluster="{name}"', f'destination_cluster!~"{name}|unknown"'
    failed = f"sum by (destination_cluster) ({_rate(*far, _FAILED_ON_THE_WAY)})"
    return Alert(
        name="CrossClusterConnectivityIssue",
        expression=f"{failed} / sum by (destination_cluster) ({_rate(*far)}) > 0.05",
        lasts="5m",
        is_critical=True,
        summary="More than 5% of requests to {{ $labels.destination_cluster }} fail on the way.",
        action="`python -m ops verify`; the east-west gateway there, and the peering.",
    )


def _pools(limits: Mapping[str, int]) -> list[Alert]:
    """Return one alert for each service whose connections are limited: Envoy has no such count."""
    return [
        Alert(
            name="HighConnectionPoolUsage",
            expression="max by (cluster_name) (envoy_cluster_upstream_cx_active"
            f'{{cluster_name=~"outbound[|][0-9]+[|].*[|]{_literal(host)};?"}}) / {limit} > 0.8',
            lasts="5m",
            is_critical=False,
            summary=f"A proxy has over 80% of the {limit} connections to {host} that it may have.",
            action="The load of the service, then `traffic.services` and its connectionPool.",
        )
        for host, limit in limits.items()
    ]


def _gateways(member: Member) -> list[Alert]:
    found = [
        Alert(
            name="IngressGatewayDown",
            expression=f"absent({_up(INGRESS.release)} == 1)",
            lasts="1m",
            is_critical=True,
            summary="No pod of the ingress gateway answers.",
            action="Its pods and events; then the nodes.",
        )
    ]
    if member.needs_east_west:
        release = east_west(member.settings.network).release
        ready = (
            "kube_deployment_status_replicas_available"
            f'{{namespace="{ISTIO_NAMESPACE}",deployment="{release}"}}'
        )
        found.append(
            Alert(
                name="EastWestGatewayWithoutBackends",
                expression=f"absent({ready} > 0)",
                lasts="1m",
                is_critical=True,
                summary="The east-west gateway has no pod that is ready: other clusters cannot call"
                " this one.",
                action="Its pods and events; then the health of the load balancer's backends.",
            )
        )
    return found


def _control_plane(member: Member, settings: Settings) -> list[Alert]:
    days = settings.pki.early_renewal_days // 2
    left = " or ".join(
        f"min(citadel_server_{which}_expiry_seconds) < {days * _SECONDS_PER_DAY}"
        for which in ("cert_chain", "root_cert")
    )
    found = [
        Alert(
            name="IstiodDown",
            expression=f"absent({_up('istiod')} == 1)",
            lasts="2m",
            is_critical=True,
            summary="No istiod answers: proxies keep what they know, and new pods get none.",
            action="The pods of istiod and their events.",
        ),
        Alert(
            name="CertificateNearItsEnd",
            expression=left,
            lasts="1h",
            is_critical=True,
            summary=f"What signs the certificates of the mesh ends in less than {days} days.",
            action="`pulumi up` renews an intermediate; of a root docs/runbook.md tells.",
        ),
    ]
    if member.peers:
        found.append(_lost_cluster(len(member.peers)))
    return found


def _lost_cluster(others: int) -> Alert:
    known = 'min(istiod_managed_clusters{cluster_type="remote"})'
    unsynced = 'max(istiod_remote_cluster_sync_status{status!="synced"})'
    return Alert(
        name="IstiodLostACluster",
        expression=f"{known} < {others} or {unsynced} > 0",
        lasts="5m",
        is_critical=True,
        summary="istiod does not read all other clusters: it knows nothing new of their pods.",
        action="`istioctl remote-clusters`; the token in the remote Secret; the way to the API.",
    )


def _ways(member: Member) -> list[Alert]:
    behind = (
        "(prometheus_remote_storage_queue_highest_timestamp_seconds"
        " - prometheus_remote_storage_queue_highest_sent_timestamp_seconds)"
    )
    found = [
        Alert(
            name="ViewOutOfReach",
            expression=f"max({behind}) > 300",
            lasts="5m",
            is_critical=False,
            summary="What this cluster measures does not reach the view over all clusters.",
            action="Whether the home cluster and its gateway answer; two hours are sent later.",
        )
    ]
    if member.peers:
        found.append(
            Alert(
                name="ClusterOutOfReach",
                expression=f'max by (target_cluster) (up{{job="{CLUSTERS_JOB}"}}) == 0',
                lasts="2m",
                is_critical=True,
                summary="{{ $labels.target_cluster }} does not answer through the mesh.",
                action="`python -m ops verify`; the peering, then the east-west gateway there.",
            )
        )
    return found


def _silence(name: str) -> Alert:
    return Alert(
        name="ClusterSilent",
        expression=f'absent(up{{cluster="{name}"}})',
        lasts="5m",
        is_critical=True,
        summary=f"Nothing was heard of {name}: it is lost, or the way from it.",
        action="Alerts of the other clusters; then the region's status page and the peering.",
    )


def _up(app: str) -> str:
    return f'up{{app="{app}"}}'


def _literal(host: str) -> str:
    """Return a host as a regular expression that means itself."""
    return host.replace(".", "[.]")
