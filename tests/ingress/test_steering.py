"""The rules of each way of steering, as Oracle's templates prescribe them."""

from __future__ import annotations

from typing import Any

import pytest

from components.ingress.steering import TEMPLATES, Place, answers, rules
from components.settings.dns import DnsSettings, Steering
from components.settings.regions import KEYS, Continent, continent

PLACES = [
    Place(key="ash", region="us-ashburn-1"),
    Place(key="chi", region="us-chicago-1"),
    Place(key="fra", region="eu-frankfurt-1"),
]


def dns(steering: str, **parts: Any) -> DnsSettings:
    given = {"zone": "example.com", "region": "eu-frankfurt-1", "steering": steering, **parts}
    return DnsSettings.model_validate(given)


def ordering(steering: str, **parts: Any) -> Any:
    return rules(dns(steering, **parts), PLACES)[2]


def told(data: Any) -> dict[str, int]:
    """Return the condition and value of each entry."""
    return {entry.answer_condition: entry.value for entry in data}


@pytest.mark.parametrize("steering", Steering)
def test_every_template_filters_checks_orders_and_takes_the_first(steering: str) -> None:
    first, second, third, last = rules(dns(steering), PLACES)
    assert first.rule_type == "FILTER"
    kept: Any = first.default_answer_datas
    assert [(data.answer_condition, data.should_keep) for data in kept] == [
        ("answer.isDisabled != true", True)
    ]
    assert (second.rule_type, second.cases, second.default_answer_datas) == ("HEALTH", None, None)
    assert third.rule_type == ("WEIGHTED" if steering is Steering.WEIGHTED else "PRIORITY")
    assert (last.rule_type, last.default_count) == ("LIMIT", 1)
    assert TEMPLATES[Steering(steering)] in {"LOAD_BALANCE", "FAILOVER", "ROUTE_BY_GEO"}


def test_a_weight_is_of_an_answer_by_its_name_and_one_if_not_given() -> None:
    rule = ordering("weighted", weights={"ash": 9})
    assert told(rule.default_answer_datas) == {
        "answer.name == 'ash'": 9,
        "answer.name == 'chi'": 1,
        "answer.name == 'fra'": 1,
    }
    assert rule.cases is None


def test_failover_goes_in_the_given_order_and_then_by_key() -> None:
    rule = ordering("failover", order=["fra", "gone"])
    assert told(rule.default_answer_datas) == {
        "answer.pool == 'fra'": 1,
        "answer.pool == 'ash'": 2,
        "answer.pool == 'chi'": 3,
    }
    assert rule.cases is None


def test_whoever_asks_is_led_to_its_own_continent_and_then_to_the_next() -> None:
    rule = ordering("nearest")
    assert rule.default_answer_datas is None
    cases = {case.case_condition: told(case.answer_datas) for case in rule.cases}
    america, europe = "answer.pool == 'north-america'", "answer.pool == 'europe'"
    assert cases["query.client.geoKey in (geoKey '6255148')"] == {europe: 1, america: 2}
    assert cases["query.client.geoKey in (geoKey '6255150')"] == {america: 1, europe: 2}
    assert len(cases) == len(Continent) + 1


def test_whoever_is_on_no_known_continent_is_answered_too() -> None:
    *others, last = ordering("nearest").cases
    assert last.case_condition is None
    assert None not in [case.case_condition for case in others]


def test_every_case_ranks_every_pool_once() -> None:
    for case in ordering("nearest").cases:
        assert sorted(entry.value for entry in case.answer_datas) == [1, 2]


def test_gateways_of_one_continent_are_one_pool() -> None:
    found = answers(dns("nearest"), PLACES, ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
    assert [(answer.name, answer.pool, answer.rdata) for answer in found] == [
        ("ash", "north-america", "192.0.2.1"),
        ("chi", "north-america", "192.0.2.2"),
        ("fra", "europe", "192.0.2.3"),
    ]


@pytest.mark.parametrize("steering", ["weighted", "failover"])
def test_otherwise_each_gateway_is_a_pool_of_its_own(steering: str) -> None:
    found = answers(dns(steering), PLACES, ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
    assert [answer.pool for answer in found] == ["ash", "chi", "fra"]


@pytest.mark.parametrize(
    ("region", "where"),
    [
        ("ap-sydney-1", Continent.OCEANIA),
        ("ap-dcc-canberra-1", Continent.OCEANIA),
        ("ap-tokyo-1", Continent.ASIA),
        ("me-dubai-1", Continent.ASIA),
        ("us-gov-phoenix-1", Continent.NORTH_AMERICA),
        ("xx-nowhere-1", None),
        ("nonsense", None),
    ],
)
def test_the_continent_of_a_region_is_in_its_name(region: str, where: Continent | None) -> None:
    assert continent(region) is where


def test_the_continent_of_every_known_region_is_known() -> None:
    assert [region for region in KEYS if continent(region) is None] == []
