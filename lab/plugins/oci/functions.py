"""The lookups that the program asks: one operation of the SDK each, by a table."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from lab.plugins.base.errors import InputsError
from lab.plugins.base.provider import Call
from lab.plugins.oci.faults import asked
from lab.plugins.oci.kinds import COMPUTE, CONTAINERS, INSTANCE, NETWORK
from lab.plugins.oci.mapping import Mapper
from lab.plugins.oci.session import Session
from sdks.checking import Failure
from sdks.schema import FunctionSchema, Shape
from sdks.values import Properties, Unknown

IDENTITY = "identity.IdentityClient"
LIMITS = "limits.LimitsClient"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup:
    """One function of the package and the operation that answers it."""

    name: str
    source: str
    client: str
    operation: str
    required: Sequence[str] = ()
    """Arguments that the operation takes by position."""
    items: str | None = None
    """The output that holds the list; None for a lookup of one thing."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """As of the resource of the same things."""


LOOKUPS = (
    # The program asks for this one by its token, without the SDK's function around it.
    Lookup(
        name="oci:Identity/getAvailabilityDomains:getAvailabilityDomains",
        source="identity/get_availability_domains.py",
        client=IDENTITY,
        operation="list_availability_domains",
        required=("compartmentId",),
        items="availabilityDomains",
    ),
    # So is this one, at preview.
    Lookup(
        name="oci:Limits/getResourceAvailability:getResourceAvailability",
        source="limits/get_resource_availability.py",
        client=LIMITS,
        operation="get_resource_availability",
        required=("serviceName", "limitName", "compartmentId"),
    ),
    Lookup(
        name="oci:Core/getServices:getServices",
        source="core/get_services.py",
        client=NETWORK,
        operation="list_services",
        items="services",
    ),
    Lookup(
        name="oci:Core/getVcn:getVcn",
        source="core/get_vcn.py",
        client=NETWORK,
        operation="get_vcn",
        required=("vcnId",),
    ),
    Lookup(
        name="oci:Core/getSubnet:getSubnet",
        source="core/get_subnet.py",
        client=NETWORK,
        operation="get_subnet",
        required=("subnetId",),
    ),
    Lookup(
        name="oci:Core/getSecurityLists:getSecurityLists",
        source="core/get_security_lists.py",
        client=NETWORK,
        operation="list_security_lists",
        required=("compartmentId",),
        items="securityLists",
    ),
    Lookup(
        name="oci:Core/getImages:getImages",
        source="core/get_images.py",
        client=COMPUTE,
        operation="list_images",
        required=("compartmentId",),
        items="images",
    ),
    Lookup(
        name="oci:ContainerEngine/getClusterOption:getClusterOption",
        source="containerengine/get_cluster_option.py",
        client=CONTAINERS,
        operation="get_cluster_options",
        required=("clusterOptionId",),
    ),
    Lookup(
        name="oci:ContainerEngine/getNodePoolOption:getNodePoolOption",
        source="containerengine/get_node_pool_option.py",
        client=CONTAINERS,
        operation="get_node_pool_options",
        required=("nodePoolOptionId",),
    ),
    Lookup(
        name="oci:ContainerEngine/getClusters:getClusters",
        source="containerengine/get_clusters.py",
        client=CONTAINERS,
        operation="list_clusters",
        required=("compartmentId",),
        items="clusters",
    ),
    Lookup(
        name="oci:ContainerEngine/getNodePools:getNodePools",
        source="containerengine/get_node_pools.py",
        client=CONTAINERS,
        operation="list_node_pools",
        required=("compartmentId",),
        items="nodePools",
    ),
    Lookup(
        name="oci:Core/getInstances:getInstances",
        source="core/get_instances.py",
        client=COMPUTE,
        operation="list_instances",
        required=("compartmentId",),
        items="instances",
        renamed=INSTANCE.renamed,
    ),
)
KUBECONFIG = "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig"
KUBECONFIG_SOURCE = "containerengine/get_cluster_kube_config.py"
# Query parameters whose names are not the properties'.
PARAMETERS = {
    "nodePoolK8sVersion": "node_pool_k8_s_version",
    "states": "lifecycle_state",
    "state": "lifecycle_state",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A lookup of one provider instance."""

    lookup: Lookup
    schema: FunctionSchema
    session: Session
    types: dict[str, Shape]

    def __call__(self, call: Call, arguments: Properties) -> Properties:
        missing = [name for name in self.lookup.required if arguments.get(name) is None]
        if missing:
            raise InputsError([Failure(name, "required argument is missing") for name in missing])
        if arguments.get("filters"):
            raise InputsError([Failure("filters", "the lab's plugin does not serve them")])
        if any(isinstance(value, Unknown) for value in arguments.values()):
            return {}
        data = self._ask(arguments)
        if self.lookup.items is None:
            found = self._mapper.to_properties(self.schema.outputs, data)
        else:
            found = {self.lookup.items: self._listed(data)}
        own_id = getattr(data, "id", None) or _id_of(self.schema.token, arguments)
        return {**found, **arguments, "id": own_id}

    @property
    def _mapper(self) -> Mapper:
        module = self.lookup.client.partition(".")[0]
        models = importlib.import_module(f"oci.{module}.models")
        return Mapper(models=models, types=self.types, renamed=self.lookup.renamed)

    def _ask(self, arguments: Properties) -> Any:
        import oci  # noqa: PLC0415 - takes half a second; only a lookup needs it

        required = [arguments[name] for name in self.lookup.required]
        options = {
            PARAMETERS.get(name, _snake(name)): value
            for name, value in arguments.items()
            if name not in self.lookup.required and value is not None
        }
        operation = getattr(self.session.client(self.lookup.client), self.lookup.operation)
        if self.lookup.items is None:
            return asked(operation, *required, **options).data
        pages = oci.pagination.list_call_get_all_results
        return asked(pages, operation, *required, **options).data

    def _listed(self, data: Any) -> list[Properties]:
        kind = self.schema.outputs[str(self.lookup.items)].type
        shape = self.types[kind[1][1]]
        return [self._mapper.to_properties(shape, item) for item in data]


@dataclass(frozen=True, kw_only=True, slots=True)
class KubeConfig:
    """The kubeconfig of a cluster, which the API sends as a file."""

    session: Session

    def __call__(self, call: Call, arguments: Properties) -> Properties:
        if arguments.get("clusterId") is None:
            raise InputsError([Failure("clusterId", "required argument is missing")])
        if any(isinstance(value, Unknown) for value in arguments.values()):
            return {}
        import oci  # noqa: PLC0415 - as above

        models = oci.container_engine.models
        names = ("tokenVersion", "expiration", "endpoint")
        details = models.CreateClusterKubeconfigContentDetails(
            **{_snake(name): arguments[name] for name in names if arguments.get(name) is not None}
        )
        response = asked(
            self.session.client(CONTAINERS).create_kubeconfig,
            arguments["clusterId"],
            create_cluster_kubeconfig_content_details=details,
        )
        own_id = _id_of(KUBECONFIG, arguments)
        return {**arguments, "content": response.data.text, "id": own_id}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _id_of(token: str, arguments: Properties) -> str:
    """The same id for the same question, so that a preview shows no change."""
    text = repr(sorted((name, repr(value)) for name, value in arguments.items()))
    return f"{token.rsplit(':', maxsplit=1)[-1]}-{sha256(text.encode()).hexdigest()[:16]}"
