"""Resource types of the network service; those that keep to the rule need a line each."""

from __future__ import annotations

from lab.plugins.base.errors import PluginError
from lab.plugins.base.provider import Call
from lab.plugins.oci import kinds, waits
from lab.plugins.oci.faults import asked
from lab.plugins.oci.resource import CloudResource
from sdks.values import Properties

PEERED = "PEERED"
# Only from these may a connection still become PEERED.
PEERING_AHEAD = frozenset({"NEW", "PENDING"})


class Vcn(CloudResource):
    kind = kinds.VCN


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


class PublicIp(CloudResource):
    kind = kinds.PUBLIC_IP


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
