"""Shapes of nodes and of the operator host: what belongs to flexible ones, and how much of it."""

from collections.abc import Iterator
from typing import Final

from components.config.rules.given import problem
from components.errors import Problem
from components.settings.node_pools import NodePoolSettings
from components.settings.stack import AccessSettings

# https://docs.oracle.com/iaas/Content/Compute/References/computeshapes.htm#flexible
_LEAST_GB_PER_OCPU: Final = 1
_MOST_GB_PER_OCPU: Final = 64


def shape_problems(location: str, machine: NodePoolSettings | AccessSettings) -> Iterator[Problem]:
    """Yield what is wrong with the OCPUs and the memory of a machine, given at `location`."""
    least, most = _LEAST_GB_PER_OCPU * machine.ocpus, _MOST_GB_PER_OCPU * machine.ocpus
    if machine.is_flexible and not least <= machine.memory_gb <= most:
        yield problem(
            f"{location}.memoryGb",
            f"is not {_LEAST_GB_PER_OCPU} to {_MOST_GB_PER_OCPU} GB for each of "
            f"{machine.ocpus:g} OCPUs",
            got=machine.memory_gb,
            remedy=f"choose {least:g} to {most:g}",
        )
    for name, field in (("ocpus", "ocpus"), ("memoryGb", "memory_gb")):
        if not machine.is_flexible and field in machine.model_fields_set:
            yield problem(
                f"{location}.{name}",
                f"has no effect on the fixed shape {machine.shape}",
                got=getattr(machine, field),
                remedy="remove it, or choose a shape that ends in .Flex",
            )
