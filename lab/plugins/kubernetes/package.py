"""The provider: its configuration, and a resource type for every token of the package."""

from __future__ import annotations

from typing_extensions import override

from lab.plugins.base.diffing import Diff, compare
from lab.plugins.base.errors import Failure
from lab.plugins.base.provider import Checked, Provider, Resource
from lab.plugins.base.schema import PackageSchema
from lab.plugins.base.sdk import Selection
from lab.plugins.base.store import load_package
from lab.plugins.base.values import Path, Properties, has_unknown
from lab.plugins.kubernetes.cluster import Cluster
from lab.plugins.kubernetes.kinds import RELEASE_TOKEN, parse_token
from lab.plugins.kubernetes.kubeconfig import KubeconfigError, Target, load_kubeconfig
from lab.plugins.kubernetes.object_resource import Memory, ObjectResource
from lab.plugins.kubernetes.release_resource import ReleaseResource
from lab.plugins.kubernetes.settings import UNSUPPORTED, Settings

SELECTION = Selection(package="pulumi_kubernetes", resources=("helm/v3/Release.py",))
CLUSTER_KEYS = frozenset({"kubeconfig", "context", "cluster"})


class Kubernetes(Provider):
    """One cluster; resource types are made as their tokens come by."""

    def __init__(self, schema: PackageSchema) -> None:
        super().__init__(schema)
        self.memory = Memory()
        self._connect(Settings())

    @override
    def check_config(self, news: Properties) -> Checked:
        checked = super().check_config(news)
        refused = [
            Failure(name, why)
            for name, why in UNSUPPORTED.items()
            if news.get(name) not in (None, "", "false")
        ]
        return Checked(checked.inputs, [*checked.failures, *refused])

    @override
    def diff_config(self, olds: Properties, news: Properties) -> Diff:
        replaced = _replacing_keys(olds, news)
        return Diff(compare(olds, news, lambda path: _begins(path) in replaced))

    @override
    def configure(self, config: Properties) -> None:
        self._connect(Settings.read(config))

    @override
    def resource(self, token: str) -> Resource:
        if token not in self.resources:
            self.resources[token] = ObjectResource(parse_token(token), self.cluster, self.memory)
        return self.resources[token]

    def _connect(self, settings: Settings) -> None:
        self.cluster = Cluster(settings)
        schema = self.schema.resources[RELEASE_TOKEN]
        self.resources = {RELEASE_TOKEN: ReleaseResource(schema, self.checker, self.cluster)}


def make_provider() -> Kubernetes:
    """The plugin's provider, with what the SDK says of its configuration."""
    return Kubernetes(load_package(SELECTION))


def _replacing_keys(olds: Properties, news: Properties) -> frozenset[str]:
    """The settings whose change means another cluster, and so other resources."""
    before, after = olds.get("clusterIdentifier"), news.get("clusterIdentifier")
    if before and after:
        # Whoever names the cluster decides by that alone.
        return frozenset({"clusterIdentifier"})
    if any(has_unknown(news.get(key)) for key in CLUSTER_KEYS):
        return CLUSTER_KEYS
    old, new = _active(olds), _active(news)
    if old is None or new is None:
        return frozenset()
    return CLUSTER_KEYS if _identity(old) != _identity(new) else frozenset()


def _identity(target: Target) -> tuple[object, ...]:
    return (
        target.server,
        target.authority,
        target.tls_server_name,
        target.verify,
        target.proxy_url,
    )


def _active(config: Properties) -> Target | None:
    try:
        kubeconfig = load_kubeconfig(config.get("kubeconfig"))
        return kubeconfig.target(context=config.get("context"), cluster=config.get("cluster"))
    except KubeconfigError:
        return None


def _begins(path: Path) -> str:
    return str(path[0])
