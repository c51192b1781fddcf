"""The health of load balancers, from what the machines saw of each backend."""

from __future__ import annotations

from lab.cloud.ids import now
from lab.cloud.loadbalancer.models import part
from lab.cloud.loadbalancer.records import BackendSet, LoadBalancer
from lab.cloud.records import Json

OK, WARNING, CRITICAL, UNKNOWN = "OK", "WARNING", "CRITICAL", "UNKNOWN"
_CHECKED = {True: OK, False: CRITICAL, None: UNKNOWN}


def backend_health(balancer: LoadBalancer, set_name: str, backend_name: str) -> Json:
    found = part(balancer.backend_sets, set_name)
    state = _states(balancer, found).get(backend_name, UNKNOWN)
    address = balancer.ip_addresses[0].ip_address
    checks = {OK: "OK", CRITICAL: "CONNECT_FAILED", UNKNOWN: "UNKNOWN"}
    return {
        "status": state,
        "healthCheckResults": [
            {
                "subnetId": balancer.subnet_ids[0],
                "sourceIpAddress": address,
                "timestamp": now(),
                "healthCheckStatus": checks[state],
            }
        ],
    }


def set_health(balancer: LoadBalancer, set_name: str) -> Json:
    states = _states(balancer, part(balancer.backend_sets, set_name))
    return {
        "status": _together(list(states.values())),
        "warningStateBackendNames": [],
        "criticalStateBackendNames": [n for n, state in states.items() if state == CRITICAL],
        "unknownStateBackendNames": [n for n, state in states.items() if state == UNKNOWN],
        "totalBackendCount": len(states),
    }


def balancer_health(balancer: LoadBalancer) -> Json:
    sets = {name: str(set_health(balancer, name)["status"]) for name in balancer.backend_sets}
    return {
        "status": _together(list(sets.values())),
        "warningStateBackendSetNames": [n for n, state in sets.items() if state == WARNING],
        "criticalStateBackendSetNames": [n for n, state in sets.items() if state == CRITICAL],
        "unknownStateBackendSetNames": [n for n, state in sets.items() if state == UNKNOWN],
        "totalBackendSetCount": len(sets),
    }


def _states(balancer: LoadBalancer, chosen: BackendSet) -> dict[str, str]:
    """Each backend's state; the machines report per listener, sets are read through theirs."""
    seen: dict[str, bool] = {}
    for name, listener in balancer.listeners.items():
        if listener.default_backend_set_name == chosen.name:
            seen |= balancer.health.get(name, {})
    return {backend.name: _CHECKED[seen.get(backend.name)] for backend in chosen.backends}


def _together(states: list[str]) -> str:
    """The vendor's rule: all well, all unknown, half or more ill, or in between."""
    if not states or all(state == UNKNOWN for state in states):
        return UNKNOWN
    if all(state == OK for state in states):
        return OK
    ill = [state for state in states if state in (CRITICAL, UNKNOWN)]
    return CRITICAL if len(ill) * 2 >= len(states) else WARNING
