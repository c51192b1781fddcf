"""What OCI DNS answers for the names of a host, as the rules of a steering policy; pure.

Each way of steering is a template of Oracle's, which prescribes the rules and their order: leave
out what is switched off, then what is not well, put the rest in an order, answer with the first.
https://docs.oracle.com/iaas/Content/TrafficManagement/Concepts/trafficmanagementapi.htm
"""

# Names of types stay unread, so that the vendor's package of DNS is imported where there is any.
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi_oci as oci

from components.settings import regions
from components.settings.dns import DnsSettings, Steering
from components.settings.regions import Continent

TEMPLATES: Final[Mapping[Steering, str]] = {
    Steering.WEIGHTED: "LOAD_BALANCE",
    Steering.FAILOVER: "FAILOVER",
    Steering.NEAREST: "ROUTE_BY_GEO",
}

ADDRESS: Final = "A"
"""The type of every record and answer."""

_EVEN: Final = 1

# https://docs.oracle.com/iaas/Content/TrafficManagement/Reference/trafficmanagementgeo.htm
_GEO_KEYS: Final[Mapping[Continent, int]] = {
    Continent.AFRICA: 6255146,
    Continent.ASIA: 6255147,
    Continent.EUROPE: 6255148,
    Continent.NORTH_AMERICA: 6255149,
    Continent.OCEANIA: 6255151,
    Continent.SOUTH_AMERICA: 6255150,
}

# For users of each continent all of them, from the nearest to the farthest by the usual cables.
_NEAR: Final[Mapping[Continent, tuple[Continent, ...]]] = {
    Continent.AFRICA: (
        *(Continent.AFRICA, Continent.EUROPE, Continent.ASIA),
        *(Continent.NORTH_AMERICA, Continent.SOUTH_AMERICA, Continent.OCEANIA),
    ),
    Continent.ASIA: (
        *(Continent.ASIA, Continent.OCEANIA, Continent.NORTH_AMERICA),
        *(Continent.EUROPE, Continent.AFRICA, Continent.SOUTH_AMERICA),
    ),
    Continent.EUROPE: (
        *(Continent.EUROPE, Continent.NORTH_AMERICA, Continent.AFRICA),
        *(Continent.ASIA, Continent.SOUTH_AMERICA, Continent.OCEANIA),
    ),
    Continent.NORTH_AMERICA: (
        *(Continent.NORTH_AMERICA, Continent.SOUTH_AMERICA, Continent.EUROPE),
        *(Continent.ASIA, Continent.OCEANIA, Continent.AFRICA),
    ),
    Continent.OCEANIA: (
        *(Continent.OCEANIA, Continent.ASIA, Continent.NORTH_AMERICA),
        *(Continent.SOUTH_AMERICA, Continent.EUROPE, Continent.AFRICA),
    ),
    Continent.SOUTH_AMERICA: (
        *(Continent.SOUTH_AMERICA, Continent.NORTH_AMERICA, Continent.EUROPE),
        *(Continent.AFRICA, Continent.ASIA, Continent.OCEANIA),
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A gateway that a name leads to."""

    key: str
    """Of its cluster."""
    region: str

    def pool(self, steering: Steering) -> str:
        """Return whom a rule takes it together with.

        Of several on a continent each is answered as often as the others: Oracle shuffles the
        answers first, and a rule leaves those of one rank in their order.
        """
        if steering is not Steering.NEAREST:
            return self.key
        found = regions.continent(self.region)
        if found is None:
            raise ValueError(f"no continent is known of {self.region}; rules refuse it")
        return found.value


def answers(
    dns: DnsSettings, places: Sequence[Place], addresses: Sequence[str]
) -> list[oci.dns.SteeringPolicyAnswerArgs]:
    """Return all that a name may lead to; `addresses` are those of `places`."""
    return [
        oci.dns.SteeringPolicyAnswerArgs(
            name=place.key, rtype=ADDRESS, rdata=address, pool=place.pool(dns.steering)
        )
        for place, address in zip(places, addresses, strict=True)
    ]


def rules(dns: DnsSettings, places: Sequence[Place]) -> list[oci.dns.SteeringPolicyRuleArgs]:
    """Return the rules of the template, in its order."""
    is_on = oci.dns.SteeringPolicyRuleDefaultAnswerDataArgs(
        answer_condition="answer.isDisabled != true", should_keep=True
    )
    rule = oci.dns.SteeringPolicyRuleArgs
    return [
        rule(rule_type="FILTER", default_answer_datas=[is_on]),
        rule(rule_type="HEALTH"),
        _ordering(dns, places),
        rule(rule_type="LIMIT", default_count=1),
    ]


def _ordering(dns: DnsSettings, places: Sequence[Place]) -> oci.dns.SteeringPolicyRuleArgs:
    rule = oci.dns.SteeringPolicyRuleArgs
    match dns.steering:
        case Steering.WEIGHTED:
            return rule(rule_type="WEIGHTED", default_answer_datas=_weights(dns, places))
        case Steering.FAILOVER:
            return rule(rule_type="PRIORITY", default_answer_datas=_order(dns, places))
        case Steering.NEAREST:
            return rule(rule_type="PRIORITY", cases=[*_cases(dns, places)])


def _weights(
    dns: DnsSettings, places: Sequence[Place]
) -> list[oci.dns.SteeringPolicyRuleDefaultAnswerDataArgs]:
    """Return the weight of each answer, which this template knows by its name."""
    return [
        oci.dns.SteeringPolicyRuleDefaultAnswerDataArgs(
            answer_condition=f"answer.name == '{place.key}'",
            value=dns.weights.get(place.key, _EVEN),
        )
        for place in places
    ]


def _order(
    dns: DnsSettings, places: Sequence[Place]
) -> list[oci.dns.SteeringPolicyRuleDefaultAnswerDataArgs]:
    """Return a rank for each pool: each is to be named once, with a rank of its own."""
    keys = [place.key for place in places]
    first = [key for key in dns.order if key in keys]
    return [
        oci.dns.SteeringPolicyRuleDefaultAnswerDataArgs(answer_condition=_of_pool(key), value=rank)
        for rank, key in enumerate([*first, *(key for key in keys if key not in first)], start=1)
    ]


def _cases(
    dns: DnsSettings, places: Sequence[Place]
) -> Iterator[oci.dns.SteeringPolicyRuleCaseArgs]:
    there = {place.pool(dns.steering) for place in places}
    for continent, near in _NEAR.items():
        condition = f"query.client.geoKey in (geoKey '{_GEO_KEYS[continent]}')"
        yield _case([each.value for each in near if each.value in there], condition)
    # The rule is skipped for whoever is in none of the cases.
    yield _case(sorted(there))


def _case(pools: Sequence[str], condition: str | None = None) -> oci.dns.SteeringPolicyRuleCaseArgs:
    return oci.dns.SteeringPolicyRuleCaseArgs(
        case_condition=condition,
        answer_datas=[
            oci.dns.SteeringPolicyRuleCaseAnswerDataArgs(
                answer_condition=_of_pool(pool), value=rank
            )
            for rank, pool in enumerate(pools, start=1)
        ],
    )


def _of_pool(pool: str) -> str:
    return f"answer.pool == '{pool}'"
