"""Internet, NAT and service gateways, and the vendor's services that the last lead to."""

from __future__ import annotations

from lab.cloud.core.records import (
    InternetGateway,
    InVcn,
    NatGateway,
    PublicIp,
    RouteTable,
    ServiceGateway,
    Vcn,
)
from lab.cloud.core.vnics import free_address
from lab.cloud.errors import in_use, invalid, not_found, over_limit
from lab.cloud.identity.models import region_key
from lab.cloud.ids import fixed_ocid
from lab.cloud.records import Json
from lab.cloud.store import Store

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


def create_gateway(store: Store, gateway: InternetGateway | NatGateway | ServiceGateway) -> None:
    """The vendor's limit is one of each kind for a VCN."""
    store.live(Vcn, gateway.vcn_id, gateway.region)
    if store.find(type(gateway), where=lambda r: r.vcn_id == gateway.vcn_id):
        raise over_limit(f"The limit of {gateway.kind} resources of VCN {gateway.vcn_id} is 1.")


def create_nat_gateway(store: Store, gateway: NatGateway) -> None:
    create_gateway(store, gateway)
    public = store.keep(
        PublicIp(
            region=gateway.region,
            compartment_id=gateway.compartment_id,
            display_name=gateway.display_name,
            lifecycle_state="AVAILABLE",
            ip_address=free_address(store),
            lifetime="EPHEMERAL",
            assigned_entity_id=gateway.id,
            assigned_entity_type="NAT_GATEWAY",
        )
    )
    gateway.nat_ip, gateway.public_ip_id = public.ip_address, public.id


def create_service_gateway(store: Store, gateway: ServiceGateway) -> None:
    create_gateway(store, gateway)
    _name_services(gateway)


def update_service_gateway(_store: Store, _before: ServiceGateway, after: ServiceGateway) -> None:
    _name_services(after)


def delete_gateway(store: Store, gateway: InVcn) -> None:
    """A gateway goes only when no route leads to it."""
    for table in store.find(RouteTable, gateway.region):
        if gateway.id in [rule.network_entity_id for rule in table.route_rules]:
            raise in_use(f"Gateway {gateway.id}", f"RouteTable {table.id}")


def delete_nat_gateway(store: Store, gateway: NatGateway) -> None:
    delete_gateway(store, gateway)
    store.drop(store.get(PublicIp, gateway.public_ip_id))


def _name_services(gateway: ServiceGateway) -> None:
    names = {service["id"]: service["name"] for service in services(gateway.region)}
    for chosen in gateway.services:
        if chosen.service_id not in names:
            raise not_found()
        chosen.service_name = names[chosen.service_id]
    if len(gateway.services) > 1:
        raise invalid("A service gateway leads to one service label at a time.")
