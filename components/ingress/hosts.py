"""The hosts at the ingress gateway of one cluster: certificates, and where requests go.

Routes are read by an istiod, so a primary's cluster holds those of its remotes' gateways too;
certificates are read in the cluster of the gateway (ADR 0023).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_kubernetes as k8s

from components.cluster.cluster import ClusterApi
from components.context import Context
from components.ingress.cert_manager import API_VERSION, ISSUER, CertManager, CertManagerArgs
from components.ingress.host_certificate import HostCertificate, HostCertificateArgs
from components.ingress.names import host_names, hosts_at, names_served, object_name, served_by
from components.ingress.routes import host_gateway, host_routes
from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.mesh import Mesh
from components.mesh.objects import Spec, create_object
from components.pki.authorities import HOURS_PER_DAY
from components.pki.bundle import CaBundle
from components.plan.plan import Member
from components.settings.hosts import HostSettings, HttpsSettings, Issuer
from components.settings.mesh import MeshSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class HostsArgs:
    """The cluster, the gateways that its istiod configures, and who signs."""

    member: Member
    mesh: MeshSettings
    addresses: Mapping[str, pulumi.Output[str]]
    """Of the ingress gateways, by key: its own, and those of its remotes."""
    authority: CaBundle
    """Of the cluster's istiod."""
    requires: Sequence[pulumi.Resource]
    """The control plane, which checks Istio's objects as they come."""

    @classmethod
    def of(
        cls, context: Context, key: str, *, mesh: Mesh, bundles: Mapping[str, CaBundle]
    ) -> "HostsArgs":
        """Return the hosts of the cluster `key`."""
        member = context.plan.members[key]
        return cls(
            member=member,
            mesh=context.settings.mesh,
            addresses={at: mesh.ingress_addresses[at] for at in (key, *member.remotes)},
            authority=bundles[member.primary],
            requires=mesh.ready[key],
        )


class Hosts(pulumi.ComponentResource):
    """What makes the gateway of a cluster answer by the names of its hosts."""

    urls: Mapping[str, pulumi.Output[list[str]]]
    """By host, where users call it at this gateway."""

    def __init__(
        self, name: str, args: HostsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:ingress:Hosts", name, None, opts)
        ingress, key = args.mesh.ingress, args.member.key
        here = hosts_at(key, ingress)
        names = {
            host: args.addresses[key].apply(partial(host_names, host, ingress)) for host in here
        }
        rules = self._rules(args)
        if ingress.https and here:
            self._certificates(args, ingress.https, names, after=rules)
        self.urls = {
            name: names[name].apply(partial(host_urls, host=host, https=ingress.https))
            for name, host in here.items()
        }
        self.register_outputs({})

    def _rules(self, args: HostsArgs) -> list[pulumi.Resource]:
        ingress = args.mesh.ingress
        served = served_by(args.member)
        hosts = {host for key in served for host in hosts_at(key, ingress)}
        addresses = pulumi.Output.all(**{key: args.addresses[key] for key in served})
        made: list[pulumi.Resource] = []
        for host in sorted(hosts):
            names = addresses.apply(partial(names_served, host, ingress))
            secret = object_name(host) if ingress.https else None
            specs = {
                "Gateway": names.apply(partial(host_gateway, secret=secret)),
                "VirtualService": names.apply(
                    partial(
                        host_routes,
                        host=ingress.hosts[host],
                        https=ingress.https,
                        gateway=object_name(host),
                        check=ingress.dns.health_check
                        if ingress.dns and ingress.hosts[host].names
                        else None,
                    )
                ),
            }
            made += [
                create_object(
                    f"{args.member.key}-host-{host}-{kind.lower()}",
                    kind,
                    spec,
                    metadata={"name": object_name(host), "namespace": ISTIO_NAMESPACE},
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.requires]),
                )
                for kind, spec in specs.items()
            ]
        return made

    def _certificates(
        self,
        args: HostsArgs,
        https: HttpsSettings,
        names: Mapping[str, pulumi.Output[list[str]]],
        *,
        after: Sequence[pulumi.Resource],
    ) -> None:
        key = args.member.key
        if https.issuer is Issuer.STACK:
            for host, known in names.items():
                self._signed_here(f"{key}-host-{host}", args, https, names=known, host=host)
            return
        manager = CertManager(
            f"{key}-cert-manager",
            CertManagerArgs(
                https=https,
                pod_security=args.mesh.pod_security,
                authority=args.authority,
                requires=args.requires,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        for host, known in names.items():
            k8s.apiextensions.CustomResource(
                f"{key}-host-{host}-certificate",
                api_version=API_VERSION,
                kind="Certificate",
                metadata={
                    "name": object_name(host),
                    "namespace": ISTIO_NAMESPACE,
                    "annotations": {"pulumi.com/waitFor": "condition=Ready"},
                },
                spec=known.apply(partial(certificate_spec, https=https, secret=object_name(host))),
                # A challenge comes in through the gateway and finds its way past the redirect.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[manager.issuer, *after]),
            )

    def _signed_here(
        self,
        name: str,
        args: HostsArgs,
        https: HttpsSettings,
        *,
        names: pulumi.Output[list[str]],
        host: str,
    ) -> None:
        certificate = HostCertificateArgs(
            names=names,
            organization=args.mesh.id,
            authority=args.authority,
            validity_days=https.validity_days,
            early_renewal_days=https.early_renewal_days,
            secret=object_name(host),
        )
        HostCertificate(name, certificate, pulumi.ResourceOptions(parent=self))


def certificate_spec(names: Sequence[str], https: HttpsSettings, secret: str) -> Spec:
    """Return the Certificate that cert-manager keeps renewed in a Secret."""
    # An ACME server decides itself how long it signs for.
    lasts = (
        {}
        if https.issuer is Issuer.ACME
        else {"duration": f"{https.validity_days * HOURS_PER_DAY}h"}
    )
    return {
        "secretName": secret,
        "dnsNames": [*names],
        **lasts,
        "renewBefore": f"{https.early_renewal_days * HOURS_PER_DAY}h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        "usages": ["digital signature", "server auth"],
        "issuerRef": {"name": ISSUER, "kind": "ClusterIssuer"},
    }


def host_urls(names: Sequence[str], host: HostSettings, https: HttpsSettings | None) -> list[str]:
    """Return where users call a host by these names."""
    scheme = "https" if https else "http"
    return [f"{scheme}://{name}{path}" for name in names for path in host.paths]


def create_hosts(
    context: Context,
    *,
    mesh: Mesh,
    apis: Mapping[str, ClusterApi],
    bundles: Mapping[str, CaBundle],
) -> dict[str, Hosts]:
    """Create the hosts of every cluster whose istiod or gateway has any; return them by key."""
    settings = context.settings.mesh
    if not settings.enabled:
        return {}
    return {
        key: Hosts(
            f"{key}-hosts",
            HostsArgs.of(context, key, mesh=mesh, bundles=bundles),
            pulumi.ResourceOptions(providers=[apis[key].kubernetes, context.providers.tls]),
        )
        for key, member in context.plan.members.items()
        if any(hosts_at(at, settings.ingress) for at in (key, *member.remotes))
    }
