"""The authorities: a root that every cluster of the mesh shares, and an intermediate for each."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_tls as tls

from components.pki.bundle import CaBundle

# As Istio's own certificate tools make them,
# https://github.com/istio/istio/blob/master/tools/certs/common.mk
_KEY_BITS: Final = 4096
_CA_USES: Final = ["digital_signature", "content_commitment", "key_encipherment", "cert_signing"]

HOURS_PER_DAY: Final = 24

# The name under which Istio's proxies reach their certificate authority.
_DNS_NAME: Final = "istiod.istio-system.svc"

# One intermediate stands between the root and the workloads' certificates.
_PATH_LENGTH: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class RootCaArgs:
    """How the root is named, how long it lives, and whether a destroy may take it."""

    organization: str
    validity_days: int
    protect: bool


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
        key = tls.PrivateKey(f"{name}-key", algorithm="RSA", rsa_bits=_KEY_BITS, opts=child)
        self.key_pem = pulumi.Output.secret(key.private_key_pem)
        certificate = tls.SelfSignedCert(
            f"{name}-cert",
            private_key_pem=self.key_pem,
            subject={"organization": args.organization, "common_name": "Root CA"},
            allowed_uses=_CA_USES,
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
        key = tls.PrivateKey(f"{name}-key", algorithm="RSA", rsa_bits=_KEY_BITS, opts=child)
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
            allowed_uses=_CA_USES,
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
