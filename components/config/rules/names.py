"""Names that are derived from keys: unique, and within the limits of OCI and Kubernetes."""

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Final

from components.cloud import naming
from components.config.rules.given import Given, Rule, problem
from components.errors import NamingError, Problem

# Istio takes it for "no revision" in some places and for a tag in others.
_RESERVED_REVISION: Final = "default"


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


RULES: Final[tuple[Rule, ...]] = (
    _dns_labels,
    _prefixes,
    _cluster_names,
    _sample_versions,
    _revision,
)
