"""The report as text for people; pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ops.verify.checks import TITLES, Check, Fact, Status
from ops.verify.report import Report
from ops.verify.traffic import Pair

# Wider than this, a matrix wraps on most screens, and a line per pair is easier to read.
_WIDTH: Final = 120
_GAP: Final = "   "
INDENT: Final = " " * 8
"""Of what stands below a headline."""


def render(report: Report) -> str:
    """Return the table of pairs, then the list of checks, then one line for the whole."""
    parts = [_pairs(report), _checks(report.checks), _verdict(report)]
    return "\n\n".join(part for part in parts if part)


def _pairs(report: Report) -> str:
    if not report.pairs:
        return ""
    matrix = aligned(_matrix(report))
    if max(len(line) for line in matrix) <= _WIDTH:
        return "\n".join(matrix)
    return "\n".join(aligned(_list(report)))


def _matrix(report: Report) -> list[list[str]]:
    servers = list(report.versions)
    head = [f"{report.requests} requests", *(_server(report, key) for key in servers)]
    rows = [head]
    for client in report.clients:
        own = {pair.server: pair for pair in report.pairs if pair.client == client}
        rows.append([f"from {client}", *(_cell(own.get(key)) for key in servers)])
    for key, gateway in report.ingress.items():
        counts = [str(gateway.counts.get(server, 0)) for server in servers]
        rows.append([f"through {gateway.address} ({key})", *counts])
    return rows


def _list(report: Report) -> list[list[str]]:
    rows = [[f"{report.requests} requests", "to", "answers"]]
    for pair in report.pairs:
        rows.append([f"from {pair.client}", _server(report, pair.server), _cell(pair)])
    for key, gateway in report.ingress.items():
        for server, count in gateway.counts.items():
            where = f"through {gateway.address} ({key})"
            rows.append([where, _server(report, server), str(count)])
    return rows


def _server(report: Report, key: str) -> str:
    return f"{'/'.join(report.versions[key]) or 'nothing'} in {key}"


def _cell(pair: Pair | None) -> str:
    if pair is None:
        return "not asked"
    if not pair.path:
        return str(pair.count)
    way = pair.path if pair.path == "local" else f"{pair.path} {', '.join(pair.endpoints)}"
    return f"{pair.count} {way}, {'mTLS' if pair.is_mtls else 'PLAINTEXT'}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line for each row, whose cells stand below those of the first."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _checks(checks: Iterable[Check]) -> str:
    lines = []
    for kind, found in by_fact(checks).items():
        lines.append(headline(TITLES[kind], found))
        for check in found:
            if check.status is Status.FAILED:
                lines.append(f"{INDENT}{check.subject}: {check.seen}; {check.remedy}")
            elif check.status is Status.SKIPPED:
                lines.append(f"{INDENT}{check.subject}: {check.seen}")
    return "\n".join(lines)


def by_fact(checks: Iterable[Check]) -> Mapping[Fact, Sequence[Check]]:
    """Return the checks by what they are about, in the order of the first of each."""
    found: dict[Fact, list[Check]] = {}
    for check in checks:
        found.setdefault(check.kind, []).append(check)
    return found


def headline(title: str, checks: Sequence[Check]) -> str:
    """Return a line with the worst that came out of the checks of one fact."""
    count = {status: sum(1 for c in checks if c.status is status) for status in Status}
    worst = next(s for s in (Status.FAILED, Status.SKIPPED, Status.OK) if count[s])
    return f"{worst.value:8}{title} ({count[Status.OK]} of {len(checks)})"


def _verdict(report: Report) -> str:
    failed = sum(1 for check in report.checks if check.status is Status.FAILED)
    if not failed:
        return f"{report.mesh}: verified{'' if report.pairs else ', but for traffic'}"
    return f"{report.mesh}: NOT verified, {failed} of {len(report.checks)} checks failed"
