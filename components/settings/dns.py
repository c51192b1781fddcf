"""How the names of hosts lead to the gateways of all clusters, by OCI DNS."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from components.settings.hosts import HostName, UrlPath
from components.settings.types import Kind, Model, Region, fault

# Of a monitor, https://docs.oracle.com/iaas/api/#/en/healthchecks/latest/HttpMonitor
_INTERVALS: Final = (10, 30, 60)


def _interval(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in _INTERVALS:
        *some, last = _INTERVALS
        choices = f"{', '.join(map(str, some))} or {last}"
        raise fault("is no interval of Oracle's health checks", f"write {choices}")
    return value


Interval = Annotated[int, BeforeValidator(_interval), Kind("10, 30 or 60")]

Weight = Annotated[int, Field(strict=True, ge=1, le=255)]
"""https://docs.oracle.com/iaas/api/#/en/dns/latest/datatypes/SteeringPolicyWeightedAnswerData"""


class Steering(StrEnum):
    """Which of the gateways that are well a name leads to."""

    WEIGHTED = "weighted"
    FAILOVER = "failover"
    NEAREST = "nearest"


class HealthCheckSettings(Model):
    """How Oracle finds out, from many places, whether a gateway is well."""

    path: UrlPath | None = None
    """What the service answers with a status of 200 to 299, asked by HTTP, also where the rest is
    sent to HTTPS. If not given the gateway itself is asked, whatever the service does."""
    interval_seconds: Interval = 30
    """How often; 10 is billed as a premium monitor."""


class DnsSettings(Model):
    """A zone of yours in which the program answers for the names of hosts."""

    zone: HostName = Field(examples=["example.com"])
    """A public zone in OCI DNS that is there already; every name of a host is in it."""
    region: Region = Field(examples=["eu-frankfurt-1"])
    """From where health checks and answers are managed. Choose one that stays, such as the home
    region; it needs no cluster."""
    steering: Steering = Steering.WEIGHTED
    """Whether a name leads to all gateways by weights, to the first that is well, or to those on
    the continent of who asks."""
    weights: dict[str, Weight] = Field(default_factory=dict)
    """With `weighted`, how often a cluster is answered beside the others; 1 if not given."""
    order: tuple[str, ...] = ()
    """With `failover`, the keys of clusters from the first to the last; those left out come after
    them, in the order of their keys."""
    ttl_seconds: int = Field(default=30, strict=True, ge=1, le=3600)
    """How long an answer is kept by who asked; not longer than `mesh.drainSeconds`, or a cluster
    that leaves is still called when it is gone."""
    health_check: HealthCheckSettings = HealthCheckSettings()
