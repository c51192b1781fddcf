"""The resource `PrivateKey`."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa

from lab.plugins.base.provider import Call, Checked, Resource, State
from lab.plugins.tls import keys
from sdks.checking import Failure
from sdks.values import Path, Properties, Unknown

DEFAULT_BITS = 2048
# Below this, the cryptography package refuses to make a key.
MINIMUM_BITS = 1024


class PrivateKey(Resource):
    """An RSA key pair; any changed input makes a new one."""

    def check(self, call: Call, news: Properties, olds: Properties) -> Checked:
        checked = super().check(call, news, olds)
        return checked if checked.failures else Checked(news, self._faults(news))

    def _faults(self, news: Properties) -> list[Failure]:
        faults: list[Failure] = []
        algorithm, bits = news.get("algorithm"), news.get("rsaBits")
        if not isinstance(algorithm, Unknown) and algorithm != "RSA":
            told = f"the lab's plugin makes RSA keys only, got {algorithm!r}"
            faults.append(Failure("algorithm", told))
        if isinstance(bits, int | float) and bits < MINIMUM_BITS:
            faults.append(Failure("rsaBits", f"must be at least {MINIMUM_BITS}, got {bits:g}"))
        return faults

    def forces_replace(self, path: Path) -> bool:
        return True

    def preview_create(self, call: Call, inputs: Properties) -> Properties:
        return {**super().preview_create(call, inputs), "rsaBits": _bits(inputs)}

    def create(self, call: Call, inputs: Properties) -> State:
        key = rsa.generate_private_key(public_exponent=65537, key_size=int(_bits(inputs)))
        outputs = {
            **inputs,
            "rsaBits": _bits(inputs),
            "privateKeyPem": keys.private_pem(key),
            "publicKeyPem": keys.public_pem(key.public_key()),
        }
        return State(keys.key_id(key.public_key()), inputs, outputs)


def _bits(inputs: Properties) -> float:
    return float(inputs.get("rsaBits", DEFAULT_BITS))
