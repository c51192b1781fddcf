"""VCNs and subnets, with the default route table, security list and DHCP options of a VCN."""

from __future__ import annotations

import re
from ipaddress import IPv4Network

from lab.cloud.core.cidrs import check_disjoint, sized
from lab.cloud.core.vnics import gateway_address
from lab.cloud.errors import conflict, in_use, invalid, not_found
from lab.cloud.resources import require
from lab.cloud.router import Call
from lab.cloud.store import Json, Record, Store

MAX_SECURITY_LISTS = 5
_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,14}")

DEPENDENTS = {
    "subnet": "Subnet",
    "internetgateway": "InternetGateway",
    "natgateway": "NatGateway",
    "servicegateway": "ServiceGateway",
    "drgattachment": "DrgAttachment",
    "networksecuritygroup": "NetworkSecurityGroup",
    "routetable": "RouteTable",
    "securitylist": "SecurityList",
}
"""What a VCN must be rid of before it can be deleted."""


def create_vcn(store: Store, call: Call, body: Json) -> Record:
    blocks = body.get("cidrBlocks") or ([body["cidrBlock"]] if "cidrBlock" in body else [])
    if not blocks:
        require(body, "cidrBlocks")
    seen: list[tuple[str, str]] = []
    for block in blocks:
        check_disjoint(sized(block, "cidrBlocks"), seen)
        seen.append(("this VCN", block))
    _check_label(body)
    body |= {"cidrBlock": blocks[0], "cidrBlocks": blocks}
    if "dnsLabel" in body:
        body["vcnDomainName"] = f"{body['dnsLabel']}.oraclevcn.com"
    vcn = store.create("vcn", call.region, body)
    vcn.body |= {
        "defaultRouteTableId": _default(store, vcn, "routetable", content={"routeRules": []}).id,
        "defaultSecurityListId": _default(
            store, vcn, "securitylist", content=_default_rules(vcn)
        ).id,
        "defaultDhcpOptionsId": _default(store, vcn, "dhcpoptions", content=_dhcp_options(vcn)).id,
    }
    return vcn


def delete_vcn(store: Store, vcn: Record) -> None:
    for kind, title in DEPENDENTS.items():
        for record in store.find(kind, vcn.region, lambda r: r.body.get("vcnId") == vcn.id):
            if not record.hidden.get("default"):
                raise in_use(f"VCN {vcn.id}", f"{title} {record.id}")
    for kind in ("routetable", "securitylist", "dhcpoptions"):
        for record in store.find(kind, vcn.region, lambda r: r.body["vcnId"] == vcn.id):
            store.drop(record)


def create_subnet(store: Store, call: Call, body: Json) -> Record:
    vcn = in_region(store, "vcn", body["vcnId"], region=call.region)
    cidr = str(require(body, "cidrBlock"))
    _check_range(store, vcn, sized(cidr, "cidrBlock"))
    _check_label(body)
    if "dnsLabel" in body and "vcnDomainName" not in vcn.body:
        raise invalid("dnsLabel: the VCN of the subnet has no DNS label.")
    private = bool(body.get("prohibitPublicIpOnVnic") or body.get("prohibitInternetIngress"))
    body = {
        "routeTableId": vcn.body["defaultRouteTableId"],
        "securityListIds": [vcn.body["defaultSecurityListId"]],
        "dhcpOptionsId": vcn.body["defaultDhcpOptionsId"],
        **body,
        "prohibitPublicIpOnVnic": private,
        "prohibitInternetIngress": private,
        "virtualRouterIp": gateway_address(cidr),
        "virtualRouterMac": "00:00:17:00:00:01",
    }
    if "dnsLabel" in body:
        body["subnetDomainName"] = f"{body['dnsLabel']}.{vcn.body['vcnDomainName']}"
    _check_parts(store, vcn, body)
    return store.create("subnet", call.region, body)


def update_subnet(store: Store, subnet: Record, change: Json) -> None:
    vcn = store.live("vcn", subnet.body["vcnId"])
    if change.get("cidrBlock", subnet.body["cidrBlock"]) != subnet.body["cidrBlock"]:
        _check_range(store, vcn, sized(change["cidrBlock"], "cidrBlock"), apart_from=subnet.id)
    _check_parts(store, vcn, change)
    subnet.body.update(change)


def delete_subnet(store: Store, subnet: Record) -> None:
    for vnic in store.find("vnic", subnet.region, lambda r: r.body["subnetId"] == subnet.id):
        raise in_use(f"Subnet {subnet.id}", f"VNIC {vnic.id}")


def refuse_default(record: Record, title: str) -> None:
    """A VCN's own tables live and go with the VCN."""
    if record.hidden.get("default"):
        raise conflict(f"{title} {record.id} is the VCN's default and cannot be deleted.")


def in_region(store: Store, kind: str, id_: str, *, region: str) -> Record:
    """A resource that a body refers to."""
    return store.live(kind, id_, region)


def in_vcn(store: Store, kind: str, id_: str, *, vcn: Record) -> Record:
    """A resource that must be of the same VCN."""
    record = store.live(kind, id_, vcn.region)
    if record.body.get("vcnId") != vcn.id:
        raise not_found()
    return record


def _check_parts(store: Store, vcn: Record, body: Json) -> None:
    if "routeTableId" in body:
        in_vcn(store, "routetable", body["routeTableId"], vcn=vcn)
    lists = body.get("securityListIds", [])
    if len(lists) > MAX_SECURITY_LISTS:
        raise invalid(f"A subnet has at most {MAX_SECURITY_LISTS} security lists.")
    for id_ in lists:
        in_vcn(store, "securitylist", id_, vcn=vcn)


def _check_range(store: Store, vcn: Record, cidr: IPv4Network, *, apart_from: str = "") -> None:
    if not any(cidr.subnet_of(IPv4Network(block)) for block in vcn.body["cidrBlocks"]):
        raise invalid(
            f"The requested CIDR {cidr} is invalid: it is not within the VCN's "
            f"CIDR {', '.join(vcn.body['cidrBlocks'])}."
        )
    others = store.find(
        "subnet", vcn.region, lambda r: r.body["vcnId"] == vcn.id and r.id != apart_from
    )
    check_disjoint(cidr, [(f"subnet {r.id}", r.body["cidrBlock"]) for r in others])


def _check_label(body: Json) -> None:
    label = body.get("dnsLabel")
    if label is not None and not _LABEL.fullmatch(label):
        raise invalid(
            f"dnsLabel '{label}' must begin with a letter and have at most 15 letters and digits."
        )


def _default(store: Store, vcn: Record, kind: str, *, content: Json) -> Record:
    names = {
        "routetable": "Route Table",
        "securitylist": "Security List",
        "dhcpoptions": "DHCP Options",
    }
    body = {
        "compartmentId": vcn.body["compartmentId"],
        "vcnId": vcn.id,
        "displayName": f"Default {names[kind]} for {vcn.body['displayName']}",
        "lifecycleState": "AVAILABLE",
        "freeformTags": {},
        "definedTags": {},
        **content,
    }
    return store.create(kind, vcn.region, body, default=True)


def _default_rules(vcn: Record) -> Json:
    """What the vendor puts into a VCN's own security list."""
    anywhere: Json = {"sourceType": "CIDR_BLOCK", "isStateless": False}
    ssh = {"min": 22, "max": 22}
    return {
        "egressSecurityRules": [
            {
                "destination": "0.0.0.0/0",
                "destinationType": "CIDR_BLOCK",
                "protocol": "all",
                "isStateless": False,
            }
        ],
        "ingressSecurityRules": [
            {
                **anywhere,
                "source": "0.0.0.0/0",
                "protocol": "6",
                "tcpOptions": {"destinationPortRange": ssh},
            },
            {
                **anywhere,
                "source": "0.0.0.0/0",
                "protocol": "1",
                "icmpOptions": {"type": 3, "code": 4},
            },
            *(
                {**anywhere, "source": block, "protocol": "1", "icmpOptions": {"type": 3}}
                for block in vcn.body["cidrBlocks"]
            ),
        ],
    }


def _dhcp_options(vcn: Record) -> Json:
    options: list[Json] = [{"type": "DomainNameServer", "serverType": "VcnLocalPlusInternet"}]
    if "vcnDomainName" in vcn.body:
        options.append({"type": "SearchDomain", "searchDomainNames": [vcn.body["vcnDomainName"]]})
    return {"options": options, "domainNameType": "CUSTOM_DOMAIN"}
