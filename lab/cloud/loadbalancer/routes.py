"""The load balancer API: changes answer 204 with a work request to follow."""

from __future__ import annotations

from http import HTTPStatus

from oci.load_balancer import models as sdk

from lab.cloud.errors import invalid, not_found
from lab.cloud.loadbalancer import health, models
from lab.cloud.resources import check_compartment, check_etag, page, shown
from lab.cloud.router import Call, Reply, Route, Service
from lab.cloud.shapes import checked
from lab.cloud.store import Json, Record


def _balancer(call: Call) -> Record:
    return call.store.live(models.KIND, call.params["id"], call.region)


def _changing(call: Call) -> Record:
    record = _balancer(call)
    check_etag(call, record)
    models.check_active(record)
    return record


def _accepted(call: Call, balancer: Record, operation: str) -> Reply:
    models.changed(call.store, balancer)
    request = models.accept(call.store, balancer, operation)
    return Reply(status=HTTPStatus.NO_CONTENT, headers={"opc-work-request-id": request.id})


def create(call: Call) -> Reply:
    body = checked(sdk, "CreateLoadBalancerDetails", call.body)
    check_compartment(body["compartmentId"])
    return _accepted(call, models.create(call.store, call.region, body), "CreateLoadBalancer")


def get(call: Call) -> Reply:
    return shown(call.store.get(models.KIND, call.params["id"], call.region))


def list_(call: Call) -> Reply:
    compartment = call.required("compartmentId")
    check_compartment(compartment)
    names = ("displayName", "lifecycleState")
    wanted = {name: call.query[name] for name in names if name in call.query}
    return page(
        call,
        [
            record.body
            for record in call.store.find(models.KIND, call.region)
            if record.body["compartmentId"] == compartment
            and wanted.items() <= {n: record.body[n] for n in names}.items()
        ],
    )


def update(call: Call) -> Reply:
    balancer = _changing(call)
    balancer.body.update(checked(sdk, "UpdateLoadBalancerDetails", call.body))
    return _accepted(call, balancer, "UpdateLoadBalancer")


def update_shape(call: Call) -> Reply:
    balancer = _changing(call)
    change = checked(sdk, "UpdateLoadBalancerShapeDetails", call.body)
    models.check_shape(change)
    balancer.body.update(change)
    return _accepted(call, balancer, "UpdateShape")


def update_groups(call: Call) -> Reply:
    balancer = _changing(call)
    change = checked(sdk, "UpdateNetworkSecurityGroupsDetails", call.body)
    models.set_groups(call.store, balancer, change.get("networkSecurityGroupIds", []))
    return _accepted(call, balancer, "UpdateNetworkSecurityGroups")


def delete(call: Call) -> Reply:
    balancer = _changing(call)
    models.delete(call.store, balancer)
    return _accepted(call, balancer, "DeleteLoadBalancer")


def list_sets(call: Call) -> Reply:
    return page(call, list(_balancer(call).body["backendSets"].values()))


def get_set(call: Call) -> Reply:
    return Reply(body=models.part(_balancer(call), "backendSets", call.params["set"]))


def create_set(call: Call) -> Reply:
    balancer = _changing(call)
    raw = checked(sdk, "CreateBackendSetDetails", call.body)
    name = raw.pop("name")
    _check_new(balancer, "backendSets", name)
    balancer.body["backendSets"][name] = models.backend_set(name, raw)
    return _accepted(call, balancer, "CreateBackendSet")


def update_set(call: Call) -> Reply:
    balancer = _changing(call)
    name = call.params["set"]
    models.part(balancer, "backendSets", name)
    raw = checked(sdk, "UpdateBackendSetDetails", call.body)
    balancer.body["backendSets"][name] = models.backend_set(name, raw)
    return _accepted(call, balancer, "UpdateBackendSet")


def delete_set(call: Call) -> Reply:
    balancer = _changing(call)
    name = call.params["set"]
    models.part(balancer, "backendSets", name)
    for listener in balancer.body["listeners"].values():
        if listener["defaultBackendSetName"] == name:
            raise invalid(f"Backend set {name} is used by listener {listener['name']}.")
    del balancer.body["backendSets"][name]
    return _accepted(call, balancer, "DeleteBackendSet")


def list_backends(call: Call) -> Reply:
    found = models.part(_balancer(call), "backendSets", call.params["set"])
    return page(call, found["backends"])


def create_backend(call: Call) -> Reply:
    balancer = _changing(call)
    found = models.part(balancer, "backendSets", call.params["set"])
    fresh = models.backend(checked(sdk, "CreateBackendDetails", call.body))
    found["backends"] = [b for b in found["backends"] if b["name"] != fresh["name"]] + [fresh]
    return _accepted(call, balancer, "CreateBackend")


def delete_backend(call: Call) -> Reply:
    balancer = _changing(call)
    found = models.part(balancer, "backendSets", call.params["set"])
    kept = [b for b in found["backends"] if b["name"] != call.params["backend"]]
    if len(kept) == len(found["backends"]):
        raise not_found()
    found["backends"] = kept
    return _accepted(call, balancer, "DeleteBackend")


def create_listener(call: Call) -> Reply:
    balancer = _changing(call)
    raw = checked(sdk, "CreateListenerDetails", call.body)
    name = raw.pop("name")
    _check_new(balancer, "listeners", name)
    _set_listener(balancer, name, raw)
    return _accepted(call, balancer, "CreateListener")


def update_listener(call: Call) -> Reply:
    balancer = _changing(call)
    name = call.params["listener"]
    models.part(balancer, "listeners", name)
    _set_listener(balancer, name, checked(sdk, "UpdateListenerDetails", call.body))
    return _accepted(call, balancer, "UpdateListener")


def delete_listener(call: Call) -> Reply:
    balancer = _changing(call)
    models.part(balancer, "listeners", call.params["listener"])
    del balancer.body["listeners"][call.params["listener"]]
    return _accepted(call, balancer, "DeleteListener")


def get_health(call: Call) -> Reply:
    return Reply(body=health.balancer_health(_balancer(call)))


def get_set_health(call: Call) -> Reply:
    return Reply(body=health.set_health(_balancer(call), call.params["set"]))


def get_backend_health(call: Call) -> Reply:
    names = call.params["set"], call.params["backend"]
    return Reply(body=health.backend_health(_balancer(call), *names))


def get_work_request(call: Call) -> Reply:
    request = call.store.get(models.REQUEST, call.params["id"], call.region)
    return shown(models.look(call.store, request))


def list_work_requests(call: Call) -> Reply:
    balancer = call.store.get(models.KIND, call.params["id"], call.region)
    return page(
        call,
        [
            models.look(call.store, request).body
            for request in call.store.find(models.REQUEST, call.region)
            if request.body["loadBalancerId"] == balancer.id
        ],
    )


def list_policies(call: Call) -> Reply:
    return page(call, [{"name": name} for name in models.POLICIES])


def list_shapes(call: Call) -> Reply:
    return page(call, [{"name": models.FLEXIBLE}])


def _check_new(balancer: Record, collection: str, name: str) -> None:
    if name in balancer.body[collection]:
        raise invalid(f"Load balancer {balancer.id} already has {name} among its {collection}.")


def _set_listener(balancer: Record, name: str, raw: Json) -> None:
    sets = balancer.body["backendSets"]
    balancer.body["listeners"][name] = models.listener(name, raw, sets)


_ONE = "/loadBalancers/{id}"
_SET = f"{_ONE}/backendSets/{{set}}"

SERVICE = Service(
    name="loadbalancer",
    hosts=("iaas.{region}.oraclecloud.com",),
    base="/20170115",
    clients=("oci.load_balancer.load_balancer_client",),
    routes=(
        Route("POST", "/loadBalancers", create),
        Route("GET", "/loadBalancers", list_),
        Route("GET", _ONE, get),
        Route("PUT", _ONE, update),
        Route("DELETE", _ONE, delete),
        Route("PUT", f"{_ONE}/updateShape", update_shape),
        Route("PUT", f"{_ONE}/networkSecurityGroups", update_groups),
        Route("GET", f"{_ONE}/health", get_health),
        Route("GET", f"{_ONE}/workRequests", list_work_requests),
        Route("GET", f"{_ONE}/backendSets", list_sets),
        Route("POST", f"{_ONE}/backendSets", create_set),
        Route("GET", _SET, get_set),
        Route("PUT", _SET, update_set),
        Route("DELETE", _SET, delete_set),
        Route("GET", f"{_SET}/health", get_set_health),
        Route("GET", f"{_SET}/backends", list_backends),
        Route("POST", f"{_SET}/backends", create_backend),
        Route("DELETE", f"{_SET}/backends/{{backend}}", delete_backend),
        Route("GET", f"{_SET}/backends/{{backend}}/health", get_backend_health),
        Route("POST", f"{_ONE}/listeners", create_listener),
        Route("PUT", f"{_ONE}/listeners/{{listener}}", update_listener),
        Route("DELETE", f"{_ONE}/listeners/{{listener}}", delete_listener),
        Route("GET", "/loadBalancerWorkRequests/{id}", get_work_request),
        Route("GET", "/loadBalancerPolicies", list_policies),
        Route("GET", "/loadBalancerShapes", list_shapes),
    ),
)
