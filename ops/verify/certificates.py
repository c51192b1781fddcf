"""Judges what proxies hold: the root, an identity of the mesh, and no end near; pure."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from ops.verify.checks import Check, Kind, judged
from ops.verify.document import Cluster

# An intermediate is renewed by an `up` long before that, so this is one that nobody looked after.
MARGIN: Final = timedelta(days=30)
# An agent renews its own certificate at half of its life, unless it is told another moment.
_LEAST_OF_OWN: Final = 0.1
_SHOWN: Final = 16


def parse(pem: str) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM text; none if it is not one."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem.encode()))
    except ValueError:
        return ()


def fingerprints(pem: str) -> frozenset[str]:
    """Return the SHA-256 of each certificate in a PEM text."""
    return frozenset(certificate.fingerprint(SHA256()).hex() for certificate in parse(pem))


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a proxy holds: the chain that it shows, its own certificate first, and its roots."""

    chain_pem: str
    roots_pem: str

    @property
    def own(self) -> x509.Certificate | None:
        """Return the certificate of the proxy itself."""
        return next(iter(parse(self.chain_pem)), None)


def held(dump: Mapping[str, Any]) -> Held:
    """Return what a proxy holds.

    Args:
        dump: Answer of Envoy's `/config_dump?resource=dynamic_active_secrets`, in which keys are
            hidden. `/certs` has serial numbers only, which two roots may have in common.
    """
    secrets = {entry["name"]: entry.get("secret", {}) for entry in dump.get("configs", ())}
    own = secrets.get("default", {}).get("tls_certificate", {})
    roots = secrets.get("ROOTCA", {}).get("validation_context", {})
    return Held(
        chain_pem=_text(own.get("certificate_chain", {})),
        roots_pem=_text(roots.get("trusted_ca", {})),
    )


def _text(source: Mapping[str, str]) -> str:
    return base64.b64decode(source.get("inline_bytes", "")).decode(errors="replace")


def judge_root(cluster: Cluster, proxies: Mapping[str, Held], *, expected: str) -> Check:
    """Return whether the proxies of a cluster trust the root of the outputs.

    Args:
        cluster: The cluster.
        proxies: What each holds; more than one root while it is rotated.
        expected: The root of the outputs.
    """
    wanted = fingerprints(expected)
    faults = [] if wanted else ["the outputs have no certificate"]
    for name, proxy in sorted(proxies.items()):
        found = fingerprints(proxy.roots_pem)
        if not wanted <= found:
            have = _short(found) or "no certificate"
            faults.append(f"{name} trusts {have}, the outputs have {_short(wanted)}")
    return judged(
        Kind.ROOT,
        cluster.key,
        faults,
        remedy=(
            f"compare the Secret cacerts of {cluster.name}, or of its primary, with the outputs; "
            "an istiod that started before it was there made a root of its own and needs a restart"
        ),
    )


def judge_identity(cluster: Cluster, proxies: Mapping[str, Held], *, trust_domain: str) -> Check:
    """Return whether the proxies of a cluster have an identity in the trust domain."""
    faults = []
    for name, proxy in sorted(proxies.items()):
        own = proxy.own
        names = _uris(own) if own else []
        if not any(in_domain(name, trust_domain) for name in names):
            faults.append(f"{name} is {', '.join(names) or 'nobody'}, not of {trust_domain}")
    return judged(
        Kind.IDENTITIES,
        cluster.key,
        faults,
        remedy=(
            "compare mesh.trustDomain with the ConfigMap istio, or istio-<revision>, of the "
            f"primary of {cluster.name}; a pod keeps its identity until it is a new one"
        ),
    )


def in_domain(identity: str, trust_domain: str) -> bool:
    """Return whether a SPIFFE identity belongs to the trust domain."""
    return identity.startswith(f"spiffe://{trust_domain}/")


def _uris(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return names.value.get_values_for_type(x509.UniformResourceIdentifier)


def judge_expiry(
    cluster: Cluster, proxies: Mapping[str, Held], *, root: str, now: datetime
) -> Check:
    """Return whether no certificate ends soon.

    Args:
        cluster: The cluster.
        proxies: What each of its proxies holds.
        root: That of the outputs.
        now: With a time zone.
    """
    faults = _ends({"the root": parse(root)}, now)
    above: dict[str, tuple[x509.Certificate, ...]] = {}
    for name, proxy in sorted(proxies.items()):
        own, *others = parse(proxy.chain_pem) or (None,)
        if own is None:
            faults.append(f"{name} has no certificate")
        elif own.not_valid_after_utc - now < _LEAST_OF_OWN * (
            own.not_valid_after_utc - own.not_valid_before_utc
        ):
            faults.append(f"{name} did not renew its own, {_end(own, now)}")
        above[f"the intermediate of {name}"] = tuple(others[:1])
    return judged(
        Kind.EXPIRY,
        cluster.key,
        [*faults, *_ends(above, now)],
        remedy="`pulumi up` renews an intermediate; a root is rotated as docs/runbook.md describes",
    )


def _ends(named: Mapping[str, Sequence[x509.Certificate]], now: datetime) -> list[str]:
    return [
        f"{name} {_end(certificate, now)}"
        for name, found in named.items()
        for certificate in found
        if certificate.not_valid_after_utc - now < MARGIN
    ]


def _end(certificate: x509.Certificate, now: datetime) -> str:
    end = certificate.not_valid_after_utc
    return f"{'ended' if end <= now else 'ends'} on {end:%Y-%m-%d}"


def _short(found: frozenset[str]) -> str:
    return ", ".join(sorted(fingerprint[:_SHOWN] for fingerprint in found))
