"""Resource types of the container engine: every change is a work request."""

from __future__ import annotations

from typing import Any

from lab.plugins.base.errors import PluginError
from lab.plugins.base.provider import Call, State
from lab.plugins.oci import kinds, waits
from lab.plugins.oci.faults import asked
from lab.plugins.oci.resource import CloudResource
from sdks.values import Properties


class Worked(CloudResource):
    """A resource whose operations answer with a work request."""

    def made(self, work: Any) -> str | None:
        """The id of the resource that a work request makes."""
        return waits.made_by(work, self.kind.noun.replace("_", ""))

    def make(self, call: Call, inputs: Properties) -> str:
        response = asked(self.operation("create"), self.create_details(inputs))
        try:
            work = self._await(call, response)
        except waits.WorkError as fault:
            made = self.made(fault.work)
            if made is None:
                raise
            raise self._partial(fault, made, inputs) from fault
        made = self.made(work)
        if made is None:
            raise PluginError(f"{call.name}: work request {work.id} names no {self.kind.noun}")
        return made

    def change(self, call: Call, old: State, values: Properties) -> None:
        if rest := self._own(values):
            details = self.mapper.to_model(f"Update{self.kind.title}Details", rest, partial=True)
            self._await(call, asked(self.operation("update"), old.id, details))

    def remove(self, call: Call, old: State) -> None:
        self._await(call, asked(self.operation("delete"), old.id))

    def _await(self, call: Call, response: Any) -> Any:
        work_request = response.headers["opc-work-request-id"]
        return waits.until_done(call, self.client, work_request, within=self.kind.creates_within)


class Cluster(Worked):
    kind = kinds.CLUSTER

    def change(self, call: Call, old: State, values: Properties) -> None:
        rest = dict(values)
        if "endpointConfig" in rest:
            model = "UpdateClusterEndpointConfigDetails"
            given = self.mapper.known(model, rest.pop("endpointConfig"))
            details = self.mapper.to_model(model, given)
            changed = asked(self.client.update_cluster_endpoint_config, old.id, details)
            self._await(call, changed)
        super().change(call, old, rest)


class NodePool(Worked):
    kind = kinds.NODE_POOL
