"""The four files that istiod reads its signing certificate from."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True, slots=True)
class CaBundle:
    """The signing material of one primary, PEM texts, for the Secret `cacerts`.

    The names are those of https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/
    """

    ca_cert: pulumi.Output[str]
    ca_key: pulumi.Output[str]
    """Secret."""
    root_cert: pulumi.Output[str]
    cert_chain: pulumi.Output[str]
    """The intermediate first, then the root."""

    @classmethod
    def signed(
        cls, *, cert: pulumi.Output[str], key: pulumi.Output[str], root: pulumi.Output[str]
    ) -> "CaBundle":
        """Return the bundle of an intermediate `cert` that `root` has signed."""
        return cls(
            ca_cert=cert,
            ca_key=pulumi.Output.secret(key),
            root_cert=root,
            cert_chain=pulumi.Output.all(cert, root).apply(_chain),
        )

    def files(self) -> dict[str, pulumi.Output[str]]:
        """Return the content of `cacerts` by file name."""
        return {
            "ca-cert.pem": self.ca_cert,
            "ca-key.pem": self.ca_key,
            "root-cert.pem": self.root_cert,
            "cert-chain.pem": self.cert_chain,
        }


def _chain(certificates: list[str]) -> str:
    return "".join(f"{certificate.strip()}\n" for certificate in certificates)
