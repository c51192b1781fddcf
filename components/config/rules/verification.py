"""The proof at the end of an update: how many requests it takes."""

from collections.abc import Iterator
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.errors import Problem

# As many as a good mesh needs not to be red by chance; ops/verify/answers.py has the sum.
LEAST_FOR_EACH_CLUSTER: Final = 18


def _requests(given: Given) -> Iterator[Problem]:
    verification, mesh = given.settings.verification, given.settings.mesh
    least = LEAST_FOR_EACH_CLUSTER * len(given.clusters)
    is_done = verification.enabled and mesh.enabled and mesh.samples
    # Not set means as many as it takes.
    is_chosen = "requests" in verification.model_fields_set
    if is_done and is_chosen and verification.requests < least:
        yield problem(
            "verification.requests",
            f"is less than {LEAST_FOR_EACH_CLUSTER} for each cluster, so that one could be missed",
            got=verification.requests,
            remedy=f"write at least {least}, or leave it out",
        )


RULES: Final[tuple[Rule, ...]] = (_requests,)
