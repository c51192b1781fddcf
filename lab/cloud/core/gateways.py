"""Internet, NAT and service gateways, and the vendor's services that the last lead to."""

from __future__ import annotations

from lab.cloud.core.vcn import in_region
from lab.cloud.core.vnics import new_public_ip
from lab.cloud.errors import in_use, invalid, not_found, over_limit
from lab.cloud.identity.models import region_key
from lab.cloud.ids import fixed_ocid
from lab.cloud.router import Call
from lab.cloud.store import Json, Record, Store

SERVICES_CIDR = "198.18.0.0/30"
"""The vendor's services network: in the lab, the management address and its neighbour."""


def services(region: str) -> list[Json]:
    """What a service gateway can lead to."""
    key = region_key(region)
    everything = f"All {key} Services In Oracle Services Network"
    storage = f"OCI {key} Object Storage"
    return [
        {
            "id": fixed_ocid("service", name, region),
            "name": name,
            "description": name,
            "cidrBlock": name.lower().replace(" ", "-"),
        }
        for name in (everything, storage)
    ]


def service_cidrs(region: str) -> list[str]:
    """The names that rules use as destination of type SERVICE_CIDR_BLOCK."""
    return [service["cidrBlock"] for service in services(region)]


def create_internet_gateway(store: Store, call: Call, body: Json) -> Record:
    in_region(store, "vcn", body["vcnId"], region=call.region)
    _only_one(store, "internetgateway", body["vcnId"])
    return store.create("internetgateway", call.region, {"isEnabled": True, **body})


def create_nat_gateway(store: Store, call: Call, body: Json) -> Record:
    in_region(store, "vcn", body["vcnId"], region=call.region)
    _only_one(store, "natgateway", body["vcnId"])
    gateway = store.create("natgateway", call.region, {"blockTraffic": False, **body})
    public = new_public_ip(
        store,
        call.region,
        displayName=body["displayName"],
        lifetime="EPHEMERAL",
        assignedEntityId=gateway.id,
        assignedEntityType="NAT_GATEWAY",
    )
    gateway.body |= {"natIp": public.body["ipAddress"], "publicIpId": public.id}
    return gateway


def create_service_gateway(store: Store, call: Call, body: Json) -> Record:
    in_region(store, "vcn", body["vcnId"], region=call.region)
    _only_one(store, "servicegateway", body["vcnId"])
    body["services"] = _named(call.region, body["services"])
    return store.create("servicegateway", call.region, {"blockTraffic": False, **body})


def update_service_gateway(_store: Store, gateway: Record, change: Json) -> None:
    if "services" in change:
        change["services"] = _named(gateway.region, change["services"])
    gateway.body.update(change)


def delete_gateway(store: Store, gateway: Record) -> None:
    """A gateway goes only when no route leads to it."""
    for table in store.find("routetable", gateway.region):
        targets = [rule.get("networkEntityId") for rule in table.body["routeRules"]]
        if gateway.id in targets:
            raise in_use(f"Gateway {gateway.id}", f"RouteTable {table.id}")


def delete_nat_gateway(store: Store, gateway: Record) -> None:
    delete_gateway(store, gateway)
    store.drop(store.get("publicip", gateway.body["publicIpId"]))


def _named(region: str, chosen: list[Json]) -> list[Json]:
    names = {service["id"]: service["name"] for service in services(region)}
    for item in chosen:
        if item["serviceId"] not in names:
            raise not_found()
    if len(chosen) > 1:
        raise invalid("A service gateway leads to one service label at a time.")
    return [{**item, "serviceName": names[item["serviceId"]]} for item in chosen]


def _only_one(store: Store, kind: str, vcn_id: str) -> None:
    """The vendor's limit is one of each gateway for a VCN."""
    if store.find(kind, where=lambda r: r.body["vcnId"] == vcn_id):
        raise over_limit(f"The limit of {kind} resources of VCN {vcn_id} is 1.")
