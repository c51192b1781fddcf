"""The sample workloads: one version of helloworld per cluster, and a client with curl.

Together they show whether a request finds every version wherever it starts, and whether a service
that one cluster alone has is found from the others. The image of helloworld and its answer are
those of Istio's own sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components import versions
from components.cluster.cluster import ClusterApi
from components.context import Context
from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.mesh import Mesh
from components.mesh.namespaces import injected_labels
from components.mesh.objects import Spec, create_object
from components.mesh.pull_secret import create_pull_secret, docker_config
from components.mesh.values import INGRESS, identity
from components.plan.traffic.names import SAMPLES
from components.settings.mesh import Authorization, MeshSettings
from components.settings.registry import RegistrySettings

NAMESPACE: Final = SAMPLES
_PORT: Final = 5000
_RESOURCES: Final = k8s.core.v1.ResourceRequirementsArgs(requests={"cpu": "20m", "memory": "32Mi"})

HELLOWORLD_IMAGE: Final = f"istio/examples-helloworld-v1:{versions.HELLOWORLD}"
CURL_IMAGE: Final = f"curlimages/curl:{versions.CURL}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pod:
    """A pod of a Deployment, and the labels by which it is found."""

    labels: Mapping[str, str]
    spec: k8s.core.v1.PodSpecArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplesArgs:
    """Which helloworld runs here, and how its pods are injected."""

    key: str
    """Of the cluster."""
    version: str
    labels: Mapping[str, str]
    """Of the namespace: who injects its pods, and what they may."""
    identity: Mapping[str, str]
    """The annotation with which pods start anew when what their proxies keep has changed."""
    is_primary: bool
    """Rules for traffic are read by an istiod, so a primary holds them."""
    callers: tuple[str, ...] | None = None
    """Identities outside of the namespace that may ask; None if everyone of the mesh may."""
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    docker_config: pulumi.Output[str] | None = None
    """Secret; with what images are pulled, where their registry asks."""
    requires: Sequence[pulumi.Resource]
    """What makes the injection of their proxies work."""

    @classmethod
    def of(
        cls, context: Context, key: str, *, requires: Sequence[pulumi.Resource]
    ) -> "SamplesArgs":
        """Return what runs in the cluster `key`."""
        member, mesh = context.plan.members[key], context.settings.mesh
        return cls(
            key=key,
            version=member.settings.sample_version,
            labels=injected_labels(mesh),
            identity=identity(member, mesh),
            is_primary=member.is_primary,
            registry=mesh.registry,
            docker_config=docker_config(mesh.registry, context.secrets.registry_token),
            callers=callers_of(mesh),
            requires=requires,
        )


class Samples(pulumi.ComponentResource):
    """helloworld and a curl client in the namespace `sample` of one cluster."""

    namespace: pulumi.Output[str]

    def __init__(
        self, name: str, args: SamplesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:samples:Samples", name, None, opts)
        after = pulumi.ResourceOptions(parent=self, depends_on=[*args.requires])
        self.namespace = create_injected(name, NAMESPACE, args.labels, opts=after)
        self._service(name, "helloworld")
        # Where every cluster has a Service of that name, one that cannot be reached can hide.
        self._service(name, f"helloworld-in-{args.key}")
        own = pulumi.ResourceOptions(parent=self)
        create_pull_secret(name, args.docker_config, self.namespace, opts=own)
        registry = args.registry
        pods = {
            f"helloworld-{args.version}": helloworld(args.version, registry),
            "curl": curl(registry),
        }
        for workload, pod in pods.items():
            self._deployment(name, workload, pod, identity=args.identity)
        if args.is_primary:
            self._rules(name, args)
        self.register_outputs({"namespace": self.namespace})

    def _metadata(
        self, name: str, labels: Mapping[str, str], annotations: Mapping[str, str] | None = None
    ) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=name, namespace=self.namespace, labels=labels, annotations=annotations
        )

    def _service(self, name: str, service: str) -> None:
        labels = {"app": "helloworld"}
        k8s.core.v1.Service(
            f"{name}-{service}",
            # Where a cluster's own pods are scaled to none, the others' answer.
            metadata=self._metadata(service, labels, {"pulumi.com/skipAwait": "true"}),
            spec=k8s.core.v1.ServiceSpecArgs(
                selector=labels, ports=[k8s.core.v1.ServicePortArgs(name="http", port=_PORT)]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _deployment(
        self, name: str, workload: str, pod: Pod, *, identity: Mapping[str, str]
    ) -> None:
        k8s.apps.v1.Deployment(
            f"{name}-{workload}",
            metadata=self._metadata(workload, pod.labels),
            spec=k8s.apps.v1.DeploymentSpecArgs(
                replicas=1,
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=pod.labels),
                template=k8s.core.v1.PodTemplateSpecArgs(
                    metadata=k8s.meta.v1.ObjectMetaArgs(labels=pod.labels, annotations=identity),
                    spec=pod.spec,
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _rules(self, name: str, args: SamplesArgs) -> None:
        rules = {
            "Gateway": ingress_gateway(),
            "VirtualService": hello_route(),
            "DestinationRule": even_traffic(),
        }
        if args.callers is not None:
            rules["AuthorizationPolicy"] = allowed(args.callers, NAMESPACE)
        for kind, spec in rules.items():
            create_object(
                f"{name}-helloworld-{kind.lower()}",
                kind,
                spec,
                metadata=self._metadata("helloworld", {"app": "helloworld"}),
                opts=pulumi.ResourceOptions(parent=self),
            )


def create_samples(
    context: Context, *, mesh: Mesh, apis: Mapping[str, ClusterApi]
) -> dict[str, Samples]:
    """Create the samples in every cluster that is to have them; return them by key."""
    return {
        key: Samples(
            f"{key}-sample",
            SamplesArgs.of(context, key, requires=mesh.ready[key]),
            pulumi.ResourceOptions(providers=[apis[key].kubernetes]),
        )
        for key in context.sampled
    }


def create_injected(
    name: str, namespace: str, labels: Mapping[str, str], *, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Create a namespace whose pods get a proxy; return its name, known once it is there.

    A pod that is created before injection works gets none, and keeps none; `opts` has it wait.
    """
    return k8s.core.v1.Namespace(
        f"{name}-namespace",
        metadata={"name": namespace, "labels": labels},
        opts=opts,
    ).metadata.name


def helloworld(version: str, registry: RegistrySettings) -> Pod:
    """Return the pod of helloworld, which answers with `version`."""
    probe = k8s.core.v1.HTTPGetActionArgs(path="/health", port=_PORT)
    container = k8s.core.v1.ContainerArgs(
        name="helloworld",
        image=registry.image(HELLOWORLD_IMAGE),
        env=[k8s.core.v1.EnvVarArgs(name="SERVICE_VERSION", value=version)],
        ports=[k8s.core.v1.ContainerPortArgs(container_port=_PORT)],
        readiness_probe=k8s.core.v1.ProbeArgs(http_get=probe),
        resources=_RESOURCES,
    )
    labels = {"app": "helloworld", "version": version}
    spec = k8s.core.v1.PodSpecArgs(containers=[container], image_pull_secrets=_pulls(registry))
    return Pod(labels=labels, spec=spec)


def curl(registry: RegistrySettings) -> Pod:
    """Return the pod of the client, which waits to be used by `kubectl exec`."""
    container = k8s.core.v1.ContainerArgs(
        name="curl",
        image=registry.image(CURL_IMAGE),
        command=["sleep", "infinity"],
        resources=_RESOURCES,
    )
    spec = k8s.core.v1.PodSpecArgs(
        containers=[container],
        termination_grace_period_seconds=0,
        image_pull_secrets=_pulls(registry),
    )
    return Pod(labels={"app": "curl"}, spec=spec)


def _pulls(
    registry: RegistrySettings,
) -> list[k8s.core.v1.LocalObjectReferenceArgs] | None:
    names = [k8s.core.v1.LocalObjectReferenceArgs(name=name) for name in registry.pull_secrets]
    return names or None


def ingress_gateway() -> Spec:
    """Return the Gateway that opens port 80 of the ingress gateways to routes of its namespace."""
    port = {"number": 80, "name": "http", "protocol": "HTTP"}
    return {"selector": {"istio": "ingressgateway"}, "servers": [{"port": port, "hosts": ["./*"]}]}


def hello_route() -> Spec:
    """Return the VirtualService that leads /hello to helloworld."""
    destination = {"host": "helloworld", "port": {"number": _PORT}}
    return {
        "hosts": ["*"],
        "gateways": ["helloworld"],
        "http": [
            {"match": [{"uri": {"exact": "/hello"}}], "route": [{"destination": destination}]}
        ],
    }


def ingress_identity(trust_domain: str) -> str:
    """Return whom the ingress gateway of any cluster calls as, in the form of Istio's policies."""
    return f"{trust_domain}/ns/{ISTIO_NAMESPACE}/sa/{INGRESS.release}"


def callers_of(mesh: MeshSettings) -> tuple[str, ...] | None:
    """Return who outside of a namespace may ask there: ingress gateways; None if everyone may."""
    denies = mesh.authorization is Authorization.DENY
    return (ingress_identity(mesh.trust_domain),) if denies else None


def allowed(callers: Sequence[str], namespace: str) -> Spec:
    """Return the AuthorizationPolicy that lets those of `namespace`, and `callers`, ask there."""
    sources = [{"namespaces": [namespace]}, {"principals": [*callers]}]
    return {"action": "ALLOW", "rules": [{"from": [{"source": source} for source in sources]}]}


def even_traffic() -> Spec:
    """Return the DestinationRule that lets each request to the samples find any cluster.

    It stands in the place of a rule for the whole mesh. Outlier detection or locality would keep
    requests near; and a connection that is used again leads to the same pod behind a gateway.
    """
    return {
        "host": f"*.{NAMESPACE}.svc.cluster.local",
        "trafficPolicy": {
            "loadBalancer": {"simple": "RANDOM", "localityLbSetting": {"enabled": False}},
            "connectionPool": {"http": {"maxRequestsPerConnection": 1}},
        },
    }
