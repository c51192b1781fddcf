"""Instances: hosts with one VNIC, such as the operator host; and the nodes of node pools."""

from __future__ import annotations

from lab.cloud.core.images import images
from lab.cloud.core.records import (
    BootVolume,
    BootVolumeAttachment,
    Instance,
    ShapeConfig,
    Source,
    Subnet,
    Vnic,
    VnicAttachment,
    VnicDetails,
)
from lab.cloud.core.vnics import Attachment, attach, detach, vnics_of
from lab.cloud.errors import incorrect_state, invalid, missing, not_found
from lab.cloud.identity.models import domain_names
from lab.cloud.lifecycle import hosts
from lab.cloud.store import Store

SHAPES: dict[str, bool] = {
    "VM.Standard.E3.Flex": True,
    "VM.Standard.E4.Flex": True,
    "VM.Standard.E5.Flex": True,
    "VM.Standard.A1.Flex": True,
    "VM.Standard2.1": False,
    "VM.Standard2.2": False,
}
"""Shape names, and whether one chooses processors and memory."""
BOOT_VOLUME_GBS = 47
"""The size of a boot volume where the client does not say: that of the images."""


def create_instance(store: Store, instance: Instance) -> None:
    check_domain(instance.availability_domain, instance.region)
    check_shape(instance.shape, instance.shape_config)
    network = instance.create_vnic_details or VnicDetails(subnet_id=instance.subnet_id)
    if not network.subnet_id:
        raise missing("createVnicDetails.subnetId may not be null or absent.")
    store.live(Subnet, network.subnet_id, instance.region)
    instance.source_details = instance.source_details or Source(image_id=instance.image_id)
    instance.image_id = instance.source_details.image_id
    if instance.image_id not in {image["id"] for image in images(instance.region)}:
        raise not_found()
    equip(store, instance, network)


def equip(store: Store, instance: Instance, network: VnicDetails) -> Vnic:
    """What each instance has: a VNIC and a boot volume, and the attachments that tie them."""
    subnet_id = str(network.subnet_id)
    public = network.assign_public_ip
    if public is None:
        public = not store.live(Subnet, subnet_id).prohibit_public_ip_on_vnic
    vnic = attach(
        store,
        Attachment(
            subnet_id=subnet_id,
            name=network.display_name or instance.display_name,
            owner=instance,
            nsg_ids=network.nsg_ids,
            public=public,
            private_ip=network.private_ip,
        ),
    )
    store.keep(
        VnicAttachment(
            region=instance.region,
            compartment_id=instance.compartment_id,
            display_name=vnic.display_name,
            lifecycle_state="ATTACHED",
            availability_domain=instance.availability_domain,
            instance_id=instance.id,
            subnet_id=subnet_id,
            vnic_id=vnic.id,
        )
    )
    _add_boot_volume(store, instance)
    return vnic


def _add_boot_volume(store: Store, instance: Instance) -> None:
    source = instance.source_details
    name = f"{instance.display_name} (Boot Volume)"
    volume = store.keep(
        BootVolume(
            region=instance.region,
            compartment_id=instance.compartment_id,
            display_name=name,
            lifecycle_state="AVAILABLE",
            availability_domain=instance.availability_domain,
            image_id=instance.image_id,
            size_in_gbs=(source and source.boot_volume_size_in_gbs) or BOOT_VOLUME_GBS,
        )
    )
    store.keep(
        BootVolumeAttachment(
            region=instance.region,
            compartment_id=instance.compartment_id,
            display_name=name,
            lifecycle_state="ATTACHED",
            availability_domain=instance.availability_domain,
            boot_volume_id=volume.id,
            instance_id=instance.id,
        )
    )


def update_instance(_store: Store, _before: Instance, after: Instance) -> None:
    check_shape(after.shape, after.shape_config)


_ACTIONS = {
    "STOP": ("RUNNING", "STOPPING", "STOPPED"),
    "SOFTSTOP": ("RUNNING", "STOPPING", "STOPPED"),
    "START": ("STOPPED", "STARTING", "RUNNING"),
}
"""What an action asks of an instance, and the states that follow."""


def act(instance: Instance, action: str) -> None:
    """Starts or stops an instance; its addresses and its disk stay."""
    if action not in _ACTIONS:
        raise invalid(f"action '{action}' is not one of {', '.join(_ACTIONS)}.")
    needed, passing, then = _ACTIONS[action]
    if instance.lifecycle_state != needed:
        raise incorrect_state(f"Instance {instance.id} is {instance.lifecycle_state}.")
    instance.become(passing, then, hosts())


def release(store: Store, instance: Instance) -> None:
    """Frees the addresses and the boot volume of an instance that is gone."""
    for vnic in vnics_of(store, instance):
        detach(store, vnic)
    for tie in store.find(VnicAttachment, where=lambda r: r.instance_id == instance.id):
        tie.lifecycle_state = "DETACHED"
    for boot in store.find(BootVolumeAttachment, where=lambda r: r.instance_id == instance.id):
        boot.lifecycle_state = "DETACHED"
        store.get(BootVolume, boot.boot_volume_id).lifecycle_state = "TERMINATED"


def check_domain(name: str, region: str) -> None:
    if name not in domain_names(region):
        raise invalid(f"availabilityDomain '{name}' is not in {region}.")


def check_shape(shape: str | None, config: ShapeConfig | None) -> None:
    """The shape exists, and is told its size where it needs that."""
    if shape not in SHAPES:
        raise invalid(f"shape '{shape}' is not one of {', '.join(SHAPES)}.")
    if SHAPES[shape] and not (config and config.ocpus):
        raise missing(f"shapeConfig.ocpus is required for the flexible shape {shape}.")
