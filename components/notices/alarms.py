"""The alarms of a region, and whom they are told by mail."""

# As in `budget`.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.notices.signals import DRG, Signal


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmsArgs:
    """What is looked at in a region, and who is told."""

    region: str
    signals: Sequence[Signal]
    recipients: Sequence[str]
    drg_id: pulumi.Output[str]
    compartment_id: str
    """In which topic and alarms lie."""
    owner: Owner


class Alarms(pulumi.ComponentResource):
    """A topic with its subscriptions, and the alarms that write to it.

    Both are regional: an alarm reads the metrics of its region, and tells a topic of it.
    """

    def __init__(
        self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:notices:Alarms", name, None, opts)
        topic = oci.ons.NotificationTopic(
            naming.logical(name, "topic"),
            compartment_id=args.compartment_id,
            # Of the whole tenancy no other topic may have it.
            name=args.owner.title(args.region, "alarms"),
            description=f"Alarms of the mesh {args.owner.mesh} in {args.region}.",
            freeform_tags=args.owner.tags(TagRole.NOTICES),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for recipient in args.recipients:
            oci.ons.Subscription(
                naming.logical(name, recipient),
                compartment_id=args.compartment_id,
                topic_id=topic.id,
                protocol="EMAIL",
                endpoint=recipient,
                freeform_tags=args.owner.tags(TagRole.NOTICES),
                defined_tags=args.owner.defined_tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
        for signal in args.signals:
            self._alarm(args, signal, topic)
        self.register_outputs({})

    def _alarm(self, args: AlarmsArgs, signal: Signal, topic: oci.ons.NotificationTopic) -> None:
        oci.monitoring.Alarm(
            naming.logical(signal.name, "alarm"),
            compartment_id=args.compartment_id,
            metric_compartment_id=signal.compartment_id,
            display_name=args.owner.title(signal.name),
            namespace=signal.namespace,
            query=_query(signal, args.drg_id),
            severity=signal.severity,
            pending_duration=signal.holds_for,
            body=signal.body,
            destinations=[topic.id],
            is_enabled=True,
            message_format="ONS_OPTIMIZED",
            # Otherwise a second node that goes is not told while the first is away.
            is_notifications_per_metric_dimension_enabled=True,
            freeform_tags=args.owner.tags(TagRole.NOTICES),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _query(signal: Signal, drg_id: pulumi.Output[str]) -> pulumi.Input[str]:
    # Peerings are waited for by what asks for a DRG, and by nothing else.
    if DRG not in signal.query:
        return signal.query
    return drg_id.apply(lambda known: signal.query.replace(DRG, known))
