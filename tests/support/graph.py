"""What waits for what: the edges of a recorded run, as the engine orders its work by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tests.support.recorded import Deployment, Registered

WHOLE: Final = "/*"
"""Ends the name of a resource that is waited for together with all of its children."""


def edges(resource: Registered) -> frozenset[str]:
    """Return the URNs that the engine has before this one: dependencies, provider, parent."""
    return resource.dependencies | {resource.provider_urn, resource.parent}


def order(deployment: Deployment, first: str, second: str) -> bool:
    """Whether the resource `second` waits for `first`, over any number of steps."""
    (start,) = _named(deployment, second)
    (goal,) = _named(deployment, first)
    by_urn = {resource.urn: resource for resource in deployment.resources}
    open_, seen = [start.urn], set()
    while open_:
        urn = open_.pop()
        if urn == goal.urn:
            return True
        if urn in by_urn and urn not in seen:
            seen.add(urn)
            open_.extend(edges(by_urn[urn]))
    return False


def waited_for(deployment: Deployment) -> Mapping[str, list[str]]:
    """Return by URN of each resource the names of those that it waits for, and none twice.

    What another of them, the provider or the parent waits for already is left out. Of a resource
    with children, all of which are waited for, the name stands for them too and ends in `/*`.
    """
    numbers = {resource.urn: number for number, resource in enumerate(deployment.resources)}
    # By URN, a bit for each resource that is there before: registered in the order of the edges.
    before: dict[str, int] = {}
    found = {}
    for resource in deployment.resources:
        implied = 0
        for urn in edges(resource):
            implied |= before.get(urn, 0)
        for urn in (resource.provider_urn, resource.parent):
            implied |= _bit(numbers, urn)
        own = [urn for urn in resource.dependencies if not implied & _bit(numbers, urn)]
        before[resource.urn] = implied | sum(_bit(numbers, urn) for urn in own)
        found[resource.urn] = own
    names = {resource.urn: resource.name for resource in deployment.resources}
    children = _children(deployment)
    return {urn: _readable(own, names, children) for urn, own in found.items()}


def _named(deployment: Deployment, name: str) -> list[Registered]:
    return [r for r in deployment.resources if r.name == name and r.custom]


def _bit(numbers: Mapping[str, int], urn: str) -> int:
    return 1 << numbers[urn] if urn in numbers else 0


def _children(deployment: Deployment) -> Mapping[str, frozenset[str]]:
    """Return the children of each resource that is no component."""
    custom = {resource.urn for resource in deployment.resources if resource.custom}
    below: dict[str, set[str]] = {}
    for resource in deployment.resources:
        if resource.parent in custom:
            below.setdefault(resource.parent, set()).add(resource.urn)
    return {urn: frozenset(children) for urn, children in below.items()}


def _readable(
    urns: Iterable[str], names: Mapping[str, str], children: Mapping[str, frozenset[str]]
) -> list[str]:
    left = set(urns)
    whole = [parent for parent, below in children.items() if below <= left]
    for parent in whole:
        left -= children[parent]
    return sorted([*(names[parent] + WHOLE for parent in whole), *(names[urn] for urn in left)])
