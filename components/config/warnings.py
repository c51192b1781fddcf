"""What the settings may say and likely do not mean: told at every preview, refused by none.

A rule refuses what cannot work. What works as long as nobody does a certain thing is told here, in
the same form; `load` shows it. The age of what the last update left is told here too. Certificates
near their end are known to the engine only, so `components/pki/expiry.py` tells of them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import combinations
from typing import Any, Final, NamedTuple

from components.config.rules.given import problem
from components.errors import Problem
from components.settings.clusters import ClusterSettings
from components.settings.stack import Settings


def warnings_of(settings: Settings) -> tuple[Problem, ...]:
    """Return what is to be told of settings that break no rule, in the order of the paths."""
    found = (warning for look in _LOOKS for warning in look(settings))
    return tuple(sorted(found))


def _service_ranges_apart(settings: Settings) -> Iterator[Problem]:
    """A proxy listens at the address of a service, also of one that another cluster alone has.

    https://github.com/istio/istio/issues/34627
    """
    if not settings.mesh.enabled:
        return
    for key, others in _overlapped(settings.enabled_clusters).items():
        yield problem(
            f"clusters.{key}.servicesCidr",
            f"overlaps that of {', '.join(others)}, so that a TCP service of one of them can be "
            "taken for another's",
            got=settings.clusters[key].services_cidr,
            remedy="choose a range of its own for each cluster that is new",
        )


def _verification_is_off(settings: Settings) -> Iterator[Problem]:
    if settings.mesh.enabled and not settings.verification.enabled:
        yield problem(
            "verification.enabled",
            "lets an update succeed WITHOUT any proof that the mesh carries traffic",
            got=False,
            remedy="remove it, or run `python -m ops verify --stack <stack>` after each update",
        )


class _Tokens(NamedTuple):
    """Tokens of one kind, which do not end by themselves."""

    since: Mapping[str, str | None]
    """By cluster key, when each was made."""
    limit: int
    """Days."""
    setting: str
    """Of the limit."""
    use: str
    """What is done with one."""
    name: str
    """What ends the name of the resource, behind the cluster's key."""


def old_tokens(settings: Settings, last: Mapping[str, Any], *, now: datetime) -> Iterator[Problem]:
    """Yield the clusters that others call with a token which is older than it should be.

    Whoever has that of a reader reads every Secret of its cluster; whoever has that of a GitOps
    tool can all that the tool can.
    """
    for tokens in _tokens(settings, last):
        for key, since in tokens.since.items():
            if since and key in settings.enabled_clusters:
                yield from _old(tokens, key, since, now=now)


def _tokens(settings: Settings, last: Mapping[str, Any]) -> Iterator[_Tokens]:
    clusters: Mapping[str, Any] = last.get("clusters") or {}
    if settings.mesh.enabled:
        yield _Tokens(
            since={key: cluster.get("readerTokenSince") for key, cluster in clusters.items()},
            limit=settings.mesh.reader_token_days,
            setting="mesh.readerTokenDays",
            use="is read by other clusters",
            name="istio-reader-token",
        )
    if settings.gitops:
        access: Mapping[str, Any] = last.get("gitopsAccess") or {}
        yield _Tokens(
            since=access.get("tokensSince") or {},
            limit=settings.gitops.token_days,
            setting="gitops.tokenDays",
            use="is written to by the GitOps tool",
            name="gitops-token",
        )


def _old(tokens: _Tokens, key: str, since: str, *, now: datetime) -> Iterator[Problem]:
    days = (now - datetime.fromisoformat(since)).days
    if days >= tokens.limit:
        yield Problem(
            path=f"clusters.{key}",
            fault=f"{tokens.use} with a token that is older than {tokens.setting} ({tokens.limit})",
            got=f"one of {since}, {days} days old",
            remedy=f"make another one: `pulumi up --replace '**{key}-{tokens.name}'`",
        )


def _alerts_reach_nobody(settings: Settings) -> Iterator[Problem]:
    chosen = settings.observability
    if chosen and chosen.alerts.receiver is None:
        yield problem(
            "observability.alerts.receiver",
            "is not given, so that alerts are told to nobody",
            got=None,
            remedy="choose one, and set the secret alertReceiver to its URL or key",
        )


def _answers_outlive_drains(settings: Settings) -> Iterator[Problem]:
    """A cluster that leaves is out of the answers first; who has one still calls for its time."""
    dns, drain = settings.steered, settings.mesh.drain_seconds
    if dns and dns.ttl_seconds > drain:
        yield problem(
            "mesh.ingress.dns.ttlSeconds",
            f"is more than mesh.drainSeconds ({drain}), so that users call a cluster that has left "
            "after it is gone",
            got=dns.ttl_seconds,
            remedy="choose at most that, or more drainSeconds",
        )


def _overlapped(clusters: Mapping[str, ClusterSettings]) -> dict[str, list[str]]:
    """Return the clusters with the later ones that overlap them, each of which is in one list."""
    found: dict[str, list[str]] = {}
    told: set[str] = set()
    for (first, one), (second, other) in combinations(clusters.items(), 2):
        if second not in told and one.services_cidr.overlaps(other.services_cidr):
            found.setdefault(first, []).append(second)
            told.add(second)
    return found


_LOOKS: Final[tuple[Callable[[Settings], Iterator[Problem]], ...]] = (
    _service_ranges_apart,
    _verification_is_off,
    _alerts_reach_nobody,
    _answers_outlive_drains,
)
