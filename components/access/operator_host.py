"""The operator host: the one machine of the program with a public address to sign in to."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_oci as oci

from components.access.metadata import Tools, operator_metadata
from components.cloud import naming, offers
from components.cloud.chosen import tell_newer
from components.cloud.images import RunningImage, choose_platform_image
from components.cloud.owner import Owner, TagRole
from components.cloud.regional import availability_domains
from components.plan.plan import Member, Plan
from components.settings.stack import AccessSettings

# The user that Oracle's platform images make.
USER: Final = "opc"

_OS_VERSION: Final = "9"


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorHostArgs:
    """Where the host lies, what it reaches and who may sign in."""

    plan: Plan
    """One of its members has the operator host."""
    owner: Owner
    subnet_id: pulumi.Input[str]
    nsg_id: pulumi.Input[str]
    ssh_public_key: str
    istioctl: str
    """Version to install."""
    kubernetes_versions: Sequence[pulumi.Input[str]]
    """Of the clusters; kubectl is of the newest."""
    settings: AccessSettings
    """What it is, where it lies, and with which key `ssh` signs in."""

    def __post_init__(self) -> None:
        """Refuse a plan without a host."""
        _ = self.member

    @property
    def defined_tags(self) -> dict[str, str] | None:
        """The host's own defined tags with everything's; None where there are none."""
        return {**(self.owner.defined_tags or {}), **self.settings.defined_tags} or None

    @property
    def member(self) -> Member:
        """The cluster in whose network the host lies.

        Raises:
            ValueError: no cluster of the plan has the host.
        """
        if self.plan.operator is None:
            raise ValueError("no cluster of the plan has the operator host")
        return self.plan.operator


class OperatorHost(pulumi.ComponentResource):
    """A host that is running when its address is known; `Tunnel` waits until it answers."""

    public_ip: pulumi.Output[str]
    """Its address; another one when the host is replaced."""
    instance_id: pulumi.Output[str]
    """Its OCID, under which its host key is pinned."""
    ssh_command: pulumi.Output[str]
    """The line that signs in to it."""

    def __init__(
        self, name: str, args: OperatorHostArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:access:OperatorHost", name, None, opts)
        instance = self._instance(name, args)
        self.public_ip = instance.public_ip
        self.instance_id = instance.id
        self.ssh_command = pulumi.Output.all(instance.public_ip, instance.id).apply(
            lambda known: ssh_command(known[0], known[1], args.settings.ssh_private_key_path)
        )
        self.register_outputs({"publicIp": self.public_ip, "sshCommand": self.ssh_command})

    def _instance(self, name: str, args: OperatorHostArgs) -> oci.core.Instance:
        member, owner = args.member, args.owner
        tags = owner.tags(TagRole.ACCESS, member.key)
        display_name = owner.title(member.key, "operator")
        return oci.core.Instance(
            naming.logical(name, "operator"),
            compartment_id=member.compartment_id,
            availability_domain=self._availability_domain(args),
            display_name=display_name,
            shape=args.settings.shape,
            shape_config=_shape_config(args.settings),
            platform_config=_platform(args.settings),
            is_pv_encryption_in_transit_enabled=args.settings.encrypt_in_transit or None,
            source_details=self._source(args),
            create_vnic_details=oci.core.InstanceCreateVnicDetailsArgs(
                subnet_id=args.subnet_id,
                nsg_ids=[args.nsg_id],
                assign_public_ip="true",
                display_name=display_name,
                freeform_tags=tags,
                defined_tags=args.defined_tags,
            ),
            # Version 1 of the metadata service answers any program that can be made to ask.
            instance_options=oci.core.InstanceInstanceOptionsArgs(
                are_legacy_imds_endpoints_disabled=True
            ),
            metadata=self._metadata(args),
            preserve_boot_volume=False,
            freeform_tags=tags,
            defined_tags=args.defined_tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                # OCI would put the new image into the same instance, whose key is then another
                # one than was pinned under its OCID.
                replace_on_changes=["sourceDetails.sourceId"],
            ),
        )

    def _source(self, args: OperatorHostArgs) -> oci.core.InstanceSourceDetailsArgs:
        return oci.core.InstanceSourceDetailsArgs(
            source_type="image",
            source_id=args.settings.image_id or self._image_id(args),
            kms_key_id=args.settings.boot_volume_key_id,
        )

    def _metadata(self, args: OperatorHostArgs) -> pulumi.Output[dict[str, str]]:
        return pulumi.Output.all(*args.kubernetes_versions).apply(
            lambda versions: operator_metadata(
                args.plan,
                args.owner,
                Tools(
                    kubernetes=versions,
                    istioctl=args.istioctl,
                    checksums=args.settings.checksums,
                ),
                ssh_public_key=args.ssh_public_key,
            )
        )

    def _availability_domain(self, args: OperatorHostArgs) -> pulumi.Output[str]:
        names = availability_domains(args.member.compartment_id, self)
        path, number = "access.availabilityDomain", args.settings.availability_domain
        return names.apply(lambda known: offers.domains(path, known, [number])[0])

    def _image_id(self, args: OperatorHostArgs) -> pulumi.Output[str]:
        found = oci.core.get_images_output(
            compartment_id=args.member.compartment_id,
            operating_system="Oracle Linux",
            operating_system_version=_OS_VERSION,
            shape=args.settings.shape,
            state="AVAILABLE",
            opts=pulumi.InvokeOptions(parent=self),
        )
        name = args.owner.title(args.member.key, "operator")
        running = oci.core.get_instances_output(
            compartment_id=args.member.compartment_id,
            display_name=name,
            opts=pulumi.InvokeOptions(parent=self),
        )
        images = found.images.apply(lambda all_: {image.display_name: image.id for image in all_})
        kept = running.instances.apply(
            lambda all_: [
                source.source_id
                for host in all_
                if host.state not in offers.GONE
                for source in host.source_details
            ]
        )
        return pulumi.Output.all(images, kept).apply(lambda known: self._chosen(*known))

    def _chosen(self, images: Mapping[str, str], running: Sequence[str]) -> str:
        names = {id_: name for name, id_ in images.items()}
        # The list holds the newest few only, so that an older host's image has no name here.
        kept = [RunningImage(id=id_, name=names.get(id_, id_)) for id_ in running]
        chosen = choose_platform_image(
            "access.imageId", _OS_VERSION, images, running=kept[0] if kept else None
        )
        return tell_newer(self, "access.imageId", chosen)


def _shape_config(settings: AccessSettings) -> oci.core.InstanceShapeConfigArgs | None:
    if not settings.is_flexible:
        return None
    return oci.core.InstanceShapeConfigArgs(ocpus=settings.ocpus, memory_in_gbs=settings.memory_gb)


def _platform(settings: AccessSettings) -> oci.core.InstancePlatformConfigArgs | None:
    platform = settings.platform
    if not settings.shielded or platform is None:
        return None
    return oci.core.InstancePlatformConfigArgs(
        type=platform,
        is_secure_boot_enabled=True,
        is_measured_boot_enabled=True,
        is_trusted_platform_module_enabled=True,
    )


def ssh_command(address: str, instance_id: str, private_key_path: str | None) -> str:
    """Return the line that signs in to the host; `ops tunnel open` reads it too.

    The host key is known under the OCID: an address passes from one instance to another.
    """
    identity = ["-i", private_key_path] if private_key_path else []
    alias = ["-o", f"HostKeyAlias={instance_id}"]
    return shlex.join(["ssh", *identity, *alias, f"{USER}@{address}"])
