"""Does to the kubernetes plugin what the engine does, against a real API server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lab.plugins.base.provider import Call, Resource, State
from lab.plugins.base.values import Secret
from lab.plugins.kubernetes.client import MERGE, Request
from lab.plugins.kubernetes.package import Kubernetes, make_provider
from tests.lab.plugins.kubernetes_control_plane import (
    ControlPlane,
    run_control_plane,
    why_not_here,
)

Object = dict[str, Any]
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
NAMESPACE = "kubernetes:core/v1:Namespace"


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """One control plane for all tests; each test has a namespace of its own."""
    if (reason := why_not_here()) is not None:
        pytest.skip(f"no control plane here: {reason}")
    with run_control_plane(tmp_path_factory.mktemp("plane")) as running:
        yield running


@dataclass(frozen=True)
class Engine:
    """Does to one provider what the engine does, in a namespace of the test's own."""

    provider: Kubernetes
    namespace: str

    def call(self, token: str, name: str = "web", **options: Any) -> Call:
        urn = f"urn:pulumi:s::{self.namespace}::{token}::{name}"
        return Call(urn=urn, name=name, type=token, **options)

    def resource(self, token: str) -> Resource:
        return self.provider.resource(token)

    def check(self, token: str, news: Object, olds: Object | None = None) -> Object:
        checked = self.resource(token).check(self.call(token), news, olds or {})
        assert list(checked.failures) == []
        return {k: v.value if isinstance(v, Secret) else v for k, v in checked.inputs.items()}

    def preview(self, token: str, news: Object) -> Object:
        call = self.call(token, preview=True)
        return self.resource(token).preview_create(call, self.check(token, news))

    def create(self, token: str, news: Object) -> State:
        return self.resource(token).create(self.call(token), self.check(token, news))

    def read(self, token: str, state: State) -> State | None:
        return self.resource(token).read(self.call(token), state)

    def update(self, token: str, old: State, news: Object) -> State:
        inputs = self.check(token, news, old.inputs)
        return State(old.id, inputs, self.resource(token).update(self.call(token), old, inputs))

    def delete(self, token: str, old: State) -> None:
        self.resource(token).delete(self.call(token), old)

    def get(self, path: str) -> Object | None:
        return self.provider.cluster.client.find(path)

    def config_map(self, name: str = "a", **data: str) -> Object:
        return {"metadata": {"name": name, "namespace": self.namespace}, "data": data}

    def by_hand(self, path: str, body: Object, manager: str = "kubectl-edit") -> None:
        """A change as another client makes it."""
        request = Request(
            method="PATCH",
            path=path,
            query={"fieldManager": manager},
            body=body,
            content_type=MERGE,
        )
        self.provider.cluster.client.send(request)


Connect = Callable[..., Engine]


@pytest.fixture
def connect(plane: ControlPlane) -> Connect:
    """Makes a provider with the given settings."""

    def connected(**config: Any) -> Engine:
        provider = make_provider()
        provider.configure({"kubeconfig": plane.kubeconfig(), **config})
        return Engine(provider, f"t-{uuid.uuid4().hex[:8]}")

    return connected


@pytest.fixture
def engine(connect: Connect) -> Engine:
    """A provider whose namespace exists."""
    made = connect()
    made.create(NAMESPACE, {"metadata": {"name": made.namespace}})
    return made
