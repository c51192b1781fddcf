"""cert-manager in one cluster, and the issuer that signs for its hosts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ChartRelease, chart_source, install
from components.mesh.namespaces import Level, pod_security
from components.mesh.values import Values, merge
from components.pki.bundle import CaBundle
from components.settings.hosts import AcmeSettings, CertManagerSettings, HttpsSettings, Issuer
from components.settings.mesh import PodSecurity

NAMESPACE: Final = "cert-manager"
ISSUER: Final = "oke-mesh"
API_VERSION: Final = "cert-manager.io/v1"

_CHART: Final = "cert-manager"
_AUTHORITY: Final = "oke-mesh-authority"
_TIMEOUT_SECONDS: Final = 600

Spec = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class CertManagerArgs:
    """The release, and who signs."""

    https: HttpsSettings
    pod_security: PodSecurity
    authority: CaBundle
    """Of the cluster's istiod; what is signed with where the issuer is `ca`."""
    requires: Sequence[pulumi.Resource]


class CertManager(pulumi.ComponentResource):
    """A ClusterIssuer that signs when asked, and the release that serves it."""

    issuer: pulumi.Resource

    def __init__(
        self, name: str, args: CertManagerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:ingress:CertManager", name, None, opts)
        release = self._release(name, args) if args.https.cert_manager.install else []
        authority = self._authority(name, args, release)
        self.issuer = k8s.apiextensions.CustomResource(
            f"{name}-issuer",
            api_version=API_VERSION,
            kind="ClusterIssuer",
            metadata={"name": ISSUER},
            spec=issuer_spec(args.https),
            # The webhook of the release checks every issuer as it comes.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*release, *authority]),
        )
        self.register_outputs({})

    def _release(self, name: str, args: CertManagerArgs) -> list[pulumi.Resource]:
        settings = args.https.cert_manager
        namespace = k8s.core.v1.Namespace(
            f"{name}-namespace",
            # The chart's pods are made for it: https://cert-manager.io/docs/installation/best-practice/
            metadata={
                "name": NAMESPACE,
                "labels": pod_security(args.pod_security, Level.RESTRICTED),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.requires]),
        )
        # The tags of its registry, too, are written with a `v`.
        what = ChartRelease(
            source=chart_source(settings.charts, f"v{settings.version}", _CHART),
            release=_CHART,
            namespace=namespace.metadata.name,
            values=release_values(settings),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        # Its last hook asks the API server for a Certificate, so the webhook answers then.
        return [install(f"{name}-release", what, opts=pulumi.ResourceOptions(parent=self))]

    def _authority(
        self, name: str, args: CertManagerArgs, release: Sequence[pulumi.Resource]
    ) -> list[pulumi.Resource]:
        if args.https.issuer is not Issuer.CA:
            return []
        files = {"tls.crt": args.authority.cert_chain, "tls.key": args.authority.ca_key}
        return [
            k8s.core.v1.Secret(
                f"{name}-authority",
                metadata={"name": _AUTHORITY, "namespace": NAMESPACE},
                type="kubernetes.io/tls",
                string_data=pulumi.Output.secret(files),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[*release]),
            )
        ]


def release_values(settings: CertManagerSettings) -> Values:
    """Return the values of the chart `cert-manager`."""
    # The definitions stay when the release goes: with them all certificates would go.
    own: Values = {"crds": {"enabled": True, "keep": True}}
    return merge(own, settings.values)


def issuer_spec(https: HttpsSettings) -> Spec:
    """Return the ClusterIssuer that the settings ask for."""
    match https.issuer:
        case Issuer.ACME:
            return {"acme": _acme(https.acme)}
        case Issuer.CA:
            return {"ca": {"secretName": _AUTHORITY}}
        case Issuer.SELF_SIGNED:
            return {"selfSigned": {}}
        case Issuer.STACK:
            raise ValueError("certificates of the stack's own are signed without cert-manager")


def _acme(acme: AcmeSettings) -> Spec:
    return {
        "server": acme.server,
        **({"email": acme.email} if acme.email else {}),
        "privateKeySecretRef": {"name": f"{ISSUER}-acme-account"},
        # Istio takes an Ingress of this class to its ingress gateway.
        "solvers": [{"http01": {"ingress": {"class": "istio"}}}],
    }
