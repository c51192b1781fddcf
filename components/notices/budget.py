"""A budget: mails when a month costs, or is going to cost, more than what it may."""

# What is not used is not imported, as in `components.ingress.steering`.
from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.settings.notices import BudgetSettings

# How Oracle calls what was spent and what is going to be.
_ACTUAL: Final = "ACTUAL"
_FORECAST: Final = "FORECAST"


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetArgs:
    """The settings, and whose cost it counts."""

    settings: BudgetSettings
    compartment_id: str
    """Whose cost it counts."""
    tenancy_id: pulumi.Input[str]
    owner: Owner


class Budget(pulumi.ComponentResource):
    """A budget of one compartment with its rules.

    Wherever its target is, it lies in the root compartment,
    https://docs.oracle.com/iaas/Content/Billing/Concepts/budgetsoverview.htm
    """

    def __init__(
        self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:notices:Budget", name, None, opts)
        budget = oci.budget.Budget(
            naming.logical(name, "month"),
            compartment_id=args.tenancy_id,
            display_name=args.owner.title("budget"),
            description=f"What a month of the mesh {args.owner.mesh} may cost.",
            amount=args.settings.monthly,
            reset_period="MONTHLY",
            target_type="COMPARTMENT",
            targets=[args.compartment_id],
            freeform_tags=args.owner.tags(TagRole.NOTICES),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for percent in args.settings.thresholds:
            self._rule(name, args, budget, type_=_ACTUAL, percent=percent)
        for percent in args.settings.forecasts:
            self._rule(name, args, budget, type_=_FORECAST, percent=percent)
        self.register_outputs({})

    def _rule(
        self, name: str, args: BudgetArgs, budget: oci.budget.Budget, *, type_: str, percent: int
    ) -> None:
        words = type_.lower(), str(percent)
        oci.budget.Rule(
            naming.logical(name, *words, "rule"),
            budget_id=budget.id,
            display_name=args.owner.title("budget", *words),
            type=type_,
            threshold=percent,
            threshold_type="PERCENTAGE",
            recipients=",".join(args.settings.recipients),
            freeform_tags=args.owner.tags(TagRole.NOTICES),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
