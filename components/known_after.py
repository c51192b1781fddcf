"""Outputs that are known only when something else is there.

Whoever uses such an output waits for more than the resource that it is a property of. The wait is
for URNs, which a preview knows. With ids, a resource to come would make the output unknown in the
preview, and everything that exists and uses it would seem to be replaced.
"""

from collections.abc import Iterable
from typing import TypeVar

import pulumi

T = TypeVar("T")


def known_after(value: pulumi.Input[T], resources: Iterable[pulumi.Resource]) -> pulumi.Output[T]:
    """Return `value`, known in an update only when every one of `resources` is there."""
    urns = [resource.urn for resource in resources]
    known: pulumi.Output[T] = pulumi.Output.all(value, *urns).apply(lambda all_: all_[0])
    return known
