"""Finds in Oracle Cloud what a create has made, by its name and tags, and deletes what is surplus.

The vendor's SDK, which comes with oci-cli, signs in as the provider of the resource does.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import oci

from ops.errors import OpsError
from ops.recover.deployment import CREATING, Deployment, Operation, Resource
from ops.recover.plan import Found

_GONE: Final = {"TERMINATED", "DELETED", "DETACHED"}
_ON_ITS_WAY: Final = {
    *("PROVISIONING", "CREATING", "ATTACHING", "STARTING", "UPDATING", "SCALING", "PENDING"),
    *("TERMINATING", "DELETING", "DETACHING"),
}
_USELESS: Final = {"FAILED", "FAULTY", "NEEDS_ATTENTION", "INACTIVE"}
_PAUSE_SECONDS: Final = 5.0
# A cluster takes ten minutes, and whoever waits is told what for.
_PATIENCE_SECONDS: Final = 45 * 60.0

# Without these a resource of one stack cannot be told from another's.
_TAGS: Final = ("project", "stack")
_RULE: Final = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """How the SDK calls a type of resource."""

    noun: str
    client: str = "core.VirtualNetworkClient"
    delete: str = "delete"
    plural: str = ""
    """Where it is not the noun with an `s`."""

    @property
    def lists(self) -> str:
        """The method that lists them."""
        return f"list_{self.plural or f'{self.noun}s'}"


KINDS: Final = {
    "oci:ContainerEngine/cluster:Cluster": _Kind(
        noun="cluster", client="container_engine.ContainerEngineClient"
    ),
    "oci:ContainerEngine/nodePool:NodePool": _Kind(
        noun="node_pool", client="container_engine.ContainerEngineClient"
    ),
    "oci:Core/instance:Instance": _Kind(
        noun="instance", client="core.ComputeClient", delete="terminate"
    ),
    "oci:Dns/steeringPolicy:SteeringPolicy": _Kind(
        noun="steering_policy", plural="steering_policies", client="dns.DnsClient"
    ),
    "oci:HealthChecks/httpMonitor:HttpMonitor": _Kind(
        noun="http_monitor", client="healthchecks.HealthChecksClient"
    ),
    "oci:Budget/budget:Budget": _Kind(noun="budget", client="budget.BudgetClient"),
    "oci:Monitoring/alarm:Alarm": _Kind(noun="alarm", client="monitoring.MonitoringClient"),
    "oci:Ons/notificationTopic:NotificationTopic": _Kind(
        noun="topic", client="ons.NotificationControlPlaneClient"
    ),
    "oci:Core/drg:Drg": _Kind(noun="drg"),
    "oci:Core/drgAttachment:DrgAttachment": _Kind(noun="drg_attachment"),
    "oci:Core/internetGateway:InternetGateway": _Kind(noun="internet_gateway"),
    "oci:Core/natGateway:NatGateway": _Kind(noun="nat_gateway"),
    "oci:Core/networkSecurityGroup:NetworkSecurityGroup": _Kind(noun="network_security_group"),
    "oci:Core/remotePeeringConnection:RemotePeeringConnection": _Kind(
        noun="remote_peering_connection"
    ),
    "oci:Core/routeTable:RouteTable": _Kind(noun="route_table"),
    "oci:Core/securityList:SecurityList": _Kind(noun="security_list"),
    "oci:Core/serviceGateway:ServiceGateway": _Kind(noun="service_gateway"),
    "oci:Core/subnet:Subnet": _Kind(noun="subnet"),
    "oci:Core/vcn:Vcn": _Kind(noun="vcn"),
}
"""Every type of the program's that has a name and tags."""


@dataclass(slots=True)
class Oracle:
    """Searches with the providers of one state, whose secrets must be in the clear."""

    deployment: Deployment
    say: Callable[[str], None]
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def find(self, operation: Operation) -> list[Found]:
        """Return what was made, the best first; waits for what is on its way, to and fro."""
        resource = operation.resource
        kind = KINDS.get(resource.type)
        if operation.doing != CREATING:
            if kind is not None and resource.id:
                self._await(resource, lambda: self._get(resource, kind, resource.id))
            return []
        if resource.type == _RULE:
            return self._find_rules(resource)
        if kind is None or not _has_tags(resource.inputs):
            return []
        here = self._await(resource, lambda: self._list(resource, kind))
        return [Found(id=_id(one), is_good=_state(one) not in _USELESS) for one in here]

    def free(self, resource: Resource) -> None:
        """Nothing here is ever marked as under way."""

    def finish(self, resource: Resource) -> None:
        """Nothing here is ever deleted in part."""

    def delete(self, resource: Resource, found: Found) -> None:
        """Delete it, and wait until it is gone: what it stands in may be deleted next."""
        if resource.type == _RULE:
            details = oci.core.models.RemoveNetworkSecurityGroupSecurityRulesDetails(
                security_rule_ids=[found.id]
            )
            group = resource.inputs["networkSecurityGroupId"]
            self._network(resource).remove_network_security_group_security_rules(group, details)
            return
        kind = KINDS[resource.type]
        getattr(self._client(resource, kind), f"{kind.delete}_{kind.noun}")(found.id)
        if self._await(resource, lambda: self._get(resource, kind, found.id)):
            raise OpsError(f"{resource.name}: was not deleted, got {found.id}; delete it")

    def _await(self, resource: Resource, look: Callable[[], list[Any]]) -> list[Any]:
        """Look until nothing is on its way any more, and return what is there then."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        told = ""
        while True:
            here = look()
            moving = next((x for x in here if _state(x) in _ON_ITS_WAY), None)
            if moving is None:
                return [one for one in here if _state(one) not in _GONE]
            if time.monotonic() > deadline:
                raise OpsError(
                    f"{resource.name}: is still {moving.lifecycle_state}, got {_id(moving)}; look "
                    "at its work request, then run this again"
                )
            if told != moving.lifecycle_state:
                told = moving.lifecycle_state
                self.say(f"{resource.name}: waits while it is {told}")
            time.sleep(_PAUSE_SECONDS)

    def _get(self, resource: Resource, kind: _Kind, identity: str) -> list[Any]:
        try:
            return [getattr(self._client(resource, kind), f"get_{kind.noun}")(identity).data]
        except oci.exceptions.ServiceError as fault:
            if fault.status == HTTPStatus.NOT_FOUND:
                return []
            raise

    def _list(self, resource: Resource, kind: _Kind) -> list[Any]:
        compartment = self.deployment.inherited(resource, "compartmentId")
        listed = getattr(self._client(resource, kind), kind.lists)
        every = oci.pagination.list_call_get_all_results(listed, compartment_id=compartment).data
        here = [one for one in every if _state(one) not in _GONE and _is_it(one, resource.inputs)]
        return sorted(here, key=lambda one: _state(one) in _USELESS)

    def _find_rules(self, resource: Resource) -> list[Found]:
        """A rule has neither name nor tags: its group is the stack's, and its content tells it."""
        group = resource.inputs["networkSecurityGroupId"]
        listed = self._network(resource).list_network_security_group_security_rules
        every = oci.pagination.list_call_get_all_results(listed, group).data
        return [
            Found(id=rule.id) for rule in every if covers(resource.inputs, oci.util.to_dict(rule))
        ]

    def _network(self, resource: Resource) -> Any:
        return self._client(resource, _Kind(noun=""))

    def _client(self, resource: Resource, kind: _Kind) -> Any:
        provider = self.deployment.provider(resource)
        if provider is None:
            raise OpsError(f"{resource.name}: its provider is not in the state; run `pulumi up`")
        key = (provider.urn, kind.client)
        if key not in self._clients:
            package, _, name = kind.client.partition(".")
            module = getattr(oci, package)
            config, signer = _sign_in(provider.inputs)
            more = {"signer": signer} if signer else {}
            self._clients[key] = getattr(module, name)(
                config, retry_strategy=oci.retry.DEFAULT_RETRY_STRATEGY, **more
            )
        return self._clients[key]


def _id(one: Any) -> str:
    """Return its OCID; a topic calls it otherwise."""
    found: str = getattr(one, "id", None) or one.topic_id
    return found


def _state(one: Any) -> str:
    """Return the state of its life; a monitor is there, or it is not."""
    return getattr(one, "lifecycle_state", "")


def _has_tags(inputs: Mapping[str, Any]) -> bool:
    tags = inputs.get("freeformTags") or {}
    return all(tags.get(key) for key in _TAGS)


def _is_it(one: Any, inputs: Mapping[str, Any]) -> bool:
    name = getattr(one, "display_name", None) or getattr(one, "name", None)
    tags = one.freeform_tags or {}
    return name == (inputs.get("displayName") or inputs.get("name")) and all(
        tags.get(key) == value for key, value in inputs["freeformTags"].items()
    )


def covers(inputs: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    """Return whether a security rule is what was asked for."""
    for key, wanted in inputs.items():
        if key.startswith("__") or key == "networkSecurityGroupId":
            continue
        name = "is_stateless" if key == "stateless" else _CAPITAL.sub("_", key).lower()
        found = seen.get(name)
        if isinstance(wanted, Mapping):
            if not isinstance(found, Mapping) or not covers(wanted, found):
                return False
        elif found != (int(wanted) if isinstance(wanted, float) else wanted):
            return False
    return True


def _sign_in(inputs: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return configuration and signer of the SDK for a provider's own settings."""
    region = {"region": inputs["region"]}
    match inputs.get("auth"):
        case "InstancePrincipal":
            return region, oci.auth.signers.InstancePrincipalsSecurityTokenSigner()
        case "ResourcePrincipal":
            return region, oci.auth.signers.get_resource_principals_signer()
        case "SecurityToken":
            found = _from_file(inputs)
            return {**found, **region}, _token_signer(found)
    if inputs.get("userOcid"):
        return {**region, **dict(_own_key(inputs))}, None
    return {**_from_file(inputs), **region}, None


def _own_key(inputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    names = {
        "tenancyOcid": "tenancy",
        "userOcid": "user",
        "fingerprint": "fingerprint",
        "privateKey": "key_content",
        "privateKeyPath": "key_file",
        "privateKeyPassword": "pass_phrase",
    }
    return ((name, inputs[key]) for key, name in names.items() if inputs.get(key))


def _from_file(inputs: Mapping[str, Any]) -> dict[str, Any]:
    named = os.environ.get("OCI_CONFIG_FILE") or os.environ.get("OCI_CLI_CONFIG_FILE")
    found: dict[str, Any] = oci.config.from_file(
        named or oci.config.DEFAULT_LOCATION, inputs.get("configFileProfile") or "DEFAULT"
    )
    return found


def _token_signer(config: Mapping[str, Any]) -> Any:
    with open(os.path.expanduser(config["security_token_file"])) as file:  # noqa: PTH111, PTH123
        token = file.read().strip()
    key = oci.signer.load_private_key_from_file(config["key_file"], config.get("pass_phrase"))
    return oci.auth.signers.SecurityTokenSigner(token, key)
