"""A GitOps tool: that it reaches the clusters, may do something, and takes nobody's namespaces."""

import re
from collections.abc import Iterator
from typing import Final

from components.config.rules.given import Given, Rule, not_enabled, problem, without_mesh
from components.errors import Problem
from components.plan.gitops import OWN_NAMESPACES
from components.settings.clusters import Endpoint
from components.settings.gitops import NamespaceOwner, Scope

# https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
_OF_KUBERNETES: Final = re.compile(r"default|kube-.*")


def _mesh(given: Given) -> Iterator[Problem]:
    if given.settings.gitops:
        yield from without_mesh(given, "gitops", got=given.settings.gitops)


def _place(given: Given) -> Iterator[Problem]:
    chosen = given.settings.gitops
    if chosen is None or chosen.from_ is None:
        return
    yield from not_enabled(given, "gitops.from", chosen.from_)
    if chosen.endpoint is Endpoint.PUBLIC:
        yield problem(
            "gitops.from",
            "opens the way to private addresses, and the tool is told public ones",
            got=chosen.from_,
            remedy="remove it, or gitops.endpoint; public endpoints let in their allowedCidrs",
        )


def _endpoints(given: Given) -> Iterator[Problem]:
    chosen = given.settings.gitops
    private = [key for key, c in given.clusters.items() if c.endpoint is Endpoint.PRIVATE]
    if chosen and chosen.endpoint is Endpoint.PUBLIC and private:
        yield problem(
            "gitops.endpoint",
            f"is public, and the endpoint of {' and '.join(private)} is private",
            got=chosen.endpoint,
            remedy="remove it, or set every endpoint to public",
        )


def _rights(given: Given) -> Iterator[Problem]:
    chosen = given.settings.gitops
    if chosen is None or chosen.namespaces:
        return
    if chosen.scope is Scope.NAMESPACES:
        yield problem(
            "gitops.namespaces",
            "is empty, so that the tool may do nothing",
            got=None,
            remedy="name namespaces, or set gitops.scope to cluster",
        )
    elif chosen.namespace_owner is NamespaceOwner.TOOL:
        yield problem(
            "gitops.namespaceOwner",
            "has no effect without gitops.namespaces",
            got=chosen.namespace_owner,
            remedy="remove it, or name namespaces",
        )


def _namespaces(given: Given) -> Iterator[Problem]:
    chosen = given.settings.gitops
    names = chosen.namespaces if chosen else ()
    for index, name in enumerate(names):
        location = f"gitops.namespaces[{index}]"
        if name in names[:index]:
            yield problem(location, "is named twice", got=name, remedy="name it once")
        if _OF_KUBERNETES.fullmatch(name):
            remedy = "choose another; what has to work there takes gitops.scope: cluster"
            yield problem(location, "is a namespace of Kubernetes", got=name, remedy=remedy)
        if name in OWN_NAMESPACES:
            remedy = "choose another, and leave what stands there to the program"
            yield problem(location, "is a namespace of the program", got=name, remedy=remedy)


RULES: Final[tuple[Rule, ...]] = (_mesh, _place, _endpoints, _rights, _namespaces)
