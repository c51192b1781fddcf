"""The load balancer API: changes answer 204 with a work request to follow."""

from __future__ import annotations

from http import HTTPStatus

from oci.load_balancer import models as sdk

from lab.cloud.errors import invalid, not_found
from lab.cloud.loadbalancer import health, models
from lab.cloud.loadbalancer.records import (
    Backend,
    BackendSet,
    Listener,
    LoadBalancer,
    LoadBalancerWorkRequest,
)
from lab.cloud.resources import (
    Kind,
    check_compartment,
    check_etag,
    made,
    page,
    read_routes,
    shown,
)
from lab.cloud.router import Call, Reply, Route, Service
from lab.cloud.shapes import checked


def _balancer(call: Call) -> LoadBalancer:
    return call.store.live(LoadBalancer, call.params["id"], call.region)


def _changing(call: Call) -> LoadBalancer:
    record = _balancer(call)
    check_etag(call, record)
    models.check_active(record)
    return record


def _accepted(call: Call, balancer: LoadBalancer, operation: str) -> Reply:
    models.changed(call.store, balancer)
    request = models.accept(call.store, balancer, operation)
    return Reply(status=HTTPStatus.NO_CONTENT, headers={"opc-work-request-id": request.id})


def create(call: Call) -> Reply:
    body = checked(sdk, "CreateLoadBalancerDetails", call.body)
    check_compartment(body["compartmentId"])
    balancer = made(LoadBalancer, call.region, body)
    models.create(call.store, balancer)
    return _accepted(call, balancer, "CreateLoadBalancer")


def update(call: Call) -> Reply:
    change = checked(sdk, "UpdateLoadBalancerDetails", call.body)
    balancer = call.store.keep(_changing(call).changed(change))
    return _accepted(call, balancer, "UpdateLoadBalancer")


def update_shape(call: Call) -> Reply:
    change = checked(sdk, "UpdateLoadBalancerShapeDetails", call.body)
    balancer = call.store.keep(_changing(call).changed(change))
    models.check_shape(balancer.shape_name, balancer.shape_details)
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
    return page(call, [chosen.shown() for chosen in _balancer(call).backend_sets.values()])


def _set(call: Call, balancer: LoadBalancer) -> BackendSet:
    return models.part(balancer.backend_sets, call.params["set"])


def get_set(call: Call) -> Reply:
    return Reply(body=_set(call, _balancer(call)).shown())


def create_set(call: Call) -> Reply:
    balancer = _changing(call)
    chosen = BackendSet(**checked(sdk, "CreateBackendSetDetails", call.body))
    _check_new(balancer, "backendSets", chosen.name)
    _put_set(balancer, chosen.name, chosen)
    return _accepted(call, balancer, "CreateBackendSet")


def update_set(call: Call) -> Reply:
    balancer = _changing(call)
    chosen = BackendSet(**checked(sdk, "UpdateBackendSetDetails", call.body))
    _put_set(balancer, _set(call, balancer).name, chosen)
    return _accepted(call, balancer, "UpdateBackendSet")


def delete_set(call: Call) -> Reply:
    balancer = _changing(call)
    name = _set(call, balancer).name
    for listener in balancer.listeners.values():
        if listener.default_backend_set_name == name:
            raise invalid(f"Backend set {name} is used by listener {listener.name}.")
    del balancer.backend_sets[name]
    return _accepted(call, balancer, "DeleteBackendSet")


def list_backends(call: Call) -> Reply:
    return page(call, [backend.shown() for backend in _set(call, _balancer(call)).backends])


def create_backend(call: Call) -> Reply:
    balancer = _changing(call)
    chosen = _set(call, balancer)
    fresh = Backend(**checked(sdk, "CreateBackendDetails", call.body))
    chosen.backends = [b for b in chosen.backends if b.name != fresh.name] + [fresh]
    return _accepted(call, balancer, "CreateBackend")


def delete_backend(call: Call) -> Reply:
    balancer = _changing(call)
    chosen = _set(call, balancer)
    kept = [b for b in chosen.backends if b.name != call.params["backend"]]
    if len(kept) == len(chosen.backends):
        raise not_found()
    chosen.backends = kept
    return _accepted(call, balancer, "DeleteBackend")


def create_listener(call: Call) -> Reply:
    balancer = _changing(call)
    listener = Listener(**checked(sdk, "CreateListenerDetails", call.body))
    _check_new(balancer, "listeners", listener.name)
    _put_listener(balancer, listener.name, listener)
    return _accepted(call, balancer, "CreateListener")


def update_listener(call: Call) -> Reply:
    balancer = _changing(call)
    name = models.part(balancer.listeners, call.params["listener"]).name
    listener = Listener(**checked(sdk, "UpdateListenerDetails", call.body))
    _put_listener(balancer, name, listener)
    return _accepted(call, balancer, "UpdateListener")


def delete_listener(call: Call) -> Reply:
    balancer = _changing(call)
    del balancer.listeners[models.part(balancer.listeners, call.params["listener"]).name]
    return _accepted(call, balancer, "DeleteListener")


def get_health(call: Call) -> Reply:
    return Reply(body=health.balancer_health(_balancer(call)))


def get_set_health(call: Call) -> Reply:
    return Reply(body=health.set_health(_balancer(call), call.params["set"]))


def get_backend_health(call: Call) -> Reply:
    names = call.params["set"], call.params["backend"]
    return Reply(body=health.backend_health(_balancer(call), *names))


def get_work_request(call: Call) -> Reply:
    request = call.store.get(LoadBalancerWorkRequest, call.params["id"], call.region)
    return shown(models.look(call.store, request))


def list_work_requests(call: Call) -> Reply:
    balancer = call.store.get(LoadBalancer, call.params["id"], call.region)
    found = call.store.find(
        LoadBalancerWorkRequest, call.region, lambda r: r.load_balancer_id == balancer.id
    )
    return page(call, [models.look(call.store, request).shown() for request in found])


def list_policies(call: Call) -> Reply:
    return page(call, [{"name": name} for name in models.POLICIES])


def list_shapes(call: Call) -> Reply:
    return page(call, [{"name": models.FLEXIBLE}])


def _check_new(balancer: LoadBalancer, collection: str, name: str) -> None:
    if name in (balancer.listeners if collection == "listeners" else balancer.backend_sets):
        raise invalid(f"Load balancer {balancer.id} already has {name} among its {collection}.")


def _put_set(balancer: LoadBalancer, name: str, chosen: BackendSet) -> None:
    models.complete_set(name, chosen)
    balancer.backend_sets[name] = chosen


def _put_listener(balancer: LoadBalancer, name: str, listener: Listener) -> None:
    models.complete_listener(name, listener, balancer.backend_sets)
    balancer.listeners[name] = listener


_ONE = "/loadBalancers/<id>"
_SET = f"{_ONE}/backendSets/<set>"

SERVICE = Service(
    name="loadbalancer",
    hosts=("iaas.<region:region>.oraclecloud.com",),
    base="/20170115",
    clients=("oci.load_balancer.load_balancer_client",),
    routes=(
        Route("POST", "/loadBalancers", create),
        *read_routes(Kind(record=LoadBalancer, path="/loadBalancers", models=sdk)),
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
        Route("DELETE", f"{_SET}/backends/<backend>", delete_backend),
        Route("GET", f"{_SET}/backends/<backend>/health", get_backend_health),
        Route("POST", f"{_ONE}/listeners", create_listener),
        Route("PUT", f"{_ONE}/listeners/<listener>", update_listener),
        Route("DELETE", f"{_ONE}/listeners/<listener>", delete_listener),
        Route("GET", "/loadBalancerWorkRequests/<id>", get_work_request),
        Route("GET", "/loadBalancerPolicies", list_policies),
        Route("GET", "/loadBalancerShapes", list_shapes),
    ),
)
