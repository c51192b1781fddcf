"""Clusters: a control plane with one VNIC in the endpoint's subnet."""

from __future__ import annotations

from lab.cloud.containerengine.node_pools import delete_pool, pools_of
from lab.cloud.containerengine.offers import VERSIONS, check_version
from lab.cloud.core.cidrs import network
from lab.cloud.core.vcn import in_region, in_vcn
from lab.cloud.core.vnics import Attachment, attach, check_groups, detach, regroup, vnics_of
from lab.cloud.errors import incorrect_state, invalid
from lab.cloud.ids import USER_ID, now
from lab.cloud.lifecycle import hosts
from lab.cloud.resources import require
from lab.cloud.router import Call
from lab.cloud.store import Json, Record, Store

API_PORT = 6443
_PODS, _SERVICES = "10.244.0.0/16", "10.96.0.0/16"


def create_cluster(store: Store, call: Call, body: Json) -> Record:
    check_version(body["kubernetesVersion"])
    vcn = in_region(store, "vcn", body["vcnId"], region=call.region)
    require(body, "endpointConfig")
    endpoint = {"isPublicIpEnabled": False, "nsgIds": [], **body["endpointConfig"]}
    subnet = in_vcn(store, "subnet", str(require(endpoint, "subnetId")), vcn=vcn)
    check_groups(store, subnet, endpoint["nsgIds"])
    cluster = store.create(
        "cluster",
        call.region,
        {
            "type": "BASIC_CLUSTER",
            "clusterPodNetworkOptions": [{"cniType": "FLANNEL_OVERLAY"}],
            **body,
            "endpointConfig": endpoint,
            "options": _options(store, vcn, body.get("options", {})),
            "metadata": {"timeCreated": now(), "createdByUserId": USER_ID},
            "availableKubernetesUpgrades": _upgrades(body["kubernetesVersion"]),
        },
    )
    del cluster.body["timeCreated"]
    if endpoint["isPublicIpEnabled"] and subnet.body["prohibitPublicIpOnVnic"]:
        # the vendor takes the request and fails later, as its documentation says
        _fail(cluster, f"Public IP is enabled, but subnet {subnet.id} prohibits public IPs.")
        return cluster
    _attach_endpoint(store, cluster)
    cluster.become("CREATING", "ACTIVE", hosts())
    return cluster


def update_cluster(store: Store, cluster: Record, change: Json) -> None:
    _check_active(cluster)
    if "kubernetesVersion" in change:
        check_version(change["kubernetesVersion"])
        cluster.body["availableKubernetesUpgrades"] = _upgrades(change["kubernetesVersion"])
    cluster.body["options"] |= change.pop("options", {})
    cluster.body.update(change)
    _touch(store, cluster)


def update_endpoint(store: Store, cluster: Record, change: Json) -> None:
    _check_active(cluster)
    endpoint = cluster.body["endpointConfig"]
    subnet = store.live("subnet", endpoint["subnetId"])
    if "nsgIds" in change:
        check_groups(store, subnet, change["nsgIds"])
    public = change.get("isPublicIpEnabled", endpoint["isPublicIpEnabled"])
    if public and subnet.body["prohibitPublicIpOnVnic"]:
        raise invalid(f"Public IP cannot be enabled: subnet {subnet.id} prohibits public IPs.")
    moved = public != endpoint["isPublicIpEnabled"]
    endpoint |= change
    if moved:
        private = release(store, cluster)
        _attach_endpoint(store, cluster, private)
    for vnic in vnics_of(store, cluster.id):
        regroup(store, vnic, endpoint["nsgIds"])
    _touch(store, cluster)


def delete_cluster(store: Store, cluster: Record) -> None:
    if cluster.state == "DELETING":
        raise incorrect_state(f"Cluster {cluster.id} is being deleted.")
    for pool in pools_of(store, cluster.id):
        delete_pool(store, pool)
    cluster.become("DELETING", "DELETED", hosts())
    cluster.body["metadata"] |= {"timeDeleted": now(), "deletedByUserId": USER_ID}


def release(store: Store, cluster: Record) -> str | None:
    """Frees the endpoint's addresses; returns the private one it had."""
    private = None
    for vnic in vnics_of(store, cluster.id):
        private = vnic.body["privateIp"]
        detach(store, vnic)
    return private


def summary(cluster: Record) -> Json:
    """A cluster as a list shows it."""
    left_out = ("kmsKeyId", "openIdConnectDiscoveryEndpoint", "openIdConnectDiscoveryKey")
    return {name: value for name, value in cluster.body.items() if name not in left_out}


def _attach_endpoint(store: Store, cluster: Record, private_ip: str | None = None) -> None:
    endpoint = cluster.body["endpointConfig"]
    vnic = attach(
        store,
        Attachment(
            subnet_id=endpoint["subnetId"],
            name=f"{cluster.body['name']} API endpoint",
            owner=cluster.id,
            region=cluster.region,
            compartment_id=cluster.body["compartmentId"],
            nsg_ids=endpoint["nsgIds"],
            public=endpoint["isPublicIpEnabled"],
            private_ip=private_ip,
        ),
    )
    private = f"{vnic.body['privateIp']}:{API_PORT}"
    endpoints = {"kubernetes": private, "privateEndpoint": private}
    if "publicIp" in vnic.body:
        public = f"{vnic.body['publicIp']}:{API_PORT}"
        endpoints |= {"kubernetes": public, "publicEndpoint": public}
    cluster.body["endpoints"] = endpoints


def _options(store: Store, vcn: Record, given: Json) -> Json:
    ranges = {"podsCidr": _PODS, "servicesCidr": _SERVICES}
    ranges |= given.get("kubernetesNetworkConfig", {})
    for name, text in ranges.items():
        network(text, f"options.kubernetesNetworkConfig.{name}")
    for id_ in given.get("serviceLbSubnetIds", []):
        in_vcn(store, "subnet", id_, vcn=vcn)
    return {
        "serviceLbSubnetIds": [],
        "ipFamilies": ["IPv4"],
        "addOns": {"isKubernetesDashboardEnabled": False, "isTillerEnabled": False},
        "admissionControllerOptions": {"isPodSecurityPolicyEnabled": False},
        "persistentVolumeConfig": {"freeformTags": {}, "definedTags": {}},
        "serviceLbConfig": {"freeformTags": {}, "definedTags": {}, "backendNsgIds": []},
        **given,
        "kubernetesNetworkConfig": ranges,
    }


def _upgrades(version: str) -> list[str]:
    return [offered for offered in VERSIONS if offered > version]


def _check_active(cluster: Record) -> None:
    if cluster.state != "ACTIVE":
        raise incorrect_state(f"Cluster {cluster.id} is in state {cluster.state}, not ACTIVE.")


def _touch(store: Store, cluster: Record) -> None:
    cluster.body["metadata"] |= {"timeUpdated": now(), "updatedByUserId": USER_ID}
    cluster.become("UPDATING", "ACTIVE", hosts())
    store.touch()


def _fail(cluster: Record, why: str) -> None:
    cluster.body |= {"lifecycleState": "FAILED", "lifecycleDetails": why, "endpoints": {}}
