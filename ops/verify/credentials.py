"""Tries the credentials with which istiod reads other clusters; reading and judging is pure.

istiod says `synced` once for ever, so a token that the API no longer takes shows only here.
"""

import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ops.verify.checks import Check, Kind, judged, none_failed
from ops.verify.document import Cluster
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import ISTIO_SYSTEM, Object
from ops.verify.session import Session, for_each

_SELECTOR: Final = "istio/multiCluster=true"
# One of the reads of istiod, as small as it can be.
_READ: Final = "/apis/discovery.k8s.io/v1/endpointslices?limit=1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """What a remote secret says of one cluster."""

    server: str
    authority: str
    """Certificates in base64, by which the API is known."""
    token: str
    """Secret."""


def credentials_in(secrets: Iterable[Object]) -> dict[str, list[Credential]]:
    """Return what is in remote secrets, by Istio's name of the cluster that is read.

    istiod takes each key of such a Secret for the name of a cluster.
    """
    found: dict[str, list[Credential]] = defaultdict(list)
    for secret in secrets:
        for name, encoded in (secret.get("data") or {}).items():
            found[name].append(_credential(base64.b64decode(encoded).decode(errors="replace")))
    return found


def _credential(text: str) -> Credential:
    try:
        document = yaml.safe_load(text)
        cluster = document["clusters"][0]["cluster"]
        return Credential(
            server=str(cluster["server"]),
            authority=str(cluster.get("certificate-authority-data", "")),
            token=str(document["users"][0]["user"]["token"]),
        )
    except (yaml.YAMLError, LookupError, TypeError):
        return Credential(server="", authority="", token="")


def kubeconfig_with(credential: Credential, *, merged: str, context: str) -> str:
    """Return a kubeconfig that reaches the API as the user does, and signs in as istiod does."""
    document = yaml.safe_load(merged)
    clusters = {c["context"]["cluster"]: c["name"] for c in document["contexts"]}
    known: Mapping[str, Any] = next(
        entry["cluster"] for entry in document["clusters"] if clusters.get(entry["name"]) == context
    )
    cluster = {**known, "certificate-authority-data": credential.authority}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": context, "user": {"token": credential.token}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        }
    )


def credentials(session: Session) -> tuple[Check, ...]:
    """Return whether every credential in every primary works, waited for until it does."""
    return session.deadline.settle(lambda: _observed(session), none_failed)


def _observed(session: Session) -> tuple[Check, ...]:
    mesh = session.mesh
    pairs = [(r, s) for r in mesh.primaries for s in mesh.clusters.values() if r != s]
    held = dict(
        zip(
            (reader.key for reader in mesh.primaries),
            for_each(mesh.primaries, lambda reader: _held(session.kubectl, reader)),
            strict=True,
        )
    )
    # Readers of one cluster share its token, which is tried once.
    distinct = {
        (source.key, credential): source
        for reader, source in pairs
        for credential in held[reader.key].get(source.name, ())
    }
    outcomes = for_each(distinct.items(), lambda one: _try(session, one[1], credential=one[0][1]))
    tried = dict(zip(distinct, outcomes, strict=True))
    return tuple(
        judge_credentials(
            reader,
            source,
            {c: tried[source.key, c] for c in held[reader.key].get(source.name, ())},
        )
        for reader, source in pairs
    )


def _held(kubectl: Kubectl, reader: Cluster) -> dict[str, list[Credential]]:
    words = ("get", "secrets", "--namespace", ISTIO_SYSTEM, "--selector", _SELECTOR)
    try:
        answer = kubectl.json(reader.name, *words, "--output", "json")
    except KubectlError:
        # Why it cannot be reached is told of by its state.
        return {}
    return credentials_in(answer["items"])


def _try(session: Session, source: Cluster, *, credential: Credential) -> str:
    """Return what is wrong with a credential, nothing if the API takes it."""
    text = kubeconfig_with(credential, merged=session.mesh.kubeconfig, context=source.name)
    try:
        with session.kubectl.signed_in(text) as kubectl:
            kubectl.text(source.name, "get", "--raw", _READ)
    except KubectlError as error:
        return str(error)
    return ""


def judge_credentials(reader: Cluster, source: Cluster, tried: Mapping[Credential, str]) -> Check:
    """Return whether a primary has a credential that works for another cluster.

    Args:
        reader: The primary.
        source: The cluster that its istiod reads.
        tried: What is wrong with each credential that it has, empty if it works.
    """
    faults = [] if tried else [f"no remote secret has the key {source.name}"]
    for credential, fault in tried.items():
        if fault:
            faults.append(fault)
        elif credential.server != source.private_endpoint:
            faults.append(f"leads to {credential.server}, and not to {source.private_endpoint}")
    return judged(
        Kind.CREDENTIALS,
        f"{reader.key} -> {source.key}",
        faults,
        remedy=(
            f"compare the Secrets with the label istio/multiCluster in {reader.name} with the "
            f"reader's token, a Secret in istio-system of {source.name}; `pulumi up --refresh` "
            "brings both back"
        ),
    )
