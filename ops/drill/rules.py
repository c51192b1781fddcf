"""Whether a rule of traffic stands where `latency` would put one; pure.

Istio takes one VirtualService for a host and a proxy, and which of two it takes is nobody's choice.
"""

from collections.abc import Iterable, Iterator

from components.plan.traffic.names import covers
from ops.drill.acts import DELAY_NAME, by_hand, removal
from ops.errors import OpsError
from ops.verify.document import Cluster
from ops.verify.kubernetes import Object
from ops.verify.own import Target

_MESH = "mesh"


def refuse_rules(rules: Iterable[Object], target: Target, cluster: Cluster) -> None:
    """Refuse a second rule for the host of a Service.

    Raises:
        OpsError: clients of the mesh have one already, or a killed drill has left its own.
    """
    for rule in rules:
        metadata = rule["metadata"]
        if not _leads_clients(rule) or not _covers(rule, target):
            continue
        if metadata["name"] == DELAY_NAME:
            command = by_hand(cluster.name, removal(metadata["namespace"]))
            raise OpsError(
                f"latency: {cluster.key} still has the rule of a drill that was killed; delete it "
                f"with `{command}`"
            )
        raise OpsError(
            f"latency: {target.host} has a VirtualService in {cluster.key}, got "
            f"{metadata['namespace']}/{metadata['name']}; name a service without one, or set a "
            "fault in the rule that is there (docs/traffic.md)"
        )


def _leads_clients(rule: Object) -> bool:
    return _MESH in (rule["spec"].get("gateways") or (_MESH,))


def _covers(rule: Object, target: Target) -> bool:
    names = {target.host, target.host.removesuffix(".cluster.local")}
    names.add(f"{target.name}.{target.namespace}")
    return any(covers(host, name) for host in _hosts(rule) for name in names)


def _hosts(rule: Object) -> Iterator[str]:
    """Yield its hosts; a name without a dot is one of the rule's own namespace."""
    namespace = rule["metadata"]["namespace"]
    for host in rule["spec"].get("hosts", ()):
        yield host if "." in host or host == "*" else f"{host}.{namespace}.svc.cluster.local"
