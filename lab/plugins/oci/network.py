"""Resource types of the network service; those that keep to the rule need a line each."""

from __future__ import annotations

from lab.plugins.base.errors import PluginError
from lab.plugins.base.provider import Call, State
from lab.plugins.base.values import Properties
from lab.plugins.oci import kinds, waits
from lab.plugins.oci.faults import asked
from lab.plugins.oci.resource import CloudResource

PEERED = "PEERED"
# Only from these may a connection still become PEERED.
PEERING_AHEAD = frozenset({"NEW", "PENDING"})


class Vcn(CloudResource):
    kind = kinds.VCN

    def change(self, call: Call, old: State, values: Properties) -> None:
        rest = dict(values)
        if "cidrBlocks" in rest:
            self._change_ranges(call, old, rest.pop("cidrBlocks"))
        super().change(call, old, rest)

    def _change_ranges(self, call: Call, old: State, wanted: list[str]) -> None:
        """The API adds and removes one range at a time, and is busy in between."""
        had = old.outputs.get("cidrBlocks") or []
        for verb, title, ranges in (
            ("add", "Add", [r for r in wanted if r not in had]),
            ("remove", "Remove", [r for r in had if r not in wanted]),
        ):
            for cidr in ranges:
                details = self.mapper.to_model(f"{title}VcnCidrDetails", {"cidrBlock": cidr})
                asked(getattr(self.client, f"{verb}_vcn_cidr"), old.id, details)
                waits.until_ready(call, lambda: self.get(old.id), ready=self.kind.ready, within=600)


class Subnet(CloudResource):
    kind = kinds.SUBNET


class InternetGateway(CloudResource):
    kind = kinds.INTERNET_GATEWAY


class NatGateway(CloudResource):
    kind = kinds.NAT_GATEWAY


class ServiceGateway(CloudResource):
    kind = kinds.SERVICE_GATEWAY


class RouteTable(CloudResource):
    kind = kinds.ROUTE_TABLE


class Drg(CloudResource):
    kind = kinds.DRG


class DrgAttachment(CloudResource):
    kind = kinds.DRG_ATTACHMENT


class Peering(CloudResource):
    """A remote peering connection; the one that names its peer makes the connection."""

    kind = kinds.PEERING

    def complete(self, call: Call, made: str, inputs: Properties) -> None:
        if not inputs.get("peerId"):
            return
        waits.until_ready(
            call,
            lambda: self.get(made),
            ready=self.kind.ready,
            within=self.kind.creates_within,
        )
        details = self.mapper.to_model(
            "ConnectRemotePeeringConnectionsDetails",
            {"peerId": inputs["peerId"], "peerRegionName": inputs.get("peerRegionName")},
        )
        asked(self.client.connect_remote_peering_connections, made, details)
        self._await_peered(call, made)

    def _await_peered(self, call: Call, made: str) -> None:
        for pause in waits.pauses():
            status = str(self.get(made).peering_status)
            if status == PEERED:
                return
            if status not in PEERING_AHEAD:
                raise PluginError(
                    f"{call.name}: peering came to {status}; replace both ends of the pair"
                )
            call.report(f"waiting, peering {status.lower()}")
            call.wait(pause, within=self.kind.creates_within, state=status)
