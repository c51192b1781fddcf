"""Follows one cluster's Services: load balancer, finalizer, status, events."""

from __future__ import annotations

import logging
import secrets
from threading import Event, Thread

from lab.ccm.balancer import Balancers
from lab.ccm.mirror import Kube, Mirror
from lab.ccm.wanted import ServiceError, read
from lab.cloud.ids import now
from lab.cloud.records import Json
from lab.errors import LabError
from lab.hosts.api import ApiError

log = logging.getLogger("lab.ccm")

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
COMPONENT = "oci-cloud-controller-manager"
IMPATIENT, PATIENT = 0.3, 10.0
"""Seconds until the next look while a load balancer is on its way, and otherwise."""


class Controller:
    """One cluster's controller; a pass over all Services after each change."""

    def __init__(self, kube: Kube, balancers: Balancers) -> None:
        self.kube = kube
        self.balancers = balancers
        self._wake = Event()
        self.services = Mirror(kube, "/api/v1/services", self._wake.set)
        self.nodes = Mirror(kube, "/api/v1/nodes", self._wake.set)
        self._told: dict[str, str] = {}
        self._stopping = False
        self._thread = Thread(target=self._run, name="ccm", daemon=True)

    def start(self) -> None:
        self.services.start()
        self.nodes.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self.services.stop()
        self.nodes.stop()
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            unfinished = [service for service in self.services.objects() if not self.sync(service)]
            self._wake.wait(IMPATIENT if unfinished else PATIENT)

    def sync(self, service: Json) -> bool:
        """Brings one Service further; true when nothing is left to do."""
        try:
            if service["metadata"].get("deletionTimestamp") or not _is_ours(service):
                return self._clean_up(service)
            return self._ensure(service)
        except ServiceError as fault:
            message = f"Error syncing load balancer: {fault}"
            self._tell(service, "Warning", ("SyncLoadBalancerFailed", message))
            return False
        except (ApiError, LabError, OSError) as fault:
            # conflicts and restarts of the API server pass; the next look has fresh objects
            log.info("%s: %s", _path(service), fault)
            return False

    def _ensure(self, service: Json) -> bool:
        if FINALIZER not in service["metadata"].get("finalizers", ()):
            self._set_finalizers(service, [*service["metadata"].get("finalizers", ()), FINALIZER])
            return False
        cluster = self.balancers.cluster()
        wanted = read(service, self.nodes.objects(), cluster.options.service_lb_subnet_ids)
        balancer = self.balancers.ensure(wanted)
        if balancer.lifecycle_state != "ACTIVE":
            self._tell(service, "Normal", ("EnsuringLoadBalancer", "Ensuring load balancer"))
            return False
        address = balancer.ip_addresses[0].ip_address
        ingress = [{"ip": address, "ipMode": "VIP"}]
        if service.get("status", {}).get("loadBalancer", {}).get("ingress") != ingress:
            self._set_ingress(service, ingress)
            self._tell(service, "Normal", ("EnsuredLoadBalancer", "Ensured load balancer"))
            return False
        return True

    def _clean_up(self, service: Json) -> bool:
        """Deletes the load balancer of a Service that goes or is of another type now."""
        finalizers = service["metadata"].get("finalizers", ())
        if FINALIZER not in finalizers:
            return True
        if not self.balancers.remove(service["metadata"]["uid"]):
            self._tell(service, "Normal", ("DeletingLoadBalancer", "Deleting load balancer"))
            return False
        self._tell(service, "Normal", ("DeletedLoadBalancer", "Deleted load balancer"))
        if not service["metadata"].get("deletionTimestamp"):
            self._set_ingress(service, None)
        self._set_finalizers(service, [name for name in finalizers if name != FINALIZER])
        return False

    def _set_finalizers(self, service: Json, names: list[str]) -> None:
        version = service["metadata"]["resourceVersion"]
        change: Json = {"metadata": {"finalizers": names, "resourceVersion": version}}
        if service["metadata"].get("deletionTimestamp"):
            # the status was patched before, so an older version is no conflict of ours
            del change["metadata"]["resourceVersion"]
        self.kube.merge(_path(service), change)

    def _set_ingress(self, service: Json, ingress: list[Json] | None) -> None:
        change: Json = {"status": {"loadBalancer": {"ingress": ingress}}}
        self.kube.merge(f"{_path(service)}/status", change)

    def _tell(self, service: Json, kind: str, what: tuple[str, str]) -> None:
        """An event on the Service, once for each new message."""
        metadata = service["metadata"]
        if self._told.get(metadata["uid"]) == what[1]:
            return
        self._told[metadata["uid"]] = what[1]
        time = now()
        event: Json = {
            "metadata": {
                "name": f"{metadata['name']}.{secrets.token_hex(8)}",
                "namespace": metadata["namespace"],
            },
            "involvedObject": {
                "apiVersion": "v1",
                "kind": "Service",
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "uid": metadata["uid"],
            },
            "type": kind,
            "reason": what[0],
            "message": what[1],
            "source": {"component": COMPONENT},
            "reportingComponent": COMPONENT,
            "count": 1,
            "firstTimestamp": time[:19] + "Z",
            "lastTimestamp": time[:19] + "Z",
        }
        self.kube.create(f"/api/v1/namespaces/{metadata['namespace']}/events", event)


def _is_ours(service: Json) -> bool:
    spec = service["spec"]
    return spec.get("type") == "LoadBalancer" and not spec.get("loadBalancerClass")


def _path(service: Json) -> str:
    metadata = service["metadata"]
    return f"/api/v1/namespaces/{metadata['namespace']}/services/{metadata['name']}"
