"""Instances: hosts with one VNIC, such as the operator host; and the nodes of node pools."""

from __future__ import annotations

from typing import Any

from lab.cloud.core.images import images
from lab.cloud.core.vnics import Attachment, attach, detach, vnics_of
from lab.cloud.errors import invalid, missing, not_found
from lab.cloud.identity.models import domain_names
from lab.cloud.router import Call
from lab.cloud.store import Json, Record, Store

SHAPES: dict[str, bool] = {
    "VM.Standard.E3.Flex": True,
    "VM.Standard.E4.Flex": True,
    "VM.Standard.E5.Flex": True,
    "VM.Standard.A1.Flex": True,
    "VM.Standard2.1": False,
    "VM.Standard2.2": False,
}
"""Shape names, and whether one chooses processors and memory."""


def create_instance(store: Store, call: Call, body: Json) -> Record:
    check_domain(body["availabilityDomain"], call.region)
    check_shape(body["shape"], body.get("shapeConfig"))
    network = body.pop("createVnicDetails", {"subnetId": body.pop("subnetId", None)})
    if not network.get("subnetId"):
        raise missing("createVnicDetails.subnetId may not be null or absent.")
    subnet = store.live("subnet", network["subnetId"], call.region)
    source = body.get("sourceDetails", {"sourceType": "image", "imageId": body.get("imageId")})
    _check_image(call.region, source.get("imageId"))
    kept = {
        "faultDomain": "FAULT-DOMAIN-1",
        "metadata": {},
        "extendedMetadata": {},
        **body,
        "region": call.region,
        "launchMode": "NATIVE",
        "imageId": source.get("imageId"),
        "sourceDetails": source,
    }
    instance = store.create("instance", call.region, kept, role="host")
    attach_to(store, instance, network, public=not subnet.body["prohibitPublicIpOnVnic"])
    return instance


def attach_to(store: Store, instance: Record, network: Json, *, public: bool) -> Record:
    """The instance's VNIC and the attachment that ties it."""
    vnic = attach(
        store,
        Attachment(
            subnet_id=network["subnetId"],
            name=network.get("displayName") or instance.body["displayName"],
            owner=instance.id,
            region=instance.region,
            compartment_id=instance.body["compartmentId"],
            nsg_ids=network.get("nsgIds", ()),
            public=bool(network.get("assignPublicIp", public)),
            private_ip=network.get("privateIp"),
        ),
    )
    store.create(
        "vnicattachment",
        instance.region,
        {
            "availabilityDomain": instance.body["availabilityDomain"],
            "compartmentId": instance.body["compartmentId"],
            "displayName": vnic.body["displayName"],
            "instanceId": instance.id,
            "lifecycleState": "ATTACHED",
            "subnetId": vnic.body["subnetId"],
            "vnicId": vnic.id,
            "nicIndex": 0,
        },
    )
    return vnic


def update_instance(_store: Store, instance: Record, change: Json) -> None:
    check_shape(
        change.get("shape", instance.body["shape"]),
        change.get("shapeConfig", instance.body.get("shapeConfig")),
    )
    instance.body.update(change)


def release(store: Store, instance: Record) -> None:
    """Frees the addresses of an instance that is gone."""
    for vnic in vnics_of(store, instance.id):
        detach(store, vnic)
    for attachment in store.find(
        "vnicattachment", where=lambda r: r.body["instanceId"] == instance.id
    ):
        attachment.body["lifecycleState"] = "DETACHED"


def check_domain(name: str, region: str) -> None:
    if name not in domain_names(region):
        raise invalid(f"availabilityDomain '{name}' is not in {region}.")


def check_shape(shape: Any, config: Json | None) -> None:
    """The shape exists, and is told its size where it needs that."""
    if shape not in SHAPES:
        raise invalid(f"shape '{shape}' is not one of {', '.join(SHAPES)}.")
    if SHAPES[shape] and not (config and config.get("ocpus")):
        raise missing(f"shapeConfig.ocpus is required for the flexible shape {shape}.")


def _check_image(region: str, image_id: str | None) -> None:
    if image_id not in {image["id"] for image in images(region)}:
        raise not_found()
