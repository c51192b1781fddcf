"""The resource type `Core/instance`: its addresses are those of its first VNIC."""

from __future__ import annotations

from typing import Any

from lab.plugins.base.provider import Call, State
from lab.plugins.oci import kinds
from lab.plugins.oci.faults import asked
from lab.plugins.oci.resource import CloudResource
from sdks.values import Properties


class Instance(CloudResource):
    kind = kinds.INSTANCE

    def make(self, call: Call, inputs: Properties) -> str:
        details = self.mapper.to_model("LaunchInstanceDetails", self._own(inputs))
        return str(asked(self.client.launch_instance, details).data.id)

    def change(self, call: Call, old: State, values: Properties) -> None:
        rest = dict(values)
        if "createVnicDetails" in rest:
            vnic = self._vnic(self.get(old.id))
            given = self.mapper.known("UpdateVnicDetails", rest.pop("createVnicDetails"))
            details = self.mapper.to_model("UpdateVnicDetails", given)
            asked(self._network.update_vnic, vnic.id, details)
        super().change(call, old, rest)

    def remove(self, call: Call, old: State) -> None:
        keeps = bool(old.inputs.get("preserveBootVolume"))
        asked(self.client.terminate_instance, old.id, preserve_boot_volume=keeps)

    def live(self, model: Any) -> Properties:
        told = super().live(model)
        vnic = self._vnic(model)
        if vnic is None:
            return told
        addresses = {"privateIp": vnic.private_ip, "publicIp": vnic.public_ip}
        return {**told, **{name: value for name, value in addresses.items() if value}}

    @property
    def _network(self) -> Any:
        return self.session.client(kinds.NETWORK)

    def _vnic(self, model: Any) -> Any:
        attachments = asked(
            self.client.list_vnic_attachments, model.compartment_id, instance_id=model.id
        ).data
        attached = [item for item in attachments if item.lifecycle_state == "ATTACHED"]
        if not attached:
            return None
        vnics = [asked(self._network.get_vnic, item.vnic_id).data for item in attached]
        return next((vnic for vnic in vnics if vnic.is_primary), vnics[0])
