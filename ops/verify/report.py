"""Everything that the verification found, as a value and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.verify.answers import Answers
from ops.verify.checks import TITLES, Check, Fact, none_failed
from ops.verify.traffic import Pair


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """What came through one ingress gateway."""

    address: str
    answers: Answers
    counts: Mapping[str, int]
    """Answers by the cluster that gave them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The outcome of a verification."""

    mesh: str
    requests: int
    versions: Mapping[str, tuple[str, ...]]
    """Of helloworld, by cluster key."""
    clients: Mapping[str, Answers]
    pairs: tuple[Pair, ...]
    ingress: Mapping[str, Gateway]
    checks: tuple[Check, ...]

    @property
    def is_green(self) -> bool:
        """Return whether nothing failed."""
        return none_failed(self.checks)

    def document(self) -> dict[str, Any]:
        """Return the report as a JSON document; nothing in it is secret."""
        return {
            "passed": self.is_green,
            "mesh": self.mesh,
            "requests": self.requests,
            "clients": {key: _answers(answers) for key, answers in self.clients.items()},
            "pairs": [_pair(pair) for pair in self.pairs],
            "ingress": {
                key: {"address": g.address, **_answers(g.answers), "servers": dict(g.counts)}
                for key, g in self.ingress.items()
            },
            "checks": [check_document(check, TITLES) for check in self.checks],
        }


def _answers(answers: Answers) -> dict[str, Any]:
    return {
        "asked": answers.asked,
        "answered": answers.answered,
        "versions": dict(sorted(answers.by_version.items())),
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "client": pair.client,
        "server": pair.server,
        "versions": list(pair.versions),
        "count": pair.count,
        "path": pair.path or None,
        "endpoints": list(pair.endpoints),
        "mtls": pair.is_mtls,
        "peers": list(pair.peers),
    }


def check_document(check: Check, titles: Mapping[Fact, str]) -> dict[str, Any]:
    """Return a check as a JSON document, with the title of what it is about."""
    return {
        "kind": check.kind.value,
        "title": titles[check.kind],
        "subject": check.subject,
        "status": check.status.value,
        "seen": check.seen,
        "remedy": check.remedy,
    }
