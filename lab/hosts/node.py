"""A node: containerd, kubelet and kube-proxy, and the CNI network of its pods, as a plan."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from lab.hosts.addresses import API_PORT, DNS_SUFFIX, digest, dns_address, namespace_name
from lab.hosts.host import Home, Plan, as_yaml, client_config, tunnel_argv
from lab.hosts.pki import Credential, Subject
from lab.hosts.process import File, Process
from lab.hosts.spec import ControlPlane, Node
from lab.images.table import PAUSE_IMAGE

POD_LINK = "veth"
"""What the names of the pods' links begin with; kube-proxy tells local traffic by it."""
_MAX_PODS = 110
_OVERLAY_MTU = 1450
_MTU = 1500


@dataclass(frozen=True, kw_only=True, slots=True)
class Membership:
    """A node in its cluster."""

    node: Node
    cluster: ControlPlane
    cluster_pki: Path
    """The folder of the cluster's authority and common certificates."""
    pods: str
    """The addresses that this node hands out."""
    pods_subnet: str | None = None
    """The subnet that they are part of (VCN-native only)."""

    @property
    def authority(self) -> Path:
        """The cluster's certificate authority."""
        return self.cluster_pki / "ca.crt"

    @property
    def proxy(self) -> Credential:
        """What the cluster's kube-proxies sign in with."""
        return Credential(self.cluster_pki / "kube-proxy.crt", self.cluster_pki / "kube-proxy.key")


def kubelet_subject(node: Node) -> Subject:
    """The kubelet's certificate, as client and as server."""
    return Subject(
        file="kubelet",
        name=f"system:node:{node.name}",
        groups=("system:nodes",),
        hosts=(node.name, node.vnic.private_ip),
    )


def containerd_socket(home: Home) -> Path:
    """Where the kubelet finds containerd."""
    return home.folder / "containerd.sock"


def registry_folder(home: Home) -> Path:
    """Where containerd finds the mirrors of registries."""
    return home.folder / "registries"


def plan(member: Membership, home: Home) -> Plan:
    """Files and programs; containerd comes first."""
    node = member.node
    kubelet = Credential(*(home.pki / f"kubelet.{end}" for end in ("crt", "key")))
    server = f"https://{member.cluster.vnic.private_ip}:{API_PORT}"
    folder = home.folder
    files = (
        File(path=folder / "containerd.toml", text=containerd_config(home)),
        File(path=folder / "cni" / "10-pods.conflist", text=cni_config(member, home)),
        File(path=folder / "resolv.conf", text="options timeout:1\n"),
        File(path=folder / "kubelet.json", text=kubelet_config(member, home)),
        File(
            path=folder / "kubelet.kubeconfig",
            text=client_config(server, member.authority, kubelet),
        ),
        File(
            path=folder / "proxy.kubeconfig",
            text=client_config(server, member.authority, member.proxy),
        ),
        File(path=folder / "proxy.json", text=proxy_config(member, home)),
    )
    processes = [
        _process(node, home, ("containerd", f"--config={folder / 'containerd.toml'}")),
        _process(node, home, ("kubelet", *_kubelet_flags(node, home))),
        _process(node, home, ("kube-proxy", f"--config={folder / 'proxy.json'}")),
    ]
    if not member.cluster.vcn_native:
        processes.append(_tunnel(member, home, kubelet))
    return Plan(files, tuple(processes))


def _tunnel(member: Membership, home: Home, credential: Credential) -> Process:
    argv = tunnel_argv("agent", member.authority, credential)
    return Process(
        name="tunnel",
        argv=(*argv, f"--server={member.cluster.vnic.private_ip}"),
        namespace=namespace_name("node", member.node.id),
        cgroup=home.cgroup,
        folder=home.folder,
        log=home.log("tunnel"),
        depends=(credential.certificate,),
    )


def _process(node: Node, home: Home, argv: tuple[str, ...]) -> Process:
    program, *flags = argv
    reads = {"containerd": "containerd.toml", "kubelet": "kubelet.json", "kube-proxy": "proxy.json"}
    return Process(
        name=program,
        argv=(str(home.tool(program)), *flags),
        namespace=namespace_name("node", node.id),
        cgroup=home.cgroup,
        folder=home.folder,
        log=home.log(program),
        depends=(home.folder / reads[program],),
    )


def _kubelet_flags(node: Node, home: Home) -> tuple[str, ...]:
    labels = ",".join(f"{key}={value}" for key, value in sorted(startup_labels(node).items()))
    return (
        f"--config={home.folder / 'kubelet.json'}",
        f"--kubeconfig={home.folder / 'kubelet.kubeconfig'}",
        f"--root-dir={home.folder / 'kubelet'}",
        f"--cert-dir={home.pki}",
        f"--hostname-override={node.name}",
        f"--node-ip={node.vnic.private_ip}",
        f"--node-labels={labels}",
    )


_LABELS_OF_KUBELETS = (
    "topology.kubernetes.io/",
    "failure-domain.beta.kubernetes.io/",
    "node.kubernetes.io/",
    "kubelet.kubernetes.io/",
)


def startup_labels(node: Node) -> dict[str, str]:
    """The labels that a kubelet may give itself; Kubernetes keeps the rest of its own for others.

    https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
    """
    return {
        key: value
        for key, value in node.labels.items()
        if "kubernetes.io/" not in key.rpartition("/")[0] + "/"
        or key.startswith(_LABELS_OF_KUBELETS)
    }


def later_labels(node: Node) -> dict[str, str]:
    """The other labels, which the lab gives the node once it has signed up."""
    startup = startup_labels(node)
    return {key: value for key, value in node.labels.items() if key not in startup}


def containerd_config(home: Home) -> str:
    """All state in the host's own folder, and every registry behind the lab's mirror."""
    folder = home.folder
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    return f"""\
version = 2
root = "{folder / "containerd"}"
state = "{folder / "state"}"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", \
"io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", \
"io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
address = "{containerd_socket(home)}"

[{cri}]
sandbox_image = "{PAUSE_IMAGE}"
# Without CAP_SYS_RESOURCE, as in many sandboxes, runc may not lower the score.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
max_concurrent_downloads = 6

[{cri}.cni]
bin_dir = "{_cni_folder(home)}"
conf_dir = "{folder / "cni"}"

[{cri}.registry]
config_path = "{registry_folder(home)}"

[{cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[{cri}.containerd.runtimes.runc.options]
BinaryName = "{home.tool("runc")}"
Root = "{folder / "runc"}"
"""


def _cni_folder(home: Home) -> Path:
    return home.tool("ptp").parent


def cni_config(member: Membership, home: Home) -> str:
    """Each pod behind a link of its own; the node routes, no bridge is between."""
    node = member.node
    subnet = IPv4Network(member.pods)
    addresses = {"subnet": member.pods}
    mtu = _OVERLAY_MTU
    if node.pod_vnic is not None and member.pods_subnet is not None:
        mtu = _MTU
        # Pods find the node under its VNIC's address, so that none of the range is lost.
        addresses = {
            "subnet": member.pods_subnet,
            "rangeStart": str(subnet[0]),
            "rangeEnd": str(subnet[-1]),
            "gateway": node.pod_vnic.private_ip,
        }
    return as_yaml(
        {
            "cniVersion": "0.4.0",
            "name": f"okm-{digest(node.id)}",
            "plugins": [
                {
                    "type": "ptp",
                    "mtu": mtu,
                    "ipMasq": False,
                    "ipam": {
                        "type": "host-local",
                        "ranges": [[addresses]],
                        "routes": [{"dst": "0.0.0.0/0"}],
                        "dataDir": str(home.folder / "addresses"),
                    },
                },
                {"type": "portmap", "capabilities": {"portMappings": True}},
            ],
        }
    )


def max_pods(member: Membership) -> int:
    """As many as there are addresses; each node of OKE has its limit."""
    return min(_MAX_PODS, IPv4Network(member.pods).num_addresses)


def kubelet_config(member: Membership, home: Home) -> str:
    """The kubelet's settings for a machine that it shares with others."""
    folder = home.folder
    document: dict[str, object] = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(member.authority)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(home.pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(home.pki / "kubelet.key"),
        "providerID": member.node.id,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{home.cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        "evictionHard": {
            "imagefs.available": "1%",
            "nodefs.available": "1%",
            "memory.available": "100Mi",
        },
        # The disk is the machine's: its filling is no reason to drop images.
        "imageGCHighThresholdPercent": 100,
        "serializeImagePulls": False,
        "registryPullQPS": 0,
        "maxPods": max_pods(member),
        "clusterDNS": [dns_address(member.cluster.services_cidr)],
        "clusterDomain": DNS_SUFFIX,
        "containerRuntimeEndpoint": f"unix://{containerd_socket(home)}",
        "podLogsDir": str(folder / "podlogs"),
        "volumePluginDir": str(folder / "volumes"),
        "resolvConf": str(folder / "resolv.conf"),
    }
    return as_yaml(document)


def proxy_config(member: Membership, home: Home) -> str:
    """kube-proxy in the node's namespace; machine-wide settings are not its to change."""
    return as_yaml(
        {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(home.folder / "proxy.kubeconfig")},
            "hostnameOverride": member.node.name,
            "mode": "iptables",
            "detectLocalMode": "InterfaceNamePrefix",
            "detectLocal": {"interfaceNamePrefix": POD_LINK},
            "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s"},
            "iptables": {"minSyncPeriod": "100ms", "syncPeriod": "30s"},
        }
    )
