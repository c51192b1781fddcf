"""The resources that sign: `SelfSignedCert`, `CertRequest`, `LocallySignedCert`.

Every input replaces, but `earlyRenewalHours`: it only moves the day from which a diff says that
the certificate is to be issued anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lab.plugins.base.diffing import Diff, Kind, PropertyChange
from lab.plugins.base.provider import Call, Checked, Resource, State
from lab.plugins.base.values import has_unknown
from lab.plugins.tls import issue, keys, subjects
from sdks.checking import Failure
from sdks.values import Path, Properties

DEFAULTS: Properties = {
    "earlyRenewalHours": 0,
    "isCaCertificate": False,
    "maxPathLength": -1,
    "setSubjectKeyId": False,
}
_SERVED = {*DEFAULTS, "allowedUses", "validityPeriodHours"}


class Signing(Resource):
    """A resource that is signed with a private key."""

    key_property = "privateKeyPem"
    served: frozenset[str]
    """The inputs that the program gives; any other is refused, not left out without a word."""

    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        checked = super().check(call, news, olds)
        return checked if checked.failures else Checked(news, self.faults(news))

    def faults(self, news: Properties) -> list[Failure]:
        found = [
            Failure(name, "the lab's plugin does not serve it")
            for name in sorted(news.keys() - self.served)
        ]
        if news.get(self.key_property) is None:
            found.append(Failure(self.key_property, "required argument is missing"))
        return found + subjects.subject_faults(news.get("subject"))

    def forces_replace(self, path: Path) -> bool:
        return path[0] != "earlyRenewalHours"

    def signing_key(self, inputs: Properties) -> keys.PrivateKey:
        return keys.load_private(str(inputs[self.key_property]), what=self.key_property)


class CertRequest(Signing):
    """A certificate signing request."""

    served = frozenset({"privateKeyPem", "subject", "dnsNames"})

    def create(self, call: Call, inputs: Properties) -> State:
        key = self.signing_key(inputs)
        asked = issue.request(inputs, key)
        outputs = {
            **inputs,
            "certRequestPem": asked.public_bytes(Encoding.PEM).decode(),
            "keyAlgorithm": keys.algorithm_of(key),
        }
        return State(keys.key_id(key.public_key()), inputs, outputs)


class Certificate(Signing):
    """A certificate that is due for renewal before it ends."""

    defaults = DEFAULTS

    def faults(self, news: Properties) -> list[Failure]:
        found = super().faults(news) + subjects.usage_faults(_list(news.get("allowedUses")))
        for name in ("validityPeriodHours", "earlyRenewalHours"):
            hours = news.get(name)
            if isinstance(hours, int | float) and hours < 0:
                found.append(Failure(name, f"must not be negative, got {hours:g}"))
        return found

    def diff(self, call: Call, old: State, news: Properties) -> Diff:
        diff = super().diff(call, old, news)
        if diff.replaces or not is_due(old.outputs, news):
            return diff
        due = PropertyChange(("readyForRenewal",), Kind.UPDATE, replace=True, is_input=False)
        return Diff([*diff.changes, due])

    def preview_create(self, call: Call, inputs: Properties) -> Properties:
        known = {**self.defaults, **inputs}
        return {**super().preview_create(call, known), "readyForRenewal": False}

    def read(self, call: Call, state: State) -> State | None:
        due = is_due(state.outputs, state.inputs)
        return State(state.id, state.inputs, {**state.outputs, "readyForRenewal": due})

    def update(self, call: Call, old: State, news: Properties) -> Properties:
        kept = self.preview_update(call, old, news)
        return {**kept, "readyForRenewal": is_due(kept, news)}

    def preview_update(self, call: Call, old: State, news: Properties) -> Properties:
        return {**self.defaults, **super().preview_update(call, old, news)}

    def state(self, inputs: Properties, issued: x509.Certificate, algorithm: str) -> State:
        outputs = {
            **self.defaults,
            **inputs,
            **issue.outputs_of(issued),
            "keyAlgorithm": algorithm,
        }
        outputs["readyForRenewal"] = is_due(outputs, inputs)
        return State(str(issued.serial_number), inputs, outputs)


class SelfSignedCert(Certificate):
    """A certificate that its own key signs, such as a root."""

    defaults = DEFAULTS | {"setAuthorityKeyId": False}
    served = frozenset({*_SERVED, "privateKeyPem", "subject", "setAuthorityKeyId"})

    def create(self, call: Call, inputs: Properties) -> State:
        key = self.signing_key(inputs)
        public = key.public_key()
        name = subjects.name_of(inputs.get("subject"))
        own = None
        if inputs.get("setAuthorityKeyId"):
            own = x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
        holder = issue.Holder(name=name, public_key=public)
        issuer = issue.Issuer(name=name, key=key, authority_key_id=own)
        return self.state(inputs, issue.certificate(holder, issuer, inputs), keys.algorithm_of(key))


class LocallySignedCert(Certificate):
    """A certificate for a request, signed by an authority at hand."""

    key_property = "caPrivateKeyPem"
    served = frozenset({*_SERVED, "certRequestPem", "caCertPem", "caPrivateKeyPem"})

    def create(self, call: Call, inputs: Properties) -> State:
        key = self.signing_key(inputs)
        holder = issue.holder_of_request(inputs["certRequestPem"])
        issuer = issue.issuer_of_authority(inputs["caCertPem"], key)
        issued = issue.certificate(holder, issuer, inputs)
        state = self.state(inputs, issued, keys.algorithm_of(holder.public_key))
        state.outputs["caKeyAlgorithm"] = keys.algorithm_of(key)
        return state


def is_due(outputs: Properties, inputs: Properties) -> bool:
    """Whether the certificate has come into its renewal window."""
    end = outputs.get("validityEndTime")
    early = inputs.get("earlyRenewalHours") or 0
    if not isinstance(end, str) or has_unknown(early):
        return False
    return datetime.now(UTC) >= datetime.fromisoformat(end) - timedelta(hours=early)


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
