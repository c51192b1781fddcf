"""A budget and alarms, where they are asked for."""

from collections.abc import Mapping

import pulumi

from components.cloud.home import find_home
from components.context import Context
from components.notices.alarms import Alarms, AlarmsArgs
from components.notices.budget import Budget, BudgetArgs
from components.notices.signals import signals
from components.providers import create_home_provider


def create_notices(context: Context, *, drg_ids: Mapping[str, pulumi.Output[str]]) -> None:
    """Create the budget and the alarms of every region; nothing unless described."""
    _create_budget(context)
    _create_alarms(context, drg_ids)


def _create_budget(context: Context) -> None:
    settings, budget = context.settings, context.settings.budget
    if budget is None:
        return
    counted = budget.compartment_id or settings.oci.compartment_id
    asked = context.providers.oci[context.plan.regions[0]]
    home = find_home("budget", settings.oci.compartment_id, asked)
    provider = create_home_provider(
        settings.oci, context.secrets, home.apply(lambda found: found.region)
    )
    args = BudgetArgs(
        settings=budget,
        compartment_id=counted,
        tenancy_id=home.apply(lambda found: found.tenancy_id),
        owner=context.owner,
    )
    Budget("budget", args, pulumi.ResourceOptions(providers=[provider]))


def _create_alarms(context: Context, drg_ids: Mapping[str, pulumi.Output[str]]) -> None:
    alarms = context.settings.alarms
    if alarms is None:
        return
    compartment_id = context.settings.oci.compartment_id
    for region in context.plan.regions:
        args = AlarmsArgs(
            region=region,
            signals=signals(context.plan, region, compartment_id=compartment_id),
            recipients=alarms.recipients,
            drg_id=drg_ids[region],
            compartment_id=compartment_id,
            owner=context.owner,
        )
        in_region = pulumi.ResourceOptions(providers=[context.providers.oci[region]])
        Alarms(f"{region}-alarms", args, in_region)
