"""Brings load balancers to what Services want, through the models of the load balancer API."""

from __future__ import annotations

from lab.ccm.wanted import ServiceError, Wanted
from lab.cloud.errors import ApiError
from lab.cloud.loadbalancer import models
from lab.cloud.store import Json, Record, Store


class Balancers:
    """The load balancers of one cluster's Services."""

    def __init__(self, store: Store, cluster_id: str) -> None:
        self.store = store
        self.cluster_id = cluster_id

    def cluster(self) -> Record:
        with self.store.lock:
            return self.store.get("cluster", self.cluster_id)

    def of(self, uid: str) -> Record | None:
        """The load balancer of a Service, also while it is going."""
        with self.store.lock:
            found = self.store.find(models.KIND, where=lambda r: r.hidden.get("service") == uid)
        return found[0] if found else None

    def ensure(self, wanted: Wanted) -> Record:
        """Makes or changes the load balancer; it may not be ACTIVE yet."""
        try:
            with self.store.transaction():
                record = self.of(wanted.name)
                if record is None:
                    return self._create(wanted)
                self._update(record, wanted)
                return record
        except ApiError as fault:
            raise ServiceError(f"failed to ensure load balancer: {fault.message}") from fault

    def remove(self, uid: str) -> bool:
        """Starts the end of a Service's load balancer; true when it is gone."""
        with self.store.transaction():
            record = self.of(uid)
            if record is None:
                return True
            if record.state != "DELETING":
                models.delete(self.store, record)
            return False

    def _create(self, wanted: Wanted) -> Record:
        body: Json = {
            "compartmentId": self.cluster().body["compartmentId"],
            "displayName": wanted.name,
            **wanted.shape,
            "isPrivate": wanted.private,
            "subnetIds": [wanted.subnet_id],
            "networkSecurityGroupIds": list(wanted.nsg_ids),
            "backendSets": wanted.backend_sets,
            "listeners": wanted.listeners,
            "freeformTags": wanted.tags,
        }
        if wanted.address:
            body["reservedIps"] = [{"id": self._reserved(wanted.address)}]
        record = models.create(self.store, self.cluster().region, body)
        record.hidden |= {"service": wanted.name, "cluster": self.cluster_id}
        models.accept(self.store, record, "CreateLoadBalancer")
        return record

    def _update(self, record: Record, wanted: Wanted) -> None:
        _check_kept(record, wanted)
        sets = {n: models.backend_set(n, raw) for n, raw in wanted.backend_sets.items()}
        fresh: Json = {
            **wanted.shape,
            "backendSets": sets,
            "listeners": {n: models.listener(n, raw, sets) for n, raw in wanted.listeners.items()},
        }
        models.check_shape(fresh)
        regrouped = record.body["networkSecurityGroupIds"] != list(wanted.nsg_ids)
        if not regrouped and fresh.items() <= record.body.items():
            return
        if regrouped:
            models.set_groups(self.store, record, list(wanted.nsg_ids))
        record.body |= fresh
        models.changed(self.store, record)

    def _reserved(self, address: str) -> str:
        region = self.cluster().region
        found = self.store.find("publicip", region, lambda r: r.body["ipAddress"] == address)
        if not found or found[0].body["lifetime"] != "RESERVED":
            raise ServiceError(f"no reserved public IP with address {address} in {region}")
        return found[0].id


def _check_kept(record: Record, wanted: Wanted) -> None:
    """What the vendor cannot change without a new load balancer."""
    if record.body["isPrivate"] != wanted.private:
        raise ServiceError(
            "the load balancer's internal setting cannot change; replace the Service"
        )
    if record.body["subnetIds"] != [wanted.subnet_id]:
        raise ServiceError("the load balancer's subnet cannot change; replace the Service")
    if wanted.address and wanted.address != record.body["ipAddresses"][0]["ipAddress"]:
        raise ServiceError("the load balancer's address cannot change; replace the Service")
