"""Brings load balancers to what Services want, through the models of the load balancer API."""

from __future__ import annotations

from lab.ccm import lists
from lab.ccm.wanted import ServiceError, Wanted
from lab.cloud.containerengine.records import Cluster
from lab.cloud.core.records import PublicIp
from lab.cloud.errors import ApiError
from lab.cloud.loadbalancer import models
from lab.cloud.loadbalancer.records import LoadBalancer, ReservedIp
from lab.cloud.store import Store


class Balancers:
    """The load balancers of one cluster's Services."""

    def __init__(self, store: Store, cluster_id: str) -> None:
        self.store = store
        self.cluster_id = cluster_id

    def cluster(self) -> Cluster:
        with self.store.lock:
            return self.store.get(Cluster, self.cluster_id)

    def of(self, uid: str) -> LoadBalancer | None:
        """The load balancer of a Service, also while it is going."""
        with self.store.lock:
            found = self.store.find(LoadBalancer, where=lambda r: r.service == uid)
        return found[0] if found else None

    def ensure(self, wanted: Wanted) -> LoadBalancer:
        """Makes or changes the load balancer; it may not be ACTIVE yet."""
        try:
            with self.store.transaction():
                balancer = self.of(wanted.name)
                if balancer is None:
                    balancer = self._create(wanted)
                else:
                    self._update(balancer, wanted)
                balancer.list_mode = wanted.list_mode
                balancer.source_ranges = list(wanted.source_ranges)
                lists.follow(self.store, self.cluster(), balancer)
                return balancer
        except ApiError as fault:
            raise ServiceError(f"failed to ensure load balancer: {fault.message}") from fault

    def remove(self, uid: str) -> bool:
        """Starts the end of a Service's load balancer; true when it is gone."""
        with self.store.transaction():
            balancer = self.of(uid)
            if balancer is None:
                return True
            if balancer.lifecycle_state != "DELETING":
                models.delete(self.store, balancer)
                lists.follow(self.store, self.cluster(), balancer)
            return False

    def _create(self, wanted: Wanted) -> LoadBalancer:
        cluster = self.cluster()
        reserved = [ReservedIp(id=self._reserved(wanted.address))] if wanted.address else []
        balancer = LoadBalancer(
            region=cluster.region,
            compartment_id=cluster.compartment_id,
            display_name=wanted.name,
            shape_name=models.FLEXIBLE,
            shape_details=wanted.shape,
            is_private=wanted.private,
            subnet_ids=[wanted.subnet_id],
            network_security_group_ids=list(wanted.nsg_ids),
            backend_sets=wanted.backend_sets,
            listeners=wanted.listeners,
            freeform_tags=wanted.tags,
            defined_tags=wanted.defined_tags,
            reserved_ips=reserved,
            service=wanted.name,
        )
        models.create(self.store, balancer)
        models.accept(self.store, balancer, "CreateLoadBalancer")
        return balancer

    def _update(self, balancer: LoadBalancer, wanted: Wanted) -> None:
        _check_kept(balancer, wanted)
        for name, chosen in wanted.backend_sets.items():
            models.complete_set(name, chosen)
        for name, listener in wanted.listeners.items():
            models.complete_listener(name, listener, wanted.backend_sets)
        models.check_shape(models.FLEXIBLE, wanted.shape)
        regrouped = balancer.network_security_group_ids != list(wanted.nsg_ids)
        has = (balancer.shape_details, balancer.backend_sets, balancer.listeners)
        if not regrouped and has == (wanted.shape, wanted.backend_sets, wanted.listeners):
            return
        if regrouped:
            models.set_groups(self.store, balancer, list(wanted.nsg_ids))
        balancer.shape_details = wanted.shape
        balancer.backend_sets, balancer.listeners = wanted.backend_sets, wanted.listeners
        models.changed(self.store, balancer)

    def _reserved(self, address: str) -> str:
        region = self.cluster().region
        found = self.store.find(PublicIp, region, lambda r: r.ip_address == address)
        if not found or found[0].lifetime != "RESERVED":
            raise ServiceError(f"no reserved public IP with address {address} in {region}")
        return found[0].id


def _check_kept(balancer: LoadBalancer, wanted: Wanted) -> None:
    """What the vendor cannot change without a new load balancer."""
    if balancer.is_private != wanted.private:
        raise ServiceError(
            "the load balancer's internal setting cannot change; replace the Service"
        )
    if balancer.subnet_ids != [wanted.subnet_id]:
        raise ServiceError("the load balancer's subnet cannot change; replace the Service")
    if wanted.address and wanted.address != balancer.ip_addresses[0].ip_address:
        raise ServiceError("the load balancer's address cannot change; replace the Service")
