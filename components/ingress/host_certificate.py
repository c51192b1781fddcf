"""The certificate of a host, signed by this program with the mesh's own authority."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s
import pulumi_tls as tls

from components.mesh.charts import ISTIO_NAMESPACE
from components.pki.authorities import HOURS_PER_DAY
from components.pki.bundle import CaBundle

_KEY_BITS: Final = 2048
_USES: Final = ["digital_signature", "key_encipherment", "server_auth"]


@dataclass(frozen=True, kw_only=True, slots=True)
class HostCertificateArgs:
    """Whom it is for, who signs, how long it lives, and the Secret for the gateway."""

    names: pulumi.Output[list[str]]
    organization: str
    authority: CaBundle
    """The intermediate of the cluster, or of the primary that serves it."""
    validity_days: int
    early_renewal_days: int
    """An `up` in the last days before expiry makes a new certificate, with the same key."""
    secret: str


class HostCertificate(pulumi.ComponentResource):
    """A Secret with a certificate for the names of a host, below the root of the mesh.

    It bears no identity of the mesh: no workload takes its holder for another one.
    """

    cert_pem: pulumi.Output[str]

    def __init__(
        self, name: str, args: HostCertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:ingress:HostCertificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = tls.PrivateKey(f"{name}-key", algorithm="RSA", rsa_bits=_KEY_BITS, opts=child)
        key_pem: pulumi.Output[str] = pulumi.Output.secret(key.private_key_pem)
        request = tls.CertRequest(
            f"{name}-request",
            private_key_pem=key_pem,
            subject={"organization": args.organization},
            dns_names=args.names,
            opts=child,
        )
        certificate = tls.LocallySignedCert(
            f"{name}-cert",
            cert_request_pem=request.cert_request_pem,
            ca_cert_pem=args.authority.ca_cert,
            ca_private_key_pem=args.authority.ca_key,
            allowed_uses=_USES,
            is_ca_certificate=False,
            set_subject_key_id=True,
            validity_period_hours=args.validity_days * HOURS_PER_DAY,
            early_renewal_hours=args.early_renewal_days * HOURS_PER_DAY,
            opts=child,
        )
        self.cert_pem = certificate.cert_pem
        chain = pulumi.Output.concat(certificate.cert_pem, args.authority.ca_cert)
        k8s.core.v1.Secret(
            f"{name}-secret",
            metadata={"name": args.secret, "namespace": ISTIO_NAMESPACE},
            type="kubernetes.io/tls",
            string_data=pulumi.Output.secret({"tls.crt": chain, "tls.key": key_pem}),
            opts=child,
        )
        self.register_outputs({"cert_pem": self.cert_pem})
