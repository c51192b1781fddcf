"""What is checked, and what came out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """One fact about the mesh, checked for each cluster or pair that it is about."""

    API = "api"
    NODES = "nodes"
    PODS = "pods"
    LOAD_BALANCERS = "loadBalancers"
    SCALING = "scaling"
    MODE = "mode"
    ROOT = "root"
    EXPIRY = "expiry"
    PROXIES = "proxies"
    VERSIONS = "versions"
    REMOTE_CLUSTERS = "remoteClusters"
    CREDENTIALS = "credentials"
    ENDPOINTS = "endpoints"
    IDENTITIES = "identities"
    ANSWERS = "answers"
    PATH = "path"
    MTLS = "mtls"
    SINGLE = "single"
    PLAINTEXT = "plaintext"
    INGRESS = "ingress"


TITLES: Final = {
    Kind.API: "the Kubernetes API answers",
    Kind.NODES: "every node is ready",
    Kind.PODS: "every pod is ready, and injected where it should be",
    Kind.LOAD_BALANCERS: "every load balancer has the address of the outputs",
    Kind.SCALING: "gateways that scale see the load of their pods",
    Kind.MODE: "the mesh-wide mode of mutual TLS is the wanted one",
    Kind.ROOT: "every proxy trusts the root certificate of the outputs",
    Kind.EXPIRY: "certificates are far from their end",
    Kind.PROXIES: "every proxy has the latest configuration",
    Kind.VERSIONS: "every proxy is of its control plane's minor version or the one before",
    Kind.REMOTE_CLUSTERS: "every istiod reads every cluster",
    Kind.CREDENTIALS: "every API takes the credential that it is read with",
    Kind.ENDPOINTS: "every istiod knows the pods that are there",
    Kind.IDENTITIES: "every identity is in the trust domain",
    Kind.ANSWERS: "every client is answered by every cluster",
    Kind.PATH: "traffic takes the way that the networks ask for",
    Kind.MTLS: "proxies speak mutual TLS with each other",
    Kind.SINGLE: "a service of one cluster alone answers every other cluster",
    Kind.PLAINTEXT: "plaintext from outside the mesh gets what the mode says",
    Kind.INGRESS: "every ingress gateway leads to every cluster",
}


WITHOUT_SAMPLES: Final = (
    "not asked: mesh.samples is false; `ops verify --service namespace/name` asks one of yours"
)
"""Why what only the samples can show was skipped."""


class Status(StrEnum):
    """What came out of a check."""

    OK = "ok"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One checked fact."""

    kind: Kind
    subject: str
    """Key of the cluster, or `client -> server`."""
    status: Status
    seen: str = ""
    """What was there; always given unless the status is OK."""
    remedy: str = ""


def passed(kind: Kind, subject: str, seen: str = "") -> Check:
    """Return a check that found what it looked for."""
    return Check(kind=kind, subject=subject, status=Status.OK, seen=seen)


def failed(kind: Kind, subject: str, *, seen: str, remedy: str) -> Check:
    """Return a check that did not."""
    return Check(kind=kind, subject=subject, status=Status.FAILED, seen=seen, remedy=remedy)


def skipped(kind: Kind, subject: str, *, seen: str) -> Check:
    """Return a check that could not be made, which is neither good nor bad."""
    return Check(kind=kind, subject=subject, status=Status.SKIPPED, seen=seen)


def judged(kind: Kind, subject: str, faults: Iterable[str], *, remedy: str) -> Check:
    """Return a check that failed if there is any fault."""
    text = "; ".join(faults)
    return failed(kind, subject, seen=text, remedy=remedy) if text else passed(kind, subject)


def none_failed(checks: Iterable[Check]) -> bool:
    """Return whether no check failed."""
    return all(check.status is not Status.FAILED for check in checks)
