"""Names and labels: unique, and within the limits of OCI and Kubernetes."""

import re
from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Final

from components.cloud import naming
from components.config.rules.given import Given, Rule, problem, problem_at
from components.errors import NamingError, Problem

# Istio takes it for "no revision" in some places and for a tag in others.
_RESERVED_REVISION: Final = "default"

# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
_LONGEST_LABEL: Final = 63
_LABEL_NAME: Final = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_LABEL_PREFIX: Final = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LONGEST_LABEL_PREFIX: Final = 253

# A kubelet that is told to label itself with other names of Kubernetes does not start,
# https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/kubelet/pkg/apis
_RESERVED_PREFIX: Final = re.compile(r"(.+\.)?(kubernetes|k8s)\.io")
_ALLOWED_PREFIX: Final = re.compile(r"(.+\.)?(kubelet|node)\.kubernetes\.io")


def _dns_labels(given: Given) -> Iterator[Problem]:
    for key in given.clusters:
        try:
            naming.dns_label(key)
        except NamingError:
            yield problem(
                f"clusters.{key}",
                f"gives the VCN no DNS label of at most {naming.DNS_LABEL_LIMIT} letters and "
                "digits",
                got=key,
                remedy="choose a shorter key",
            )


def _prefixes(given: Given) -> Iterator[Problem]:
    """Resources are named `<key>-<what>`, so `fra` with a pool `x-y` would meet `fra-x`."""
    for first, second in permutations(given.clusters, 2):
        if second.startswith(f"{first}-"):
            yield problem(
                f"clusters.{second}",
                f"begins like clusters.{first}, so that names of their resources could be equal",
                got=second,
                remedy=f"choose a key that does not begin with {first}-",
            )


def _cluster_names(given: Given) -> Iterator[Problem]:
    for (first, one), (second, other) in combinations(given.clusters.items(), 2):
        if one.name == other.name:
            yield problem(
                f"clusters.{second}.name",
                f"is the same as clusters.{first}.name",
                got=other.name,
                remedy="give each cluster its own",
            )


def _sample_versions(given: Given) -> Iterator[Problem]:
    for (first, one), (second, other) in combinations(given.clusters.items(), 2):
        if given.settings.mesh.samples and one.sample_version == other.sample_version:
            yield problem(
                f"clusters.{second}.sampleVersion",
                f"is the same as clusters.{first}.sampleVersion, so that answers could not be "
                "told apart",
                got=other.sample_version,
                remedy="give each cluster its own, or set mesh.samples to false",
            )


def _revision(given: Given) -> Iterator[Problem]:
    revision = given.settings.mesh.istio.revision
    if revision is None:
        return
    longest = naming.HELM_RELEASE_LIMIT - len("istiod-")
    if len(revision) > longest:
        yield problem(
            "mesh.istio.revision",
            f"is longer than {longest} letters, so that istiod-<revision> is too long for Helm",
            got=revision,
            remedy="shorten it",
        )
    if revision == _RESERVED_REVISION:
        remedy = "leave it out, or choose a name such as 1-30-3"
        yield problem(
            "mesh.istio.revision", "is a name that Istio reserves", got=revision, remedy=remedy
        )


def _node_labels(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        for name, pool in cluster.node_pools.items():
            for label, value in pool.labels.items():
                location = ("clusters", key, "nodePools", name, "labels", label)
                yield from _node_label(location, label, value)


def _node_label(location: tuple[str, ...], label: str, value: str) -> Iterator[Problem]:
    prefix, _, name = label.rpartition("/")
    if not _is_label(name) or ("/" in label and not _is_prefix(prefix)):
        remedy = "write it as name or example.com/name"
        yield problem_at(location, "is not the key of a Kubernetes label", got=label, remedy=remedy)
    if value and not _is_label(value):
        remedy = f"use at most {_LONGEST_LABEL} letters, digits and inner -, _ and ."
        yield problem_at(
            location, "is not the value of a Kubernetes label", got=value, remedy=remedy
        )
    if _RESERVED_PREFIX.fullmatch(prefix) and not _ALLOWED_PREFIX.fullmatch(prefix):
        remedy = "choose a prefix of your own, or node.kubernetes.io"
        yield problem_at(
            location, "is a label that a node may not give itself", got=value, remedy=remedy
        )


def _is_label(text: str) -> bool:
    return len(text) <= _LONGEST_LABEL and bool(_LABEL_NAME.fullmatch(text))


def _is_prefix(text: str) -> bool:
    return len(text) <= _LONGEST_LABEL_PREFIX and bool(_LABEL_PREFIX.fullmatch(text))


RULES: Final[tuple[Rule, ...]] = (
    _dns_labels,
    _prefixes,
    _cluster_names,
    _sample_versions,
    _revision,
    _node_labels,
)
