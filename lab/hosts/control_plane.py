"""etcd, API server, controller manager and scheduler of one cluster, as a plan."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path

from lab.hosts.addresses import API_PORT, DNS_SUFFIX, namespace_name
from lab.hosts.host import Home, Plan, as_yaml, client_config, tunnel_argv, webhook_config
from lab.hosts.pki import Authority, Credential, Subject
from lab.hosts.process import File, Process
from lab.hosts.spec import ControlPlane

ADMINISTRATOR = Subject(file="admin", name="lab-admin", groups=("system:masters",))
CONTROLLER_MANAGER = Subject(file="controller-manager", name="system:kube-controller-manager")
SCHEDULER = Subject(file="scheduler", name="system:kube-scheduler")
KUBELET_CLIENT = Subject(file="kubelet-client", name="lab-apiserver", groups=("system:masters",))
KUBE_PROXY = Subject(file="kube-proxy", name="system:kube-proxy")

_ETCD = "http://127.0.0.1:2379"
_LOCAL_API = f"https://127.0.0.1:{API_PORT}"
_ISSUER = f"https://kubernetes.default.svc.{DNS_SUFFIX}"


def authority(cluster: ControlPlane, home: Home) -> Authority:
    """The cluster's own authority."""
    return Authority(home.pki, f"{cluster.name} authority")


def server_subject(cluster: ControlPlane) -> Subject:
    """Every name under which the API server is reached."""
    service = "kubernetes.default.svc"
    names = ["kubernetes", "kubernetes.default", service, f"{service}.{DNS_SUFFIX}", "localhost"]
    addresses = ["127.0.0.1", cluster.vnic.private_ip, str(IPv4Network(cluster.services_cidr)[1])]
    if cluster.vnic.public_ip is not None:
        addresses.append(cluster.vnic.public_ip)
    return Subject(file="apiserver", name="kube-apiserver", hosts=(*names, *addresses))


def subjects(cluster: ControlPlane) -> Sequence[Subject]:
    """Every certificate of the control plane, and the one that all its kube-proxies share."""
    return (
        server_subject(cluster),
        ADMINISTRATOR,
        CONTROLLER_MANAGER,
        SCHEDULER,
        KUBELET_CLIENT,
        KUBE_PROXY,
    )


def plan(cluster: ControlPlane, home: Home) -> Plan:
    """Files and programs; etcd and the API server come first."""
    credentials = {s.file: _credential(home, s.file) for s in subjects(cluster)}
    ca = home.pki / "ca.crt"
    files = [
        File(path=_config(home, user), text=client_config(_LOCAL_API, ca, credentials[user]))
        for user in ("admin", "controller-manager", "scheduler")
    ]
    webhook = webhook_config(cluster.webhook_url, cluster.webhook_ca_pem)
    files.append(File(path=_config(home, "webhook"), text=webhook))
    first = [_process(cluster, home, ("etcd", *_etcd_flags(home)))]
    if not cluster.vcn_native:
        files.append(File(path=home.folder / "egress.json", text=_egress_config(home)))
        first.append(_tunnel(cluster, home))
    return Plan(
        tuple(files),
        (
            *first,
            _process(cluster, home, ("kube-apiserver", *_api_flags(cluster, home))),
            _process(cluster, home, ("kube-controller-manager", *_manager_flags(cluster, home))),
            _process(cluster, home, ("kube-scheduler", *_scheduler_flags(home))),
        ),
    )


def _tunnel(cluster: ControlPlane, home: Home) -> Process:
    credential = _credential(home, "apiserver")
    argv = tunnel_argv("server", home.pki / "ca.crt", credential)
    return Process(
        name="tunnel",
        argv=(*argv, f"--pods={cluster.pods_cidr}", f"--socket={_tunnel_socket(home)}"),
        namespace=namespace_name("cp", cluster.id),
        cgroup=home.cgroup,
        folder=home.folder,
        log=home.log("tunnel"),
        depends=(credential.certificate,),
    )


def _tunnel_socket(home: Home) -> Path:
    return home.folder / "tunnel.sock"


def _egress_config(home: Home) -> str:
    """Pods of an overlay are beyond the control plane's network: it asks the tunnel."""
    connection = {
        "proxyProtocol": "HTTPConnect",
        "transport": {"uds": {"udsName": str(_tunnel_socket(home))}},
    }
    return as_yaml(
        {
            "apiVersion": "apiserver.k8s.io/v1beta1",
            "kind": "EgressSelectorConfiguration",
            "egressSelections": [{"name": "cluster", "connection": connection}],
        }
    )


def _credential(home: Home, file: str) -> Credential:
    return Credential(home.pki / f"{file}.crt", home.pki / f"{file}.key")


def _config(home: Home, user: str) -> Path:
    return home.folder / f"{user}.kubeconfig"


def _process(cluster: ControlPlane, home: Home, argv: tuple[str, ...]) -> Process:
    program, *flags = argv
    # The webhook's file is read at the start only; certificates are read again when they change.
    depends = (_config(home, "webhook"),) if program == "kube-apiserver" else ()
    return Process(
        name=program,
        argv=(str(home.tool(program)), *flags),
        namespace=namespace_name("cp", cluster.id),
        cgroup=home.cgroup,
        folder=home.folder,
        log=home.log(program),
        depends=depends,
    )


def _etcd_flags(home: Home) -> tuple[str, ...]:
    return (
        f"--data-dir={home.folder / 'etcd'}",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        # The lab's state may be lost with the machine; its disk is everyone's.
        "--unsafe-no-fsync",
        "--auto-compaction-retention=1h",
    )


def _api_flags(cluster: ControlPlane, home: Home) -> tuple[str, ...]:
    pki = home.pki
    return (
        f"--etcd-servers={_ETCD}",
        f"--secure-port={API_PORT}",
        f"--advertise-address={cluster.vnic.private_ip}",
        f"--tls-cert-file={pki / 'apiserver.crt'}",
        f"--tls-private-key-file={pki / 'apiserver.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        f"--service-account-key-file={pki / 'sa.pub'}",
        f"--service-account-signing-key-file={pki / 'sa.key'}",
        f"--service-account-issuer={_ISSUER}",
        f"--service-cluster-ip-range={cluster.services_cidr}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--authentication-token-webhook-config-file={_config(home, 'webhook')}",
        "--authentication-token-webhook-version=v1",
        "--authentication-token-webhook-cache-ttl=10s",
        f"--kubelet-client-certificate={pki / 'kubelet-client.crt'}",
        f"--kubelet-client-key={pki / 'kubelet-client.key'}",
        f"--kubelet-certificate-authority={pki / 'ca.crt'}",
        # Else exec and logs look the node's name up in DNS, and hang.
        "--kubelet-preferred-address-types=InternalIP",
        # Webhooks are called at their pods: a control plane has no kube-proxy.
        "--enable-aggregator-routing=true",
        "--profiling=false",
        *_egress_flags(cluster, home),
    )


def _egress_flags(cluster: ControlPlane, home: Home) -> tuple[str, ...]:
    if cluster.vcn_native:
        return ()
    return (f"--egress-selector-config-file={home.folder / 'egress.json'}",)


def _manager_flags(cluster: ControlPlane, home: Home) -> tuple[str, ...]:
    pki = home.pki
    return (
        f"--kubeconfig={_config(home, 'controller-manager')}",
        f"--service-account-private-key-file={pki / 'sa.key'}",
        f"--root-ca-file={pki / 'ca.crt'}",
        f"--cluster-signing-cert-file={pki / 'ca.crt'}",
        f"--cluster-signing-key-file={pki / 'ca.key'}",
        f"--cluster-cidr={cluster.pods_cidr}",
        # Nodes get their slices from the lab, before they start.
        "--allocate-node-cidrs=false",
        "--use-service-account-credentials",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        "--profiling=false",
    )


def _scheduler_flags(home: Home) -> tuple[str, ...]:
    return (
        f"--kubeconfig={_config(home, 'scheduler')}",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        "--profiling=false",
    )
