"""An intermediate authority: the certificate with which one primary's istiod signs."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_tls as tls

from components.pki.bundle import CaBundle
from components.pki.usage import CA_USES, HOURS_PER_DAY, KEY_BITS

# The name under which Istio's proxies reach their certificate authority.
_DNS_NAME: Final = "istiod.istio-system.svc"


@dataclass(frozen=True, kw_only=True, slots=True)
class IntermediateCaArgs:
    """The root that signs, the cluster it is for, and its life."""

    organization: str
    cluster_name: str
    root_cert_pem: pulumi.Input[str]
    root_key_pem: pulumi.Input[str]
    """Secret."""
    validity_days: int
    early_renewal_days: int
    """An `up` in the last days before expiry makes a new certificate, with the same key."""


class IntermediateCa(pulumi.ComponentResource):
    """An authority below the root that signs for workloads only (path length zero)."""

    bundle: CaBundle

    def __init__(
        self, name: str, args: IntermediateCaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:pki:IntermediateCa", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = tls.PrivateKey(f"{name}-key", algorithm="RSA", rsa_bits=KEY_BITS, opts=child)
        key_pem: pulumi.Output[str] = pulumi.Output.secret(key.private_key_pem)
        root_key_pem: pulumi.Output[str] = pulumi.Output.secret(args.root_key_pem)
        request = tls.CertRequest(
            f"{name}-request",
            private_key_pem=key_pem,
            subject={
                "organization": args.organization,
                "common_name": "Intermediate CA",
                "locality": args.cluster_name,
            },
            dns_names=[_DNS_NAME],
            opts=child,
        )
        certificate = tls.LocallySignedCert(
            f"{name}-cert",
            cert_request_pem=request.cert_request_pem,
            ca_cert_pem=args.root_cert_pem,
            ca_private_key_pem=root_key_pem,
            allowed_uses=CA_USES,
            is_ca_certificate=True,
            max_path_length=0,
            set_subject_key_id=True,
            validity_period_hours=args.validity_days * HOURS_PER_DAY,
            early_renewal_hours=args.early_renewal_days * HOURS_PER_DAY,
            opts=child,
        )
        root = pulumi.Output.from_input(args.root_cert_pem)
        self.bundle = CaBundle.signed(cert=certificate.cert_pem, key=key_pem, root=root)
        self.register_outputs({"cert_pem": certificate.cert_pem})
