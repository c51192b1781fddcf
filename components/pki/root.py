"""The root of trust, which every cluster of the mesh shares."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_tls as tls

from components.pki.usage import CA_USES, HOURS_PER_DAY, KEY_BITS


@dataclass(frozen=True, kw_only=True, slots=True)
class RootCaArgs:
    """How the root is named, how long it lives, and whether a destroy may take it."""

    organization: str
    validity_days: int
    protect: bool


# One intermediate stands between the root and the workloads' certificates.
_PATH_LENGTH: Final = 1


class RootCa(pulumi.ComponentResource):
    """A self-signed root; it is never renewed by itself, because a new root is an outage."""

    cert_pem: pulumi.Output[str]
    key_pem: pulumi.Output[str]
    """Secret; it signs the intermediates and goes nowhere else."""

    def __init__(
        self, name: str, args: RootCaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:pki:RootCa", name, None, opts)
        # A lost root cannot be made again; the setting `protection` says when it may go.
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        key = tls.PrivateKey(f"{name}-key", algorithm="RSA", rsa_bits=KEY_BITS, opts=child)
        self.key_pem = pulumi.Output.secret(key.private_key_pem)
        certificate = tls.SelfSignedCert(
            f"{name}-cert",
            private_key_pem=self.key_pem,
            subject={"organization": args.organization, "common_name": "Root CA"},
            allowed_uses=CA_USES,
            is_ca_certificate=True,
            max_path_length=_PATH_LENGTH,
            set_subject_key_id=True,
            set_authority_key_id=True,
            validity_period_hours=args.validity_days * HOURS_PER_DAY,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                # Either would make another root, which no running proxy trusts. They say how the
                # root is made, and a made one keeps what it has.
                ignore_changes=["validityPeriodHours", "subject"],
            ),
        )
        self.cert_pem = certificate.cert_pem
        self.register_outputs({"cert_pem": self.cert_pem})
