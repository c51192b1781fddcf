"""Load balancers and their parts; an address in a subnet that forwards to backends.

The controller for Services of type LoadBalancer comes through here too, so that what it makes
obeys the same rules and shows in the same lists as what the API made.
"""

from __future__ import annotations

from lab.cloud.core.vcn import in_region
from lab.cloud.core.vnics import Attachment, attach, detach, regroup, vnics_of
from lab.cloud.errors import conflict, incorrect_state, invalid, missing, not_found
from lab.cloud.ids import now
from lab.cloud.lifecycle import hosts
from lab.cloud.resources import require
from lab.cloud.store import Json, Record, Store
from lab.hosts import spec

KIND = "loadbalancer"
REQUEST = "loadbalancerworkrequest"
FLEXIBLE = "flexible"
MIN_MBPS, MAX_MBPS = 10, 8000
POLICIES = ("ROUND_ROBIN", "LEAST_CONNECTIONS", "IP_HASH")
IDLE_SECONDS = 300
"""How long an idle TCP connection lives where the listener does not say."""

_HEALTH: Json = {
    "returnCode": 200,
    "retries": 3,
    "timeoutInMillis": 3000,
    "intervalInMillis": 10000,
    "responseBodyRegex": "",
    "isForcePlainText": False,
}
_BACKEND: Json = {"weight": 1, "drain": False, "backup": False, "offline": False}


def create(store: Store, region: str, body: Json) -> Record:
    """A new load balancer; ACTIVE when its address forwards."""
    check_shape(body)
    subnets = [in_region(store, "subnet", id_, region=region) for id_ in body["subnetIds"]]
    if not subnets:
        raise missing("subnetIds may not be empty.")
    body = {"isPrivate": False, "networkSecurityGroupIds": [], "reservedIps": [], **body}
    reserved = [
        in_region(store, "publicip", r["id"], region=region) for r in body.pop("reservedIps")
    ]
    sets = {n: backend_set(n, raw) for n, raw in body.get("backendSets", {}).items()}
    body |= {
        "ipMode": "IPV4",
        "isDeleteProtectionEnabled": False,
        "backendSets": sets,
        "listeners": {n: listener(n, raw, sets) for n, raw in body.get("listeners", {}).items()},
        "hostnames": {},
        "certificates": {},
        "pathRouteSets": {},
        "ruleSets": {},
        "sslCipherSuites": {},
        "routingPolicies": {},
        "freeformTags": body.get("freeformTags", {}),
        "definedTags": body.get("definedTags", {}),
    }
    record = store.create(KIND, region, body)
    _attach(store, record, reserved[0] if reserved else None)
    record.become("CREATING", "ACTIVE", hosts())
    return record


def delete(store: Store, balancer: Record) -> None:
    if balancer.body.get("isDeleteProtectionEnabled"):
        raise conflict(f"Load balancer {balancer.id} has delete protection enabled.")
    balancer.become("DELETING", "DELETED", hosts())
    store.touch()


def release(store: Store, balancer: Record) -> None:
    """Frees the addresses of a load balancer that is gone."""
    for vnic in vnics_of(store, balancer.id):
        detach(store, vnic)


def check_active(balancer: Record) -> None:
    if balancer.state not in ("ACTIVE", "CREATING"):
        raise incorrect_state(f"Load balancer {balancer.id} is in state {balancer.state}.")


def check_shape(body: Json) -> None:
    """The flexible shape with its bounds; the fixed ones are at their end of life."""
    if body["shapeName"].lower() != FLEXIBLE:
        raise invalid(f"shapeName '{body['shapeName']}' cannot be created any more; use flexible.")
    details = require(body, "shapeDetails")
    low, high = details["minimumBandwidthInMbps"], details["maximumBandwidthInMbps"]
    if not MIN_MBPS <= low <= high <= MAX_MBPS:
        raise invalid(
            f"shapeDetails must be {MIN_MBPS} <= minimum <= maximum <= {MAX_MBPS} Mbps, "
            f"got {low} and {high}."
        )


def set_groups(store: Store, balancer: Record, nsg_ids: list[str]) -> None:
    for vnic in vnics_of(store, balancer.id):
        regroup(store, vnic, nsg_ids)
    balancer.body["networkSecurityGroupIds"] = list(nsg_ids)


def backend_set(name: str, raw: Json) -> Json:
    """A backend set as the API shows it."""
    if raw["policy"] not in POLICIES:
        raise invalid(f"policy '{raw['policy']}' is not one of {', '.join(POLICIES)}.")
    checker = {**_HEALTH, **raw["healthChecker"]}
    if checker["protocol"] == "HTTP":
        checker.setdefault("urlPath", "/")
    return {
        **raw,
        "name": name,
        "backends": [backend(item) for item in raw.get("backends", [])],
        "healthChecker": checker,
    }


def backend(raw: Json) -> Json:
    return {**_BACKEND, **raw, "name": f"{raw['ipAddress']}:{raw['port']}"}


def listener(name: str, raw: Json, sets: Json) -> Json:
    """A listener as the API shows it."""
    if raw["defaultBackendSetName"] not in sets:
        raise invalid(f"Listener {name}: no backend set {raw['defaultBackendSetName']}.")
    if raw["protocol"] not in ("TCP", "HTTP"):
        raise invalid(f"Listener {name}: protocol '{raw['protocol']}' must be TCP or HTTP.")
    default = {"idleTimeout": IDLE_SECONDS, "backendTcpProxyProtocolVersion": 0}
    connection = raw.get("connectionConfiguration", default)
    return {"hostnameNames": [], "ruleSetNames": [], **raw, "name": name} | {
        "connectionConfiguration": connection
    }


def part(balancer: Record, collection: str, name: str) -> Json:
    """A named listener or backend set, or 404."""
    found: Json | None = balancer.body[collection].get(name)
    if found is None:
        raise not_found()
    return found


def changed(store: Store, balancer: Record) -> None:
    """Says that the machines must follow."""
    balancer.revision += 1
    store.touch()


def accept(store: Store, balancer: Record, operation: str) -> Record:
    """A work request that lasts as long as the load balancer is in a passing state."""
    body: Json = {
        "loadBalancerId": balancer.id,
        "type": operation,
        "compartmentId": balancer.body["compartmentId"],
        "lifecycleState": "IN_PROGRESS",
        "message": "",
        "timeAccepted": now(),
        "errorDetails": [],
    }
    return store.create(REQUEST, balancer.region, body)


def look(store: Store, request: Record) -> Record:
    """Brings a work request up to what its load balancer is now."""
    balancer = store.get(KIND, request.body["loadBalancerId"])
    if request.state == "IN_PROGRESS" and not balancer.pending:
        request.body |= {"lifecycleState": "SUCCEEDED", "message": "OK", "timeFinished": now()}
        store.touch()
    return request


def listeners_of(balancer: Record) -> tuple[spec.Listener, ...]:
    """What the machine must forward."""
    result = []
    for raw in balancer.body["listeners"].values():
        chosen = balancer.body["backendSets"][raw["defaultBackendSetName"]]
        checker = chosen["healthChecker"]
        backends = [b for b in chosen["backends"] if not b["offline"] and not b["drain"]]
        result.append(
            spec.Listener(
                name=raw["name"],
                port=raw["port"],
                backends=tuple((b["ipAddress"], b["port"]) for b in backends),
                health_port=checker.get("port") or (backends[0]["port"] if backends else 0),
                health_path=checker["urlPath"] if checker["protocol"] == "HTTP" else None,
            )
        )
    return tuple(result)


def _attach(store: Store, balancer: Record, reserved: Record | None) -> None:
    body = balancer.body
    vnic = attach(
        store,
        Attachment(
            subnet_id=body["subnetIds"][0],
            name=body["displayName"],
            owner=balancer.id,
            region=balancer.region,
            compartment_id=body["compartmentId"],
            nsg_ids=body["networkSecurityGroupIds"],
            public=not body["isPrivate"],
            reserved_ip=reserved.body["ipAddress"] if reserved else None,
        ),
    )
    address: Json = {
        "ipAddress": vnic.body["privateIp" if body["isPrivate"] else "publicIp"],
        "isPublic": not body["isPrivate"],
    }
    if reserved is not None:
        address["reservedIp"] = {"id": reserved.id}
    body["ipAddresses"] = [address]
