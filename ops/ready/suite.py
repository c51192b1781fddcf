"""`ops ready` as a whole: every cluster is asked at once, and the stack's own state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ops.ready.facts import facts
from ops.ready.items import REMEDIES, TITLES, Item
from ops.ready.judge import judge
from ops.ready.whole import State, judge_whole
from ops.verify.checks import Check, failed, none_failed
from ops.verify.document import Cluster, mesh_from_outputs
from ops.verify.kubectl import KubectlError, opened
from ops.verify.report import check_document
from ops.verify.session import for_each
from ops.verify.table import INDENT, by_fact, headline

_ORDER: Final = [*Item]


@dataclass(frozen=True, kw_only=True, slots=True)
class Readiness:
    """What was found, item by item."""

    mesh: str
    checks: tuple[Check, ...]

    @property
    def is_ready(self) -> bool:
        """Return whether nothing speaks against production."""
        return none_failed(self.checks)

    def document(self) -> dict[str, Any]:
        """Return it as a JSON document; nothing in it is secret."""
        checks = [check_document(check, TITLES) for check in self.checks]
        return {"ready": self.is_ready, "mesh": self.mesh, "checks": checks}

    def text(self) -> str:
        """Return it for people: each item, what was seen, and the verdict."""
        lines, against = [], 0
        for item, found in by_fact(self.checks).items():
            lines.append(headline(TITLES[item], found))
            lines += (f"{INDENT}{check.subject}: {check.seen}" for check in found)
            if not none_failed(found):
                against += 1
                lines.append(f"{INDENT}-> {REMEDIES[item]}")
        verdict = f"NOT ready, {against} of {len(TITLES)} items speak against it"
        return "\n".join([*lines, "", f"{self.mesh}: {'ready' if self.is_ready else verdict}"])


def readiness(outputs: Mapping[str, Any], state: State | None) -> Readiness:
    """Return whether a mesh can go into production; nothing is changed and nothing waited for.

    Args:
        outputs: Of the stack, with its secrets.
        state: Of the stack; None if the outputs are all that is known.

    Raises:
        OpsError: the outputs describe no mesh, or there is no kubectl.
    """
    mesh = mesh_from_outputs(outputs)
    with opened(mesh.kubeconfig) as kubectl:

        def look(cluster: Cluster) -> list[Check]:
            try:
                found = facts(kubectl, cluster, outputs["clusters"][cluster.key])
            except KubectlError as error:
                remedy = REMEDIES[Item.NODES]
                return [failed(Item.NODES, cluster.key, seen=str(error), remedy=remedy)]
            return [*judge(found, root=mesh.root_ca_pem, istio=mesh.istio_version)]

        seen = [check for checks in for_each(mesh.clusters.values(), look) for check in checks]
    checks = sorted(
        [*judge_whole(outputs, state), *seen], key=lambda check: _ORDER.index(Item(check.kind))
    )
    return Readiness(mesh=mesh.id, checks=tuple(checks))
