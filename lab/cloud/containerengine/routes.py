"""The container engine API: operations answer 202 with a work request to follow."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar

from oci.container_engine import models as sdk
from pydantic.alias_generators import to_snake

from lab.cloud.containerengine import clusters, node_pools, offers, work_requests
from lab.cloud.containerengine.kubeconfig import kubeconfig
from lab.cloud.containerengine.nodes import nodes_of
from lab.cloud.containerengine.records import Cluster, ClustersWorkRequest, NodePool
from lab.cloud.errors import not_found
from lab.cloud.resources import check_compartment, check_etag, made, page, shown
from lab.cloud.router import Call, Reply, Route, Service
from lab.cloud.shapes import checked

Listed = TypeVar("Listed", Cluster, NodePool)


def _accepted(call: Call, target: Cluster | NodePool, operation: str) -> Reply:
    request = work_requests.accept(call.store, target, operation)
    return Reply(status=HTTPStatus.ACCEPTED, headers={"opc-work-request-id": request.id})


def _cluster(call: Call) -> Cluster:
    return call.store.live(Cluster, call.params["id"], call.region)


def _pool(call: Call) -> NodePool:
    return call.store.live(NodePool, call.params["id"], call.region)


def create_cluster(call: Call) -> Reply:
    body = checked(sdk, "CreateClusterDetails", call.body)
    check_compartment(body["compartmentId"])
    cluster = made(Cluster, call.region, body)
    clusters.create_cluster(call.store, cluster)
    reply = _accepted(call, cluster, "CLUSTER_CREATE")
    cluster.metadata.created_by_work_request_id = reply.headers["opc-work-request-id"]
    return reply


def get_cluster(call: Call) -> Reply:
    return shown(call.store.get(Cluster, call.params["id"], call.region))


def list_clusters(call: Call) -> Reply:
    found = _listed(call, Cluster)
    return page(call, [clusters.summary(cluster) for cluster in found])


def update_cluster(call: Call) -> Reply:
    cluster = _cluster(call)
    check_etag(call, cluster)
    change = checked(sdk, "UpdateClusterDetails", call.body)
    after = clusters.update_cluster(call.store, cluster, change)
    return _accepted(call, after, "CLUSTER_UPDATE")


def update_endpoint(call: Call) -> Reply:
    cluster = _cluster(call)
    check_etag(call, cluster)
    change = checked(sdk, "UpdateClusterEndpointConfigDetails", call.body)
    after = clusters.update_endpoint(call.store, cluster, change)
    return _accepted(call, after, "CLUSTER_UPDATE")


def delete_cluster(call: Call) -> Reply:
    cluster = _cluster(call)
    check_etag(call, cluster)
    clusters.delete_cluster(call.store, cluster)
    return _accepted(call, cluster, "CLUSTER_DELETE")


def create_kubeconfig(call: Call) -> Reply:
    body = checked(sdk, "CreateClusterKubeconfigContentDetails", call.body)
    content = kubeconfig(_cluster(call), body.get("endpoint"))
    return Reply(body=content, content_type="application/x-yaml")


def get_cluster_options(_call: Call) -> Reply:
    return Reply(body=offers.cluster_options())


def get_node_pool_options(call: Call) -> Reply:
    options = offers.node_pool_options(call.region)
    version = call.query.get("nodePoolK8sVersion")
    if version is not None:
        offers.check_version(version)
    system = {"OL8": "Oracle-Linux-8", "OL9": "Oracle-Linux-9"}
    arch = {"ARM_AARCH64": ("aarch64",), "X86_64": ("Gen2-GPU", "")}
    wanted = arch.get(call.query.get("nodePoolOsArch", "").upper())
    options["sources"] = [
        source
        for source in options["sources"]
        if source["sourceName"].startswith(system.get(call.query.get("nodePoolOsType", ""), ""))
        and (wanted is None or ("aarch64" in source["sourceName"]) == (wanted == ("aarch64",)))
    ]
    return Reply(body=options)


def list_addons(call: Call) -> Reply:
    return page(call, offers.addons(_cluster(call)))


def get_addon(call: Call) -> Reply:
    for addon in offers.addons(_cluster(call)):
        if addon["name"] == call.params["name"]:
            return Reply(body=addon)
    raise not_found()


def list_addon_options(call: Call) -> Reply:
    name = call.query.get("addonName")
    return page(call, [o for o in offers.addon_options() if name in (None, o["name"])])


def create_pool(call: Call) -> Reply:
    body = checked(sdk, "CreateNodePoolDetails", call.body)
    check_compartment(body["compartmentId"])
    pool = made(NodePool, call.region, body)
    node_pools.create_pool(call.store, pool)
    return _accepted(call, pool, "NODEPOOL_CREATE")


def get_pool(call: Call) -> Reply:
    pool = call.store.get(NodePool, call.params["id"], call.region)
    body = node_pools.view(call.store, pool)
    return Reply(body=body, headers={"etag": pool.etag})


def list_pools(call: Call) -> Reply:
    return page(call, [pool.shown() for pool in _listed(call, NodePool)])


def update_pool(call: Call) -> Reply:
    pool = _pool(call)
    check_etag(call, pool)
    change = checked(sdk, "UpdateNodePoolDetails", call.body)
    after, operation = node_pools.update_pool(call.store, pool, change)
    return _accepted(call, after, operation)


def delete_pool(call: Call) -> Reply:
    pool = _pool(call)
    check_etag(call, pool)
    node_pools.delete_pool(call.store, pool)
    return _accepted(call, pool, "NODEPOOL_DELETE")


def delete_node(call: Call) -> Reply:
    pool = _pool(call)
    for node in nodes_of(call.store, pool.id):
        if node.id == call.params["node"]:
            shrink = call.query.get("isDecrementSize", "false") == "true"
            node_pools.delete_node(call.store, pool, node, shrink=shrink)
            return _accepted(call, pool, "NODEPOOL_UPDATE")
    raise not_found()


def get_work_request(call: Call) -> Reply:
    return shown(_work_request(call))


def list_work_requests(call: Call) -> Reply:
    check_compartment(call.required("compartmentId"))
    resource = call.query.get("resourceId", call.query.get("clusterId"))
    found = [
        work_requests.look(call.store, request).shown()
        for request in call.store.find(ClustersWorkRequest, call.region)
        if resource in (None, request.resources[0].identifier)
    ]
    return page(call, found)


def list_errors(call: Call) -> Reply:
    return page(call, work_requests.errors(call.store, _work_request(call)))


def list_logs(call: Call) -> Reply:
    return page(call, _work_request(call).logs)


def _work_request(call: Call) -> ClustersWorkRequest:
    request = call.store.get(ClustersWorkRequest, call.params["id"], call.region)
    return work_requests.look(call.store, request)


def _listed(call: Call, kind: type[Listed]) -> list[Listed]:
    compartment = call.required("compartmentId")
    check_compartment(compartment)
    states = call.query.getlist("lifecycleState")
    wanted = {n: call.query[n] for n in ("name", "clusterId") if n in call.query}
    return [
        record
        for record in call.store.all_of(kind, call.region)
        if (record.lifecycle_state in states if states else record.live)
        and record.compartment_id == compartment
        and all(getattr(record, to_snake(name), None) == wanted[name] for name in wanted)
    ]


SERVICE = Service(
    name="containerengine",
    hosts=(
        "containerengine.<region:region>.oci.oraclecloud.com",
        "containerengine.<region:region>.oraclecloud.com",
    ),
    base="/20180222",
    clients=("oci.container_engine.container_engine_client",),
    routes=(
        Route("POST", "/clusters", create_cluster),
        Route("GET", "/clusters", list_clusters),
        Route("GET", "/clusters/<id>", get_cluster),
        Route("PUT", "/clusters/<id>", update_cluster),
        Route("DELETE", "/clusters/<id>", delete_cluster),
        Route("POST", "/clusters/<id>/kubeconfig/content", create_kubeconfig),
        Route("POST", "/clusters/<id>/actions/updateEndpointConfig", update_endpoint),
        Route("GET", "/clusters/<id>/addons", list_addons),
        Route("GET", "/clusters/<id>/addons/<name>", get_addon),
        Route("GET", "/addonOptions", list_addon_options),
        Route("GET", "/clusterOptions/<id>", get_cluster_options),
        Route("GET", "/nodePoolOptions/<id>", get_node_pool_options),
        Route("POST", "/nodePools", create_pool),
        Route("GET", "/nodePools", list_pools),
        Route("GET", "/nodePools/<id>", get_pool),
        Route("PUT", "/nodePools/<id>", update_pool),
        Route("DELETE", "/nodePools/<id>", delete_pool),
        Route("DELETE", "/nodePools/<id>/node/<node>", delete_node),
        Route("GET", "/workRequests", list_work_requests),
        Route("GET", "/workRequests/<id>", get_work_request),
        Route("GET", "/workRequests/<id>/errors", list_errors),
        Route("GET", "/workRequests/<id>/logs", list_logs),
    ),
)
