"""Two DRGs of different regions joined by a pair of remote peering connections."""

from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.plan.plan import RegionPair


@dataclass(frozen=True, kw_only=True, slots=True)
class PeeringArgs:
    """Two regions with their DRGs; the provider of each works in its region."""

    pair: RegionPair
    compartment_id: pulumi.Input[str]
    acceptor_drg_id: pulumi.Input[str]
    requestor_drg_id: pulumi.Input[str]
    acceptor_provider: oci.Provider
    requestor_provider: oci.Provider
    owner: Owner


class Peering(pulumi.ComponentResource):
    """A pair of remote peering connections; peered when `status` is known."""

    acceptor_id: pulumi.Output[str]
    requestor_id: pulumi.Output[str]
    status: pulumi.Output[str]
    """Read from the requestor: the acceptor's is recorded before anyone has asked."""
    requestor: oci.core.RemotePeeringConnection
    """Not there before the two sides are peered."""

    def __init__(
        self, name: str, args: PeeringArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:backbone:Peering", name, None, opts)
        acceptor = self._acceptor(name, args)
        requestor = self._requestor(name, args, acceptor)
        self.acceptor_id = acceptor.id
        self.requestor_id = requestor.id
        self.status = requestor.peering_status
        self.requestor = requestor
        self.register_outputs(
            {
                "acceptorId": self.acceptor_id,
                "requestorId": self.requestor_id,
                "status": self.status,
            }
        )

    def _acceptor(self, name: str, args: PeeringArgs) -> oci.core.RemotePeeringConnection:
        return oci.core.RemotePeeringConnection(
            naming.logical(name, "acceptor"),
            compartment_id=args.compartment_id,
            drg_id=args.acceptor_drg_id,
            display_name=args.owner.title(name, "acceptor"),
            freeform_tags=args.owner.tags(TagRole.BACKBONE),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=args.acceptor_provider,
                # A connection whose other end is gone stays REVOKED: both ends are made anew.
                replacement_trigger=args.requestor_drg_id,
            ),
        )

    def _requestor(
        self, name: str, args: PeeringArgs, acceptor: oci.core.RemotePeeringConnection
    ) -> oci.core.RemotePeeringConnection:
        return oci.core.RemotePeeringConnection(
            naming.logical(name, "requestor"),
            compartment_id=args.compartment_id,
            drg_id=args.requestor_drg_id,
            peer_id=acceptor.id,
            peer_region_name=args.pair.acceptor,
            display_name=args.owner.title(name, "requestor"),
            freeform_tags=args.owner.tags(TagRole.BACKBONE),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self, provider=args.requestor_provider),
        )
