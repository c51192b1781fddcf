"""Names of traffic: hosts, the places of rules, subsets, and regions as nodes bear them; pure."""

from typing import Final, NamedTuple

from components.settings.traffic import Pods

SAMPLES: Final = "sample"
"""The namespace of the samples, which the program makes."""

ROOT: Final = "istio-system"
"""The namespace whose rules hold for services of all namespaces."""

CLUSTER_LABEL: Final = "topology.istio.io/cluster"
"""Istio gives it to every endpoint; its value is Istio's name of the cluster."""

_SUFFIX: Final = ".svc.cluster.local"

# What the instance metadata of these two says, which the cloud controller manager copies to the
# nodes' labels; every other region is called by its identifier there too.
_ON_NODES: Final = {"us-ashburn-1": "iad", "us-phoenix-1": "phx"}


class Service(NamedTuple):
    """A service of Kubernetes by its name."""

    namespace: str
    name: str


def host_of(key: str) -> str:
    """Return the full host of a key of `traffic.services`."""
    namespace, slash, name = key.partition("/")
    return f"{name}.{namespace}{_SUFFIX}" if slash else key


def service_of(host: str) -> Service | None:
    """Return the service of Kubernetes that a host names; None if it is another kind of host."""
    name, dot, namespace = host.removesuffix(_SUFFIX).partition(".")
    is_service = host.endswith(_SUFFIX) and dot and "." not in namespace
    return Service(namespace, name) if is_service else None


def covers(pattern: str, host: str) -> bool:
    """Return whether a host is one of those that a pattern such as `*.local` names."""
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def covers_namespace(pattern: str, namespace: str) -> bool:
    """Return whether a pattern names every service of a namespace."""
    return pattern.startswith("*.") and f".{namespace}{_SUFFIX}".endswith(pattern[1:])


def object_name(host: str) -> str:
    """Return what the rules of a host are called."""
    return host.removesuffix(_SUFFIX)


def place_of(host: str) -> str:
    """Return the namespace in which the rules of a host stand.

    The program makes no namespace for services of others, which may come later or by another
    tool. In the root namespace a rule waits for its service; a DestinationRule in the service's
    own namespace takes its place, as that of the samples would.
    """
    service = service_of(host)
    return SAMPLES if service and service.namespace == SAMPLES else ROOT


def subset_name(pods: Pods) -> str | None:
    """Return the name of the subset that these pods are; None for all pods of the service."""
    if pods.cluster is None:
        return pods.version
    inside = f"in-{pods.cluster}"
    return f"{pods.version}-{inside}" if pods.version else inside


def region_on_nodes(identifier: str) -> str:
    """Return the value of `topology.kubernetes.io/region` in a region of Oracle Cloud."""
    return _ON_NODES.get(identifier, identifier)
