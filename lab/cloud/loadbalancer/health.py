"""The health of load balancers, from what the machines saw of each backend."""

from __future__ import annotations

from lab.cloud.ids import now
from lab.cloud.loadbalancer.models import part
from lab.cloud.store import Json, Record

OK, WARNING, CRITICAL, UNKNOWN = "OK", "WARNING", "CRITICAL", "UNKNOWN"
_CHECKED = {True: OK, False: CRITICAL, None: UNKNOWN}


def backend_health(balancer: Record, set_name: str, backend_name: str) -> Json:
    found = part(balancer, "backendSets", set_name)
    state = _states(balancer, found).get(backend_name, UNKNOWN)
    address = balancer.body["ipAddresses"][0]["ipAddress"]
    checks = {OK: "OK", CRITICAL: "CONNECT_FAILED", UNKNOWN: "UNKNOWN"}
    return {
        "status": state,
        "healthCheckResults": [
            {
                "subnetId": balancer.body["subnetIds"][0],
                "sourceIpAddress": address,
                "timestamp": now(),
                "healthCheckStatus": checks[state],
            }
        ],
    }


def set_health(balancer: Record, set_name: str) -> Json:
    states = _states(balancer, part(balancer, "backendSets", set_name))
    return {
        "status": _together(list(states.values())),
        "warningStateBackendNames": [],
        "criticalStateBackendNames": [n for n, state in states.items() if state == CRITICAL],
        "unknownStateBackendNames": [n for n, state in states.items() if state == UNKNOWN],
        "totalBackendCount": len(states),
    }


def balancer_health(balancer: Record) -> Json:
    sets = {
        name: str(set_health(balancer, name)["status"]) for name in balancer.body["backendSets"]
    }
    return {
        "status": _together(list(sets.values())),
        "warningStateBackendSetNames": [n for n, state in sets.items() if state == WARNING],
        "criticalStateBackendSetNames": [n for n, state in sets.items() if state == CRITICAL],
        "unknownStateBackendSetNames": [n for n, state in sets.items() if state == UNKNOWN],
        "totalBackendSetCount": len(sets),
    }


def _states(balancer: Record, backend_set: Json) -> dict[str, str]:
    """Each backend's state; the machines report per listener, sets are read through theirs."""
    seen: dict[str, bool] = {}
    for name, raw in balancer.body["listeners"].items():
        if raw["defaultBackendSetName"] == backend_set["name"]:
            seen |= balancer.hidden.get("health", {}).get(name, {})
    return {
        backend["name"]: _CHECKED[seen.get(backend["name"])] for backend in backend_set["backends"]
    }


def _together(states: list[str]) -> str:
    """The vendor's rule: all well, all unknown, half or more ill, or in between."""
    if not states or all(state == UNKNOWN for state in states):
        return UNKNOWN
    if all(state == OK for state in states):
        return OK
    ill = [state for state in states if state in (CRITICAL, UNKNOWN)]
    return CRITICAL if len(ill) * 2 >= len(states) else WARNING
