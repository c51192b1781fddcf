"""Clusters: a control plane with one VNIC in the endpoint's subnet."""

from __future__ import annotations

from lab.cloud.containerengine.node_pools import delete_pool, pools_of
from lab.cloud.containerengine.offers import VERSIONS, check_version
from lab.cloud.containerengine.records import Cluster, Endpoints
from lab.cloud.core.cidrs import network
from lab.cloud.core.records import Subnet, Vcn
from lab.cloud.core.vcn import in_vcn
from lab.cloud.core.vnics import Attachment, attach, check_groups, detach, regroup, vnics_of
from lab.cloud.errors import incorrect_state, invalid
from lab.cloud.ids import USER_ID, now
from lab.cloud.lifecycle import hosts
from lab.cloud.records import Json
from lab.cloud.store import Store

API_PORT = 6443
_NOT_LISTED = ("kmsKeyId", "openIdConnectDiscoveryEndpoint", "openIdConnectDiscoveryKey")


def create_cluster(store: Store, cluster: Cluster) -> None:
    check_version(cluster.kubernetes_version)
    vcn = store.live(Vcn, cluster.vcn_id, cluster.region)
    endpoint = cluster.endpoint_config
    subnet = in_vcn(store, Subnet, endpoint.subnet_id, vcn=vcn)
    check_groups(store, subnet, endpoint.nsg_ids)
    _check_options(store, vcn, cluster)
    cluster.available_kubernetes_upgrades = _upgrades(cluster.kubernetes_version)
    store.keep(cluster)
    if endpoint.is_public_ip_enabled and subnet.prohibit_public_ip_on_vnic:
        # the vendor takes the request and fails later, as its documentation says
        cluster.lifecycle_state = "FAILED"
        cluster.lifecycle_details = (
            f"Public IP is enabled, but subnet {subnet.id} prohibits public IPs."
        )
        return
    _attach_endpoint(store, cluster)
    cluster.become("CREATING", "ACTIVE", hosts())


def update_cluster(store: Store, before: Cluster, change: Json) -> Cluster:
    _check_active(before)
    cluster = store.keep(before.changed(change))
    if "kubernetesVersion" in change:
        check_version(cluster.kubernetes_version)
        cluster.available_kubernetes_upgrades = _upgrades(cluster.kubernetes_version)
    _updating(cluster)
    return cluster


def update_endpoint(store: Store, before: Cluster, change: Json) -> Cluster:
    _check_active(before)
    cluster = store.keep(before.changed({"endpointConfig": change}))
    endpoint = cluster.endpoint_config
    subnet = store.live(Subnet, endpoint.subnet_id)
    check_groups(store, subnet, endpoint.nsg_ids)
    if endpoint.is_public_ip_enabled and subnet.prohibit_public_ip_on_vnic:
        raise invalid(f"Public IP cannot be enabled: subnet {subnet.id} prohibits public IPs.")
    if endpoint.is_public_ip_enabled != before.endpoint_config.is_public_ip_enabled:
        private = release(store, cluster)
        _attach_endpoint(store, cluster, private)
    for vnic in vnics_of(store, cluster):
        regroup(store, vnic, endpoint.nsg_ids)
    _updating(cluster)
    return cluster


def delete_cluster(store: Store, cluster: Cluster) -> None:
    if cluster.lifecycle_state == "DELETING":
        raise incorrect_state(f"Cluster {cluster.id} is being deleted.")
    for pool in pools_of(store, cluster.id):
        delete_pool(store, pool)
    cluster.become("DELETING", "DELETED", hosts())
    cluster.metadata.time_deleted, cluster.metadata.deleted_by_user_id = now(), USER_ID


def release(store: Store, cluster: Cluster) -> str | None:
    """Frees the endpoint's addresses; returns the private one it had."""
    private = None
    for vnic in vnics_of(store, cluster):
        private = vnic.private_ip
        detach(store, vnic)
    return private


def summary(cluster: Cluster) -> Json:
    """A cluster as a list shows it."""
    return {name: value for name, value in cluster.shown().items() if name not in _NOT_LISTED}


def _attach_endpoint(store: Store, cluster: Cluster, private_ip: str | None = None) -> None:
    endpoint = cluster.endpoint_config
    vnic = attach(
        store,
        Attachment(
            subnet_id=endpoint.subnet_id,
            name=f"{cluster.name} API endpoint",
            owner=cluster,
            nsg_ids=endpoint.nsg_ids,
            public=endpoint.is_public_ip_enabled,
            private_ip=private_ip,
        ),
    )
    private = f"{vnic.private_ip}:{API_PORT}"
    public = f"{vnic.public_ip}:{API_PORT}" if vnic.public_ip else None
    cluster.endpoints = Endpoints(
        kubernetes=public or private, private_endpoint=private, public_endpoint=public
    )


def _check_options(store: Store, vcn: Vcn, cluster: Cluster) -> None:
    ranges = cluster.options.kubernetes_network_config
    for name, text in (("podsCidr", ranges.pods_cidr), ("servicesCidr", ranges.services_cidr)):
        network(text, f"options.kubernetesNetworkConfig.{name}")
    for id_ in cluster.options.service_lb_subnet_ids:
        in_vcn(store, Subnet, id_, vcn=vcn)


def _upgrades(version: str) -> list[str]:
    return [offered for offered in VERSIONS if offered > version]


def _check_active(cluster: Cluster) -> None:
    if cluster.lifecycle_state != "ACTIVE":
        state = cluster.lifecycle_state
        raise incorrect_state(f"Cluster {cluster.id} is in state {state}, not ACTIVE.")


def _updating(cluster: Cluster) -> None:
    cluster.metadata.time_updated, cluster.metadata.updated_by_user_id = now(), USER_ID
    cluster.become("UPDATING", "ACTIVE", hosts())
