"""The resource `PrivateKey`."""

from __future__ import annotations

from lab.plugins.base.errors import Failure
from lab.plugins.base.provider import Call, Checked, Resource, State
from lab.plugins.base.values import Path, Properties, Unknown
from lab.plugins.tls import keys

ALGORITHMS = ("RSA", "ECDSA", "ED25519")
DEFAULT_CURVE = "P224"
DEFAULT_BITS = 2048
# Below this, the cryptography package refuses to make a key.
MINIMUM_BITS = 1024


class PrivateKey(Resource):
    """A key pair; any changed input makes a new one."""

    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        checked = super().check(call, news, olds)
        if checked.failures:
            return checked
        return Checked(news, [*self._faults(news)])

    def _faults(self, news: Properties) -> list[Failure]:
        faults: list[Failure] = []
        algorithm, curve, bits = (news.get(k) for k in ("algorithm", "ecdsaCurve", "rsaBits"))
        if not isinstance(algorithm, Unknown) and algorithm not in ALGORITHMS:
            faults.append(_not_one_of("algorithm", algorithm, ALGORITHMS))
        if curve is not None and not isinstance(curve, Unknown) and curve not in keys.CURVES:
            faults.append(_not_one_of("ecdsaCurve", curve, tuple(keys.CURVES)))
        if isinstance(bits, int | float) and bits < MINIMUM_BITS:
            faults.append(Failure("rsaBits", f"must be at least {MINIMUM_BITS}, got {bits:g}"))
        return faults

    def forces_replace(self, path: Path) -> bool:
        return True

    def preview_create(self, call: Call, inputs: Properties) -> Properties:
        return {**super().preview_create(call, inputs), **_defaults(inputs)}

    def create(self, call: Call, inputs: Properties) -> State:
        settings = _defaults(inputs)
        key = keys.generate(
            inputs["algorithm"], curve=settings["ecdsaCurve"], bits=int(settings["rsaBits"])
        )
        md5, sha256 = keys.fingerprints(key)
        outputs = {
            **inputs,
            **settings,
            "privateKeyPem": keys.private_pem(key),
            "privateKeyPemPkcs8": keys.private_pkcs8(key),
            "privateKeyOpenssh": keys.private_openssh(key),
            "publicKeyPem": keys.public_pem(key.public_key()),
            "publicKeyOpenssh": keys.public_openssh(key),
            "publicKeyFingerprintMd5": md5,
            "publicKeyFingerprintSha256": sha256,
        }
        return State(keys.key_id(key.public_key()), inputs, outputs)


def _defaults(inputs: Properties) -> Properties:
    return {
        "ecdsaCurve": inputs.get("ecdsaCurve", DEFAULT_CURVE),
        "rsaBits": inputs.get("rsaBits", DEFAULT_BITS),
    }


def _not_one_of(name: str, value: object, allowed: tuple[str, ...]) -> Failure:
    return Failure(name, f"must be one of {', '.join(allowed)}, got {value!r}")
