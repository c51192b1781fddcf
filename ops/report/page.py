"""The page as a whole; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ops.ready.items import TITLES as ITEMS
from ops.ready.items import Item
from ops.ready.suite import Readiness
from ops.report.markdown import NOTHING, code, plain, table
from ops.report.topology import topology
from ops.verify.certificates import parse
from ops.verify.checks import TITLES as KINDS
from ops.verify.checks import Check, Fact, Status
from ops.verify.report import Report
from ops.verify.table import by_fact

_MARKS: Final = {Status.OK: "[x]", Status.FAILED: "[ ]", Status.SKIPPED: "[ ]"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a page is made of."""

    stack: str
    at: datetime
    outputs: Mapping[str, Any]
    """In which Pulumi has hidden what is secret."""
    verification: Report | str
    """Or why there is none."""
    readiness: Readiness | str
    """Or why nothing is known of it."""

    @property
    def checks(self) -> Sequence[Check]:
        """Return every check that was made."""
        asked = (self.verification, self.readiness)
        return [check for one in asked if not isinstance(one, str) for check in one.checks]


def page(found: Found) -> str:
    """Return the page, in Markdown."""
    parts = [
        f"# {plain(found.outputs['mesh']['id'])}, stack {plain(found.stack)}",
        _head(found),
        "## Endpoints",
        _endpoints(found.outputs),
        "## Topology",
        f"```mermaid\n{topology(found.outputs)}\n```",
        (
            "A dotted arrow leads from an istiod to a cluster whose API it reads, with a remote "
            "secret; `serves` says that it also configures the proxies there."
        ),
        "## Versions",
        _versions(found),
        "## Certificates",
        _certificates(found),
        "## Checklist",
        "### Traffic, `ops verify`",
        _checklist(found.verification, KINDS),
        "### Production, `ops ready`",
        _checklist(found.readiness, ITEMS),
        "## Open",
        _open(found),
    ]
    return "\n\n".join(parts) + "\n"


def _head(found: Found) -> str:
    made = f"Made {found.at:%Y-%m-%d %H:%M} UTC by `python -m ops report --stack {found.stack}`."
    return f"{made} {_verified(found.verification)} {_ready(found.readiness)}"


def _verified(report: Report | str) -> str:
    if isinstance(report, str):
        return "**Not verified: it could not be asked.**"
    if not report.is_green:
        failed = sum(check.status is Status.FAILED for check in report.checks)
        return f"**Not verified, {failed} of {len(report.checks)} checks failed.**"
    return f"**Verified{'' if report.pairs else ', but for traffic'}.**"


def _ready(readiness: Readiness | str) -> str:
    if isinstance(readiness, str):
        return "**Readiness is not known.**"
    against = {check.kind for check in readiness.checks if check.status is Status.FAILED}
    if against:
        return (
            f"**Not ready for production, {len(against)} of {len(ITEMS)} items speak against it.**"
        )
    return "**Ready for production.**"


def _endpoints(outputs: Mapping[str, Any]) -> str:
    head = ["cluster", "region", "role", "ingress", "east-west", "API, private", "API, public"]
    rows = [
        [
            code(key),
            plain(one["region"]),
            plain(one["role"] if not one.get("primary") else f"remote of {one['primary']}"),
            *(code(one.get(name)) for name in ("ingressAddress", "eastWestAddress")),
            *(code(one.get(name)) for name in ("privateEndpoint", "publicEndpoint")),
        ]
        for key, one in outputs["clusters"].items()
    ]
    others = [*_others(outputs)]
    return "\n\n".join(
        [table(head, rows), *([table(["what", "where", "address"], others)] if others else [])]
    )


def _others(outputs: Mapping[str, Any]) -> Iterator[list[str]]:
    for host, places in sorted((outputs.get("hosts") or {}).items()):
        for key, urls in places.items():
            yield [f"host {plain(host)}", plain(key), ", ".join(code(url) for url in urls)]
    access = outputs.get("access") or {}
    if access.get("host"):
        yield ["operator host", NOTHING, code(access["host"])]
    observability = outputs.get("observability") or {}
    for name, title in (("grafanaUrl", "Grafana"), ("kialiUrl", "Kiali")):
        if observability.get(name):
            yield [title, plain(observability.get("home", "")), code(observability[name])]


def _versions(found: Found) -> str:
    mesh, clusters = found.outputs["mesh"], found.outputs["clusters"]
    rows = [["Istio", plain(mesh["istioVersion"]), NOTHING]]
    rows += [
        [
            f"Kubernetes, {plain(key)}",
            plain(one.get("kubernetesVersion", NOTHING)),
            _seen(found, Item.VERSIONS, key),
        ]
        for key, one in clusters.items()
    ]
    about = f"Mutual TLS is {plain(mesh['mtls'])}, the trust domain {code(mesh['trustDomain'])}."
    return f"{table(['what', 'of the stack', 'seen'], rows)}\n\n{about}"


def _certificates(found: Found) -> str:
    rows = [
        [
            f"root, {plain(certificate.subject.rfc4514_string())}",
            f"{certificate.not_valid_after_utc:%Y-%m-%d}",
            f"{(certificate.not_valid_after_utc - found.at).days} days left",
        ]
        for certificate in parse(found.outputs["mesh"]["rootCaPem"])
    ]
    for key, one in found.outputs["clusters"].items():
        rows.append([f"chain of {plain(key)}", NOTHING, _seen(found, Item.CERTIFICATES, key)])
        if since := one.get("readerTokenSince"):
            rows.append([f"reader token of {plain(key)}", "does not end", f"since {plain(since)}"])
    return table(["what", "ends", "seen"], rows)


def _seen(found: Found, item: Item, subject: str) -> str:
    for check in found.checks:
        if check.kind is item and check.subject == subject:
            mark = "" if check.status is Status.OK else f"{check.status.value}: "
            return plain(f"{mark}{check.seen}")
    return NOTHING


def _checklist(asked: Report | Readiness | str, titles: Mapping[Fact, str]) -> str:
    if isinstance(asked, str):
        return f"- [ ] could not be asked: {plain(asked)}"
    lines: list[str] = []
    for fact, checks in by_fact(asked.checks).items():
        good = sum(check.status is Status.OK for check in checks)
        worst = next(s for s in (Status.FAILED, Status.SKIPPED, Status.OK) if _any(checks, s))
        lines.append(f"- {_MARKS[worst]} {titles[fact]} ({good} of {len(checks)})")
        lines += [
            f"  - {check.status.value} {plain(check.subject)}: {plain(check.seen)}"
            for check in checks
            if check.status is not Status.OK
        ]
    return "\n".join(lines)


def _any(checks: Iterable[Check], status: Status) -> bool:
    return any(check.status is status for check in checks)


def _open(found: Found) -> str:
    rows = [
        [plain(_title(check.kind)), plain(check.subject), plain(check.seen), plain(check.remedy)]
        for check in found.checks
        if check.status is Status.FAILED
    ]
    remedy = "`python -m ops {}` says the same; mend that, and make the page again"
    for name, asked in (("verify", found.verification), ("ready", found.readiness)):
        if isinstance(asked, str):
            rows.append([f"ops {name}", "the whole mesh", plain(asked), remedy.format(name)])
    if not rows:
        return "Nothing that was looked at."
    return table(["what", "where", "seen", "what to do"], rows)


def _title(fact: Fact) -> str:
    # Both enumerations have some of the same words, and so do their keys.
    return ITEMS[fact] if isinstance(fact, Item) else KINDS[fact]
