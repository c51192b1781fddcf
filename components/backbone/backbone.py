"""What joins the VCNs: a DRG in each region, and a peering for each pair of regions."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.backbone.peering import Peering, PeeringArgs
from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.context import Context
from components.known_after import known_after
from components.plan.plan import Plan, RegionPair


@dataclass(frozen=True, kw_only=True, slots=True)
class BackboneArgs:
    """The regions of the mesh."""

    compartment_id: pulumi.Input[str]
    plan: Plan
    owner: Owner
    providers: Mapping[str, oci.Provider]
    """One for each region of the plan."""

    @classmethod
    def of(cls, context: Context) -> "BackboneArgs":
        """Return the backbone of every region in the plan."""
        return cls(
            compartment_id=context.settings.oci.compartment_id,
            plan=context.plan,
            owner=context.owner,
            providers=context.providers.oci,
        )

    def __post_init__(self) -> None:
        """Refuse a plan with a region that has no provider."""
        missing = sorted(set(self.plan.regions) - set(self.providers))
        if missing:
            raise ValueError(f"no OCI provider for {', '.join(missing)}")


class Backbone(pulumi.ComponentResource):
    """DRGs of which each reaches every other one."""

    drg_ids: Mapping[str, pulumi.Output[str]]
    """By region. Whoever uses one waits for the peerings of that region."""
    peerings: Mapping[str, pulumi.Output[Mapping[str, str]]]
    """By the key of the pair of regions: `acceptorId`, `requestorId` and `status`."""

    def __init__(
        self, name: str, args: BackboneArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:backbone:Backbone", name, None, opts)
        drgs = {region: self._drg(args, region) for region in args.plan.regions}
        peerings = {pair: self._peering(args, pair, drgs) for pair in args.plan.region_pairs}
        self.drg_ids = {region: _joined(region, id_, peerings) for region, id_ in drgs.items()}
        self.peerings = {pair.key: _described(peering) for pair, peering in peerings.items()}
        self.register_outputs({"drgIds": self.drg_ids, "peerings": self.peerings})

    def _drg(self, args: BackboneArgs, region: str) -> pulumi.Output[str]:
        brought = args.plan.drg_ids.get(region)
        if brought:
            return pulumi.Output.from_input(brought)
        drg = oci.core.Drg(
            naming.logical(region, "drg"),
            compartment_id=args.compartment_id,
            display_name=args.owner.title(region, "drg"),
            freeform_tags=args.owner.tags(TagRole.BACKBONE),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self, provider=args.providers[region]),
        )
        return drg.id

    def _peering(
        self, args: BackboneArgs, pair: RegionPair, drgs: Mapping[str, pulumi.Output[str]]
    ) -> Peering:
        peering_args = PeeringArgs(
            pair=pair,
            compartment_id=args.compartment_id,
            acceptor_drg_id=drgs[pair.acceptor],
            requestor_drg_id=drgs[pair.requestor],
            acceptor_provider=args.providers[pair.acceptor],
            requestor_provider=args.providers[pair.requestor],
            owner=args.owner,
        )
        return Peering(pair.key, peering_args, opts=pulumi.ResourceOptions(parent=self))


def _joined(
    region: str, drg_id: pulumi.Output[str], peerings: Mapping[RegionPair, Peering]
) -> pulumi.Output[str]:
    """Return the DRG's id, known only when the region is joined to all others."""
    joins = [
        peering.requestor
        for pair, peering in peerings.items()
        if region in (pair.acceptor, pair.requestor)
    ]
    return known_after(drg_id, joins)


def _described(peering: Peering) -> pulumi.Output[Mapping[str, str]]:
    return pulumi.Output.all(
        acceptorId=peering.acceptor_id,
        requestorId=peering.requestor_id,
        status=peering.status,
    )
