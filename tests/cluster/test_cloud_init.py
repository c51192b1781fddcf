"""The first boot of a node, run for real by bash with stand-ins for what only a node has."""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from components.cloud.metadata import encoded
from components.cluster import cloud_init
from components.settings.node_pools import NodePoolSettings

BASH = shutil.which("bash") or "bash"

KERNEL_MODULES = (
    *("br_netfilter", "nf_nat", "xt_REDIRECT", "xt_owner"),
    *("iptable_nat", "iptable_mangle", "iptable_filter", "iptable_raw"),
)


@dataclass(frozen=True, kw_only=True)
class Node:
    """A folder that stands for a node's root, with programs that write down how they are called."""

    root: Path

    def program(self, name: str, body: str = "") -> None:
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!{BASH}\necho "{name} $*" >> {self.root}/calls\n{body}\n')
        path.chmod(0o755)

    def metadata(self, **values: str) -> None:
        """Let the metadata service answer these keys, and 404 to all others."""
        for key, value in values.items():
            (self.root / f"imds-{key}").write_text(value)
        self.program("curl", f'cat "{self.root}/imds-${{@: -1:1}}" 2>/dev/null || exit 22')
        path = self.root / "bin" / "curl"
        path.write_text(path.read_text().replace("${@: -1:1}", "$(basename ${@: -1:1})"))

    def boot(self, **settings: Any) -> subprocess.CompletedProcess[str]:
        script = cloud_init.node_script(NodePoolSettings.model_validate(settings))
        for folder in ("/etc/", "/usr/libexec/", "/run/"):
            script = script.replace(folder, f"{self.root}{folder}")
        return subprocess.run(  # noqa: S603 the script under test
            [BASH, "-c", script],
            env={"PATH": f"{self.root}/bin:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        return (self.root / "calls").read_text().splitlines()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = Node(root=tmp_path)
    for folder in ("etc/modules-load.d", "etc/oke", "etc/systemd/system", "usr/libexec", "run"):
        (tmp_path / folder).mkdir(parents=True)
    made.program("modprobe")
    made.program("systemctl")
    made.metadata(oke_init_script=_encoded(f"echo 'oke init' >> {tmp_path}/calls"))
    return made


def _encoded(script: str) -> str:
    return base64.b64encode(script.encode()).decode()


def test_the_script_is_valid_bash() -> None:
    checked = subprocess.run(  # noqa: S603 the script under test
        [BASH, "-n"],
        input=cloud_init.node_script(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_user_data_is_the_script_in_base64() -> None:
    assert base64.b64decode(encoded("#!/bin/sh\n")) == b"#!/bin/sh\n"


def test_every_module_is_loaded_before_oke_starts(node: Node) -> None:
    node.boot()
    loads = [f"modprobe {module}" for module in KERNEL_MODULES]
    assert node.calls[: len(loads)] == loads
    assert node.calls[-1] == "oke init"


def test_every_module_is_loaded_at_later_boots_too(node: Node) -> None:
    node.boot()
    written = (node.root / "etc/modules-load.d/oke-mesh.conf").read_text()
    assert written.splitlines() == list(KERNEL_MODULES)


def test_a_module_that_is_not_there_does_not_keep_the_node_from_joining(node: Node) -> None:
    node.program("modprobe", "exit 1")
    assert node.boot().returncode == 0
    assert node.calls[-1] == "oke init"


def test_a_module_that_is_not_there_is_named_in_the_log(node: Node) -> None:
    node.program("modprobe", '[ "$1" != xt_owner ]')
    assert node.boot().stderr == "oke-mesh: kernel module xt_owner was not loaded\n"


def test_modules_that_cannot_be_written_do_not_keep_the_node_from_joining(node: Node) -> None:
    (node.root / "etc/modules-load.d").rmdir()
    assert node.boot().returncode == 0
    assert node.calls[-1] == "oke init"


@pytest.mark.parametrize("code", [0, 1], ids=["grown", "not grown"])
def test_the_disk_is_grown_and_a_failure_of_it_is_survived(node: Node, code: int) -> None:
    node.program("oci-growfs", f"exit {code}")
    (node.root / "bin/oci-growfs").rename(node.root / "usr/libexec/oci-growfs")
    assert node.boot().returncode == 0
    others = ("modprobe", "curl", "systemctl")
    assert [call for call in node.calls if not call.startswith(others)] == [
        "oci-growfs -y",
        "oke init",
    ]


def test_a_failure_of_okes_own_init_is_the_scripts(node: Node) -> None:
    node.metadata(oke_init_script=_encoded("exit 7"))
    assert node.boot().returncode == 7


def test_without_a_script_in_the_metadata_the_service_of_the_image_is_started(node: Node) -> None:
    (node.root / "imds-oke_init_script").unlink()
    (node.root / "etc/systemd/system/oke-init.service").touch()
    assert node.boot().returncode == 0
    assert node.calls[-1] == "systemctl --no-block enable --now oke-init.service"


def test_without_script_and_service_the_installer_of_the_image_is_run(node: Node) -> None:
    (node.root / "imds-oke_init_script").unlink()
    node.metadata(apiserver_host="10.0.0.5", cluster_ca_cert="Y2E=")
    installer = node.root / "etc/oke/oke-install.sh"
    installer.write_text(f'echo "installer $*" >> {node.root}/calls\n')
    assert node.boot().returncode == 0
    assert node.calls[-1] == ("installer --apiserver-endpoint 10.0.0.5 --kubelet-ca-cert Y2E=")


TAINTED: dict[str, Any] = {
    "taints": ["a=b:NoSchedule", "c:NoExecute"],
    "kubeletArguments": {"eviction-hard": "memory.available<500Mi"},
}
ARGUMENTS = (
    "--eviction-hard=memory.available<500Mi --register-with-taints=a=b:NoSchedule,c:NoExecute"
)


def test_taints_and_arguments_reach_okes_own_init(node: Node) -> None:
    written = f'for word; do echo "<$word>" >> {node.root}/calls; done'
    node.metadata(oke_init_script=_encoded(written))
    assert node.boot(**TAINTED).returncode == 0
    assert node.calls[-2:] == ["<--kubelet-extra-args>", f"<{ARGUMENTS}>"]


def test_taints_and_arguments_reach_the_installer_of_the_image(node: Node) -> None:
    (node.root / "imds-oke_init_script").unlink()
    node.metadata(apiserver_host="10.0.0.5", cluster_ca_cert="Y2E=")
    # The service that images start it with takes no arguments.
    (node.root / "etc/systemd/system/oke-init.service").touch()
    installer = node.root / "etc/oke/oke-install.sh"
    installer.write_text(f'echo "installer $*" >> {node.root}/calls\n')
    assert node.boot(**TAINTED).returncode == 0
    assert node.calls[-1].endswith(f"--kubelet-ca-cert Y2E= --kubelet-extra-args {ARGUMENTS}")


@pytest.mark.parametrize("code", [0, 1], ids=["works", "fails"])
def test_a_script_of_ones_own_runs_before_the_node_joins(node: Node, code: int) -> None:
    own = f"#!/bin/sh\necho 'my $own \"script\"' >> {node.root}/calls\nexit {code}\n"
    done = node.boot(cloudInit=own)
    assert done.returncode == 0
    calls = [call for call in node.calls if not call.startswith("curl")]
    assert calls[-2:] == ['my $own "script"', "oke init"]
    assert done.stderr == ("oke-mesh: cloudInit of the settings has failed\n" if code else "")


def test_a_pool_that_asks_for_nothing_boots_as_before() -> None:
    """Another script would replace every node."""
    folder = resources.files("components.cluster.on_node")
    assert cloud_init.node_script() == folder.joinpath("first_boot.sh").read_text()


UNIT = "etc/systemd/system/oke-mesh-metadata.service"


def starts(unit: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecStart=")]


def test_pods_are_kept_from_the_metadata_service_before_oke_starts_and_at_every_boot(
    node: Node,
) -> None:
    assert node.boot().returncode == 0
    enabled = node.calls.index("systemctl enable --now oke-mesh-metadata.service")
    assert enabled < node.calls.index("oke init")
    unit = (node.root / UNIT).read_text()
    assert "WantedBy=multi-user.target" in unit
    assert "Before=network-pre.target kubelet.service" in unit


def test_dns_which_has_the_same_address_stays_open_to_pods(node: Node) -> None:
    """A rule without the port would take the names of everything outside from every pod."""
    node.boot()
    for line in starts((node.root / UNIT).read_text()):
        assert " -p tcp --dport 80 -j DROP" in line
        assert " FORWARD " in line


@pytest.mark.parametrize("command", ["daemon-reload", "enable"])
def test_a_rule_that_cannot_be_made_is_named_and_does_not_keep_the_node_from_joining(
    node: Node, command: str
) -> None:
    node.program("systemctl", f'[ "$1" != {command} ]')
    done = node.boot()
    assert done.returncode == 0
    told = "oke-mesh: pods reach the metadata service of this node\n"
    assert done.stderr == (told if command == "enable" else "")
    assert node.calls[-1] == "oke init"


def test_a_unit_that_cannot_be_written_is_named_too(node: Node) -> None:
    (node.root / "etc/systemd/system").rmdir()
    done = node.boot()
    assert done.returncode == 0
    assert "pods reach the metadata service of this node" in done.stderr


def test_pods_that_are_to_sign_in_as_their_node_reach_it() -> None:
    script = cloud_init.node_script(NodePoolSettings.model_validate({"podsReachMetadata": True}))
    assert "close_metadata ||" not in script
    assert script.count("\n") == cloud_init.node_script().count("\n") - 1


def test_a_node_has_no_metadata_service_of_version_1() -> None:
    assert cloud_init.node_metadata()["areLegacyImdsEndpointsDisabled"] == "true"
