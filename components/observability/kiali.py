"""Kiali: who calls whom, over all clusters.

It reads the API of every cluster with a token of its own there, as istiod does. Of several clusters
it takes a login by OpenID only, https://kiali.io/docs/configuration/multi-cluster/
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import pulumi
import pulumi_kubernetes as k8s

from components.cluster.cluster import ClusterApi
from components.mesh.charts import ChartRelease, chart_source, install
from components.mesh.reader import Reader, ReaderArgs
from components.mesh.remote_secret import encoded
from components.mesh.values import Values, identity, merge
from components.observability.password import create_password
from components.observability.policies import PART
from components.plan.observability import (
    KIALI,
    KIALI_PORT,
    METRICS_PORT,
    NAMESPACE,
    TRACES_PORT,
    TRACING,
    VIEW,
    host,
)
from components.plan.plan import Member
from components.settings.mesh import MeshSettings
from components.settings.observability import KialiSettings, ObservabilitySettings

# Names that its chart looks for.
_LOGIN: Final = "kiali"
_CLUSTERS: Final = "kiali-multi-cluster-secret"

_SIGNING: Final = "kiali-signing"
_SIGNING_KEY: Final = "key"


@dataclass(frozen=True, kw_only=True, slots=True)
class KialiArgs:
    """The home cluster, the clusters that are read, and where users call."""

    home: Member
    others: Mapping[str, Member]
    """By key."""
    apis: Mapping[str, ClusterApi]
    mesh: MeshSettings
    observability: ObservabilitySettings
    settings: KialiSettings
    client_secret: pulumi.Output[str] | None
    """Secret; what Kiali shows the OpenID provider."""
    url: pulumi.Output[str] | None
    """Of its host; None if it has none."""
    requires: Mapping[str, Sequence[pulumi.Resource]]
    """By cluster key: the namespace, and what makes the injection of proxies work."""


class Kiali(pulumi.ComponentResource):
    """A release of Kiali at home, and in every other cluster the account that it reads with."""

    def __init__(
        self, name: str, args: KialiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:observability:Kiali", name, None, opts)
        secrets = [self._signing_key(name, args), self._clusters(name, args)]
        if args.client_secret is not None:
            login = {"oidc-secret": args.client_secret}
            secrets.append(self._secret(f"{name}-login", _LOGIN, args, files=login))
        values = pulumi.Output.from_input(args.url).apply(lambda url: kiali_values(args, url))
        self._release(name, args.home, args, values=values, requires=secrets)
        self.register_outputs({})

    def _signing_key(self, name: str, args: KialiArgs) -> pulumi.Resource:
        """Return the key of sessions; the chart would make another one at every update."""
        child = pulumi.ResourceOptions(parent=self)
        key = create_password(f"{name}-signing", opts=child)
        return self._secret(f"{name}-signing-key", _SIGNING, args, files={_SIGNING_KEY: key})

    def _secret(
        self, name: str, called: str, args: KialiArgs, *, files: Mapping[str, pulumi.Input[str]]
    ) -> pulumi.Resource:
        return k8s.core.v1.Secret(
            name,
            metadata={"name": called, "namespace": NAMESPACE},
            string_data=pulumi.Output.secret(dict(files)),
            opts=self._at(args.home, args),
        )

    def _clusters(self, name: str, args: KialiArgs) -> pulumi.Resource:
        """Return one Secret with a kubeconfig for each other cluster, under Istio's name of it."""
        kubeconfigs = {
            member.settings.name: encoded(self._reads(f"{key}-kiali", member, args))
            for key, member in args.others.items()
        }
        return k8s.core.v1.Secret(
            f"{name}-clusters",
            metadata={"name": _CLUSTERS, "namespace": NAMESPACE},
            # Not `string_data`: what goes from there stays in the Secret.
            data=pulumi.Output.secret(kubeconfigs) if kubeconfigs else None,
            opts=self._at(args.home, args),
        )

    def _reads(self, name: str, member: Member, args: KialiArgs) -> pulumi.Output[str]:
        rights: Values = {"deployment": {"remote_cluster_resources_only": True, **_read_only()}}
        base = self._release(name, member, args, values=rights, requires=())
        reader = Reader(
            f"{name}-reader",
            ReaderArgs(
                cluster_name=member.settings.name,
                server=args.apis[member.key].server,
                base=base,
                account=KIALI,
                namespace=NAMESPACE,
            ),
            pulumi.ResourceOptions(parent=self, providers=[args.apis[member.key].kubernetes]),
        )
        return reader.kubeconfig

    def _release(
        self,
        name: str,
        member: Member,
        args: KialiArgs,
        *,
        values: pulumi.Input[Values],
        requires: Sequence[pulumi.Resource],
    ) -> pulumi.Resource:
        chosen = args.settings
        what = ChartRelease(
            source=chart_source(chosen.charts, chosen.version, "kiali-server"),
            release=KIALI,
            namespace=NAMESPACE,
            values=values,
        )
        after = self._at(member, args)
        after.depends_on = [*args.requires[member.key], *requires]
        return install(f"{name}-release", what, opts=after)

    def _at(self, member: Member, args: KialiArgs) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            provider=args.apis[member.key].kubernetes,
            depends_on=[*args.requires[member.key]],
        )


def kiali_values(args: KialiArgs, url: str | None) -> Values:
    """Return the values of the chart `kiali-server`; no secret is among them."""
    own: Values = {
        "auth": _auth(args.settings),
        "clustering": {"autodetect_secrets": {"enabled": False}},
        "deployment": {
            **_read_only(),
            # Policies of the mesh stand in its place, and Prometheus asks its proxy.
            "network_policy": {"enabled": False},
            "pod_labels": {PART: KIALI},
            "pod_annotations": {
                **identity(args.home, args.mesh),
                # Clusters are read when it starts.
                "oke-mesh/clusters": ",".join(sorted(args.others)),
                # The OpenID provider and the APIs of clusters are outside of the mesh.
                "traffic.sidecar.istio.io/excludeOutboundPorts": "443,6443",
            },
        },
        "external_services": _services(args),
        "kubernetes_config": {"cluster_name": args.home.settings.name},
        "login_token": {"signing_key": f"secret:{_SIGNING}:{_SIGNING_KEY}"},
        "server": {"port": KIALI_PORT, "web_root": "/", **(_place(url) if url else {})},
    }
    return merge(own, args.settings.values)


def _read_only() -> Values:
    return {"instance_name": KIALI, "view_only_mode": True}


def _auth(settings: KialiSettings) -> Values:
    if settings.open_id is None:
        return {"strategy": "token"}
    return {
        "strategy": "openid",
        "openid": {
            "client_id": settings.open_id.client_id,
            "issuer_uri": settings.open_id.issuer,
            # Whoever the provider signs in sees all clusters and changes nothing: their APIs
            # know nothing of its tokens.
            "disable_rbac": True,
        },
    }


def _services(args: KialiArgs) -> Values:
    found: Values = {
        "prometheus": {"url": f"http://{host(VIEW)}:{METRICS_PORT}"},
        "grafana": {"enabled": False},
        "tracing": {"enabled": False},
    }
    if args.observability.tracing:
        traces = f"http://{host(TRACING)}:{TRACES_PORT}"
        found["tracing"] = {"enabled": True, "internal_url": traces, "use_grpc": False}
    return found


def _place(url: str) -> Values:
    """Return where users call it; the chart makes of them the annotation of its external URL."""
    parts = urlsplit(url)
    return {"web_fqdn": parts.hostname, "web_schema": parts.scheme, "web_port": ""}
