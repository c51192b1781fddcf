"""The files and programs of control planes and nodes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.errors import LabError
from lab.hosts import control_plane, dns, node
from lab.hosts.addresses import namespace_name
from lab.hosts.host import Home, Plan, home
from lab.hosts.node import Membership
from lab.hosts.reconcile import join, node_state
from lab.hosts.spec import ControlPlane, Estate, Node, Subnet, Vcn, Vnic
from lab.paths import LabPaths

PLACE = Home("id", Path("/state/h/0"), Path("/state/logs/x"), lambda name: Path("/bin") / name)
CLUSTER = ControlPlane(
    id="cluster",
    name="alpha",
    vnic=Vnic(subnet_id="s", private_ip="10.0.0.2", rules=(), public_ip="203.0.113.7"),
    pods_cidr="10.244.0.0/16",
    services_cidr="10.96.0.0/16",
    kubernetes_version="v1.36.3",
    vcn_native=False,
    webhook_url="https://198.18.0.1:17444/authenticate",
    webhook_ca_pem="PEM",
)
NODE = Node(
    id="ocid1.instance.1",
    name="10.0.1.5",
    cluster_id="cluster",
    vnic=Vnic(subnet_id="s", private_ip="10.0.1.5", rules=()),
    pod_vnic=None,
    pod_range=None,
    labels={"topology.kubernetes.io/region": "iad", "name": "np1"},
)


def member(**fields: Any) -> Membership:
    known: dict[str, Any] = {
        "node": NODE,
        "cluster": CLUSTER,
        "cluster_pki": Path("/state/h/1/pki"),
        "pods": "10.244.3.0/24",
    }
    return Membership(**{**known, **fields})


def native_member() -> Membership:
    vnic = Vnic(subnet_id="pods", private_ip="10.0.2.5", rules=())
    native = replace(NODE, pod_vnic=vnic, pod_range="10.0.2.32/27")
    cluster = replace(CLUSTER, vcn_native=True)
    return member(node=native, cluster=cluster, pods="10.0.2.32/27", pods_subnet="10.0.2.0/24")


def flags(plan: Plan, program: str) -> dict[str, str]:
    """A program's flags by name."""
    argv = next(p.argv for p in plan.processes if p.name == program)
    return dict(a.removeprefix("--").partition("=")[::2] for a in argv[1:])


def document(plan: Plan, name: str) -> Any:
    return json.loads(next(f.text for f in plan.files if f.path.name == name))


def test_a_control_plane_s_programs_run_in_its_own_namespace_and_group() -> None:
    plan = control_plane.plan(CLUSTER, PLACE)
    assert {(p.namespace, p.cgroup) for p in plan.processes} == {
        (namespace_name("cp", "cluster"), PLACE.cgroup)
    }


def test_an_overlay_s_control_plane_has_a_tunnel_and_a_native_one_has_none() -> None:
    native = control_plane.plan(replace(CLUSTER, vcn_native=True), PLACE)
    overlay = control_plane.plan(CLUSTER, PLACE)
    names = [[p.name for p in plan.processes] for plan in (overlay, native)]
    programs = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
    assert names == [[programs[0], "tunnel", *programs[1:]], programs]


def test_the_api_server_asks_the_lab_s_webhook_about_tokens() -> None:
    plan = control_plane.plan(CLUSTER, PLACE)
    config = flags(plan, "kube-apiserver")["authentication-token-webhook-config-file"]
    assert document(plan, Path(config).name)["clusters"][0]["cluster"] == {
        "server": "https://198.18.0.1:17444/authenticate",
        "certificate-authority-data": "UEVN",
    }


def test_another_webhook_starts_the_api_server_anew(tmp_path: Path) -> None:
    place = replace(PLACE, folder=tmp_path)

    def fingerprint(cluster: ControlPlane) -> str:
        plan = control_plane.plan(cluster, place)
        (file,) = (f for f in plan.files if f.path.name == "webhook.kubeconfig")
        file.path.write_text(file.text)
        return next(p for p in plan.processes if p.name == "kube-apiserver").fingerprint()

    assert fingerprint(CLUSTER) != fingerprint(replace(CLUSTER, webhook_ca_pem="other"))


def test_the_api_server_is_known_by_every_address_it_is_reached_at() -> None:
    hosts = control_plane.server_subject(CLUSTER).hosts
    assert {"10.0.0.2", "203.0.113.7", "10.96.0.1", "127.0.0.1"} <= set(hosts)


def test_a_kubelet_names_its_instance_and_its_labels() -> None:
    plan = node.plan(member(), PLACE)
    assert document(plan, "kubelet.json")["providerID"] == "ocid1.instance.1"
    assert flags(plan, "kubelet")["node-labels"] == "name=np1,topology.kubernetes.io/region=iad"


def test_labels_that_a_kubelet_may_not_give_itself_are_left_to_the_api() -> None:
    labels = {"node-role.kubernetes.io/x": "", "node.kubernetes.io/y": "1", "a.example/z": "2"}
    given = replace(NODE, labels=labels)
    assert node.startup_labels(given) == {"node.kubernetes.io/y": "1", "a.example/z": "2"}
    assert node.later_labels(given) == {"node-role.kubernetes.io/x": ""}


def test_overlay_pods_get_addresses_of_the_node_s_slice() -> None:
    plugin = document(node.plan(member(), PLACE), "10-pods.conflist")["plugins"][0]
    assert (plugin["mtu"], plugin["ipam"]["ranges"]) == (1450, [[{"subnet": "10.244.3.0/24"}]])


def test_native_pods_get_every_address_of_the_node_s_range() -> None:
    plugin = document(node.plan(native_member(), PLACE), "10-pods.conflist")["plugins"][0]
    assert plugin["ipam"]["ranges"] == [
        [
            {
                "subnet": "10.0.2.0/24",
                "rangeStart": "10.0.2.32",
                "rangeEnd": "10.0.2.63",
                "gateway": "10.0.2.5",
            }
        ]
    ]


@pytest.mark.parametrize(
    ("given", "count"), [(member(), 110), (native_member(), 32)], ids=["overlay", "native"]
)
def test_a_node_takes_as_many_pods_as_it_has_addresses(given: Membership, count: int) -> None:
    assert document(node.plan(given, PLACE), "kubelet.json")["maxPods"] == count


def test_containerd_keeps_everything_in_the_host_s_folder() -> None:
    text = node.containerd_config(PLACE)
    assert 'root = "/state/h/0/containerd"\nstate = "/state/h/0/state"\n' in text


def test_a_node_joins_with_the_subnet_of_its_pods() -> None:
    given = native_member()
    subnet = Subnet(id="pods", cidr="10.0.2.0/24", routes=())
    vcn = Vcn(id="v", region="r", cidrs=("10.0.0.0/16",), subnets=(subnet,))
    pki = Path("/state/h/1/pki")
    found = join(Estate(vcns=(vcn,)), given.node, member=(given.cluster, "10.0.2.32/27"), pki=pki)
    assert found == given


def test_a_checkout_too_deep_for_sockets_is_refused() -> None:
    root = Path("/" + "x" * 70)
    with pytest.raises(LabError) as caught:
        home(LabPaths(root=root, cache=root), "id", "name")
    assert str(caught.value) == (
        f"{root}/.lab: too long a path, got 122 characters to a node's sockets of at most 107; "
        "use a checkout nearer to the root folder"
    )


def test_the_dns_service_has_oke_s_address() -> None:
    services = [d for d in dns.documents(CLUSTER).values() if d["kind"] == "Service"]
    assert [d["spec"]["clusterIP"] for d in services] == ["10.96.5.5"]


def condition(status: str, message: str) -> dict[str, Any]:
    return {"status": {"conditions": [{"type": "Ready", "status": status, "message": message}]}}


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (condition("True", "kubelet is posting ready status"), None),
        (condition("False", "CNI is not ready"), "CNI is not ready"),
        (None, "the kubelet has not signed up with its cluster"),
        ({"status": {}}, "the kubelet has not reported yet"),
    ],
    ids=["ready", "not ready", "unknown", "silent"],
)
def test_a_node_tells_why_it_is_not_ready(found: Any, fault: str | None) -> None:
    state = node_state(found)
    assert (state.is_ready, state.fault) == (fault is None, fault)
