"""What operators ask of a mesh before others depend on it."""

from collections.abc import Mapping, Sequence
from typing import Final

from ops.verify.checks import Check, Fact, failed, passed


class Item(Fact):
    """One thing that production needs."""

    VERIFIED = "verified"
    REPLICAS = "replicas"
    BUDGETS = "budgets"
    SPREAD = "spread"
    REQUESTS = "requests"
    NODES = "nodes"
    MTLS = "mtls"
    AUTHORIZATION = "authorization"
    API = "api"
    INJECTOR = "injector"
    CERTIFICATES = "certificates"
    HTTPS = "https"
    VERSIONS = "versions"
    ALERTS = "alerts"
    SAMPLES = "samples"
    STATE = "state"
    PROTECTION = "protection"


TITLES: Final[Mapping[Fact, str]] = {
    Item.VERIFIED: "the last update ended with a verified mesh",
    Item.REPLICAS: "istiod and every gateway have two ready pods or more",
    Item.BUDGETS: "a disruption budget lets one of them go and keeps the others",
    Item.SPREAD: "they run on several nodes, and in several fault domains where nodes are",
    Item.REQUESTS: "each of their containers asks for CPU and memory",
    Item.NODES: "there are two ready nodes or more",
    Item.MTLS: "nothing takes plaintext",
    Item.AUTHORIZATION: "who is not named may not ask",
    Item.API: "the Kubernetes API has a private address only",
    Item.INJECTOR: "no injector and no control plane is at a public address",
    Item.CERTIFICATES: "the root lasts a year and more, intermediates a month and more",
    Item.HTTPS: "every host name is called by HTTPS",
    Item.VERSIONS: "nodes and istiods have the versions of the stack",
    Item.ALERTS: "alerts reach somebody",
    Item.SAMPLES: "no sample runs beside the workloads",
    Item.STATE: "the state is kept elsewhere, and its earlier versions too",
    Item.PROTECTION: "clusters and the root certificate are protected",
}

REMEDIES: Final[Mapping[Fact, str]] = {
    Item.VERIFIED: "set verification.enabled to true; `python -m ops verify` says what is wrong",
    Item.REPLICAS: (
        "set replicas of mesh.istio (which is the egress gateway's too), mesh.ingress and "
        "mesh.eastWest to 2"
    ),
    Item.BUDGETS: (
        "look at `kubectl get poddisruptionbudgets --namespace istio-system`; a pod that is not "
        "ready lets no other go"
    ),
    Item.SPREAD: (
        "set clusters.<key>.nodePools.<pool>.size to 2 or more; `kubectl rollout restart` parts "
        "pods that were there before"
    ),
    Item.REQUESTS: "set cpuRequest and memoryRequest of mesh.istio, mesh.ingress and mesh.eastWest",
    Item.NODES: (
        "set clusters.<key>.nodePools.<pool>.size to 2 or more; a private endpoint is asked "
        "through `python -m ops tunnel open`"
    ),
    Item.MTLS: "set mesh.mtls to STRICT; a namespace's own is its team's to change",
    Item.AUTHORIZATION: "set mesh.authorization to denyByDefault, and allow what is to be asked",
    Item.API: "set clusters.<key>.endpoint to private",
    Item.INJECTOR: "set mesh.eastWest.exposure to internal, which goes over the backbone",
    Item.CERTIFICATES: (
        "`pulumi up` renews an intermediate; a root is rotated as docs/runbook.md describes"
    ),
    Item.HTTPS: "set mesh.ingress.https",
    Item.VERSIONS: "run `pulumi up`; set clusters.<key>.nodePools.<pool>.kubernetesVersion",
    Item.ALERTS: "set observability and its alerts.receiver, or bring an Alertmanager of your own",
    Item.SAMPLES: (
        "set mesh.samples to false; `ops verify --service` asks a service of your own instead"
    ),
    Item.STATE: (
        "`pulumi login` to a service, or to a bucket that keeps versions, and take the state along "
        "with `pulumi stack export`"
    ),
    Item.PROTECTION: "set protection to true and run `pulumi up`",
}


def outcome(item: Item, subject: str, faults: Sequence[str], *, good: str) -> Check:
    """Return a check that failed if there is any fault, else with the good that was seen."""
    if faults:
        return failed(item, subject, seen="; ".join(faults), remedy=REMEDIES[item])
    return passed(item, subject, good)
