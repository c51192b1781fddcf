"""What is legal and likely not meant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from components.config.load import load
from components.config.warnings import old_tokens, warnings_of
from components.settings.stack import Settings
from tests.support.documents import cluster, documents
from tests.support.harness import deploy

APART = {"clusters__secondary__servicesCidr": "172.17.0.0/16"}
OLD = "2026-05-01T08:00:00Z"
OVERLAP = (
    "clusters.primary.servicesCidr: overlaps that of secondary, so that a TCP service of one of "
    "them can be taken for another's, got 172.16.0.0/16; choose a range of its own for each "
    "cluster that is new"
)


def warnings(**changes: Any) -> list[str]:
    settings = Settings.model_validate(documents(**changes))
    return [str(warning) for warning in warnings_of(settings)]


@pytest.mark.parametrize("given", ["172.16.0.0/16", "172.16.128.0/20"])
def test_ranges_of_services_that_overlap_are_told(given: str) -> None:
    assert warnings(clusters__secondary__servicesCidr=given) == [OVERLAP]


def test_many_clusters_that_overlap_are_one_warning() -> None:
    (text,) = warnings(clusters__third=cluster(2))
    assert text.startswith("clusters.primary.servicesCidr: overlaps that of secondary, third, so")
    (text,) = warnings(**APART, clusters__third=cluster(2))
    assert text.startswith("clusters.primary.servicesCidr: overlaps that of third, so")


@pytest.mark.parametrize(
    "changes",
    [
        APART,
        {"mesh__enabled": False},
        {"clusters__secondary": cluster(1, enabled=False)},
    ],
    ids=["ranges apart", "no mesh", "a disabled cluster"],
)
def test_what_needs_no_second_look_is_not_told(changes: dict[str, Any]) -> None:
    assert warnings(**changes) == []


def test_a_verification_that_is_off_is_told_loudly() -> None:
    assert warnings(**APART, verification__enabled=False) == [
        (
            "verification.enabled: lets an update succeed WITHOUT any proof that the mesh carries "
            "traffic, got False; remove it, or run `python -m ops verify --stack <stack>` after "
            "each update"
        )
    ]
    assert warnings(**APART, verification__enabled=False, mesh__enabled=False) == []


def test_answers_that_outlive_the_drain_of_a_cluster_are_told() -> None:
    shop = {"service": "shop/frontend", "port": 80, "names": ["shop.example.com"]}
    dns = {"zone": "example.com", "region": "eu-frankfurt-1", "ttlSeconds": 60}
    led: dict[str, Any] = {**APART, "mesh__ingress": {"hosts": {"shop": shop}, "dns": dns}}
    assert warnings(**led) == [
        (
            "mesh.ingress.dns.ttlSeconds: is more than mesh.drainSeconds (30), so that users call "
            "a cluster that has left after it is gone, got 60; choose at most that, or more "
            "drainSeconds"
        )
    ]
    assert warnings(**led, mesh__drainSeconds=60) == []


def test_warnings_are_shown_and_refuse_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", said.append)
    deploy(load, config=documents())
    assert said == [OVERLAP]


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (
            OLD,
            [
                (
                    "clusters.primary: is read by other clusters with a token that is older than "
                    "mesh.readerTokenDays (180), got one of 2026-05-01T08:00:00Z, 200 days old; "
                    "make another one: `pulumi up --replace '**primary-istio-reader-token'`"
                )
            ],
        ),
        ("2026-06-01T08:00:00Z", []),
        (None, []),
        ("", []),
    ],
    ids=["old", "young", "outputs of an earlier program", "not known yet"],
)
def test_an_old_token_of_the_reader_is_told(since: str | None, told: list[str]) -> None:
    last = {"clusters": {"primary": {"readerTokenSince": since}, "gone": {"readerTokenSince": OLD}}}
    settings = Settings.model_validate(documents())
    found = old_tokens(settings, last, now=datetime(2026, 11, 17, 9, tzinfo=UTC))
    assert [str(warning) for warning in found] == told


def test_the_age_of_tokens_is_a_setting_and_asked_of_a_mesh_alone() -> None:
    last, now = (
        {"clusters": {"primary": {"readerTokenSince": OLD}}},
        datetime(2026, 5, 8, tzinfo=UTC),
    )
    for changes, count in (
        ({"mesh__readerTokenDays": 6}, 1),
        ({"mesh__readerTokenDays": 7}, 0),
        ({"mesh__readerTokenDays": 6, "mesh__enabled": False}, 0),
    ):
        settings = Settings.model_validate(documents(**changes))
        assert len([*old_tokens(settings, last, now=now)]) == count, changes


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (
            7,
            [
                (
                    "clusters.primary: is written to by the GitOps tool with a token that is older "
                    "than gitops.tokenDays (7), got one of 2026-05-01T08:00:00Z, 7 days old; make "
                    "another one: `pulumi up --replace '**primary-gitops-token'`"
                )
            ],
        ),
        (8, []),
    ],
    ids=["old", "young"],
)
def test_an_old_token_of_the_gitops_tool_is_told(days: int, told: list[str]) -> None:
    last = {"gitopsAccess": {"tokensSince": {"primary": OLD, "secondary": None, "gone": OLD}}}
    now = datetime(2026, 5, 8, 9, tzinfo=UTC)
    asked = {"gitops": {"namespaces": ["shop"], "tokenDays": days}}
    settings = Settings.model_validate(documents(**asked))
    assert [str(warning) for warning in old_tokens(settings, last, now=now)] == told


def test_a_tool_that_is_gone_has_no_token_to_tell_of() -> None:
    last = {"gitopsAccess": {"tokensSince": {"primary": OLD}}}
    settings = Settings.model_validate(documents())
    assert [*old_tokens(settings, last, now=datetime(2027, 5, 8, tzinfo=UTC))] == []
