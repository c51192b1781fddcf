"""The operator host: small, reachable, and updated in place when the mesh changes."""

from __future__ import annotations

import ast
import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from components.access.metadata import Tools, operator_metadata, sync_script
from components.access.operator_host import OperatorHost, OperatorHostArgs, ssh_command
from components.cloud.metadata import METADATA_LIMIT
from components.errors import OfferError
from components.plan.plan import Plan
from components.settings.stack import AccessSettings, ToolChecksums
from components.versions import OCI_CLI
from tests.cluster.support import INSTANCE, OWNER, providers
from tests.support.documents import COMPARTMENT, cluster, plan
from tests.support.harness import Deployment, deploy
from tests.support.outputs import address, ocid

SSH_KEY = "ssh-ed25519 AAAAC3Nza me"
HOST = {"access__cluster": "primary"}
GET_IMAGES = "oci:Core/getImages:getImages"
GET_INSTANCES = "oci:Core/getInstances:getInstances"


def args(chosen: Plan | None = None, **changes: Any) -> OperatorHostArgs:
    given = {
        "plan": chosen or plan(**HOST),
        "owner": OWNER,
        "subnet_id": "subnet-operator",
        "nsg_id": "nsg-operator",
        "ssh_public_key": SSH_KEY,
        "istioctl": "1.31.4",
        "kubernetes_versions": ["v1.34.10", "v1.34.2"],
        "settings": AccessSettings(),
    }
    return OperatorHostArgs(**{**given, **changes})


def deployed(
    chosen: Plan | None = None,
    *,
    preview: bool = False,
    answers: dict[str, Any] | None = None,
    **changes: Any,
) -> Deployment:
    def program() -> None:
        host = OperatorHost("primary", args(chosen, **changes), providers())
        pulumi.export("sshCommand", host.ssh_command)
        pulumi.export("publicIp", host.public_ip)

    return deploy(program, preview=preview, answers=answers)


def instance(**changes: Any) -> dict[str, Any]:
    return dict(deployed(**changes).one(INSTANCE, "primary-operator").inputs)


def metadata(chosen: Plan, istioctl: str = "1.31.4", **changes: Any) -> dict[str, str]:
    tools = Tools(kubernetes=["v1.34.2", "v1.34.10"], istioctl=istioctl, **changes)
    return operator_metadata(chosen, OWNER, tools, ssh_public_key=SSH_KEY)


def test_the_host_has_a_public_address_in_the_operators_subnet_and_group() -> None:
    vnic = instance()["createVnicDetails"]
    assert (vnic["subnetId"], vnic["nsgIds"], vnic["assignPublicIp"]) == (
        "subnet-operator",
        ["nsg-operator"],
        "true",
    )


def test_the_host_lies_in_the_first_availability_domain() -> None:
    assert instance()["availabilityDomain"] == "test:AD-1"


NEWEST = "Oracle-Linux-9.7-2026.08.31-0"
OLDER = "Oracle-Linux-9.7-2026.01.29-0"


def test_a_new_host_boots_the_newest_platform_image() -> None:
    assert instance()["sourceDetails"] == {
        "sourceType": "image",
        "sourceId": ocid("image", NEWEST.lower()),
    }


@pytest.mark.parametrize(
    ("state", "name"), [("RUNNING", OLDER), ("STOPPED", OLDER), ("TERMINATED", NEWEST)]
)
def test_a_host_that_is_there_keeps_its_image_and_tells_of_a_newer(
    state: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", lambda text, *_: told.append(text))
    source = {"sourceId": ocid("image", OLDER.lower()), "sourceType": "image"}
    mine = {"sourceDetails": [source], "state": state}
    found = deployed(answers={GET_INSTANCES: {"instances": [mine]}})
    source = found.one(INSTANCE, "primary-operator").inputs["sourceDetails"]
    assert source["sourceId"] == ocid("image", name.lower())
    assert any(NEWEST in text for text in told) is (name == OLDER)


def test_another_image_is_another_host_with_a_key_of_its_own() -> None:
    host = deployed().one(INSTANCE, "primary-operator")
    assert host.options["replaceOnChanges"] == ["sourceDetails.sourceId"]


def test_an_image_of_ones_own_is_not_looked_up() -> None:
    given = {"imageId": "ocid1.image.oc1.sjc.mine"}
    found = deployed(settings=AccessSettings.model_validate(given))
    source = found.one(INSTANCE, "primary-operator").inputs["sourceDetails"]
    assert source["sourceId"] == "ocid1.image.oc1.sjc.mine"
    assert GET_IMAGES not in [token for token, _, _ in found.calls]


def test_a_region_without_platform_images_stops_a_preview() -> None:
    with pytest.raises(OfferError) as error:
        deployed(preview=True, answers={GET_IMAGES: {"images": [{"id": "a", "displayName": "b"}]}})
    assert str(error.value) == (
        "access.imageId: there is no platform image of Oracle Linux 9, got nothing; "
        "give the OCID of one of b"
    )


def test_only_the_second_version_of_the_metadata_service_answers() -> None:
    assert instance()["instanceOptions"] == {"areLegacyImdsEndpointsDisabled": True}


def test_the_host_is_tagged_as_the_way_in() -> None:
    assert instance()["freeformTags"]["role"] == "access"


def test_the_line_to_sign_in_is_ready() -> None:
    given = {"sshPrivateKeyPath": "~/.ssh/oke key"}
    found = deployed(settings=AccessSettings.model_validate(given))
    ip = address("primary-operator")
    assert found.exports["publicIp"] == ip
    assert found.exports["sshCommand"] == (
        f"ssh -i '~/.ssh/oke key' -o HostKeyAlias=ocid1.instance.oc1.test.primary-operator opc@{ip}"
    )


def test_without_a_key_ssh_chooses() -> None:
    assert ssh_command("203.0.113.7", "i", None) == "ssh -o HostKeyAlias=i opc@203.0.113.7"


def test_a_plan_without_a_host_is_a_wiring_mistake() -> None:
    with pytest.raises(ValueError, match=r"^no cluster of the plan has the operator host$"):
        args(plan())


def test_a_preview_registers_what_an_update_does() -> None:
    assert deployed(preview=True).urns() == deployed().urns()


@pytest.mark.parametrize("key", ["user_data", "ssh_authorized_keys"])
def test_what_replaces_the_host_does_not_change_with_the_mesh(key: str) -> None:
    more = plan(**HOST, clusters__third=cluster(2, kubernetesVersion="v1.34.1"))
    assert metadata(plan(**HOST))[key] == metadata(more, istioctl="1.31.0")[key]


def test_the_host_is_told_every_cluster_and_the_tools_to_install() -> None:
    chosen = plan(**HOST, clusters__secondary__kubernetesVersion="v1.9.1")
    assert json.loads(metadata(chosen)["oke_mesh"]) == {
        "clusters": [
            ["primary-cluster", "oke-mesh-test-primary", "us-sanjose-1", COMPARTMENT],
            ["secondary-cluster", "oke-mesh-test-secondary", "us-chicago-1", COMPARTMENT],
        ],
        "tools": {"istioctl": "1.31.4", "kubectl": "v1.34.10", "oci": OCI_CLI},
    }


SUM = "ab" * 32
CHECKSUMS = {"kubectl": f"v1.34.10@sha256:{SUM}", "istioctl": f"1.31.4@sha256:{SUM}"}


def test_the_host_is_told_checksums_that_are_given() -> None:
    given = AccessSettings.model_validate({"checksums": CHECKSUMS})
    wishes = json.loads(instance(settings=given)["metadata"]["oke_mesh"])
    assert wishes["checksums"] == {"kubectl": SUM, "istioctl": SUM}


def test_a_checksum_changes_what_is_updated_in_place_alone() -> None:
    before = instance()["metadata"]
    given = AccessSettings.model_validate({"checksums": {"istioctl": CHECKSUMS["istioctl"]}})
    after = instance(settings=given)["metadata"]
    assert {key for key in before if before[key] != after[key]} == {"oke_mesh"}


def test_a_checksum_of_another_kubectl_stops_a_preview() -> None:
    given = {"checksums": {"kubectl": f"v1.34.2@sha256:{SUM}"}}
    with pytest.raises(OfferError) as error:
        deployed(preview=True, settings=AccessSettings.model_validate(given))
    assert str(error.value) == (
        "access.checksums.kubectl: is the checksum of another version than the host gets, "
        f"v1.34.10, got 'v1.34.2@sha256:{SUM}'; give that of v1.34.10"
    )


def test_metadata_of_thirty_clusters_fits() -> None:
    many = {f"clusters__key-of-cluster-{n:04}": cluster(n) for n in range(2, 30)}
    found = metadata(plan(**HOST, **many), checksums=ToolChecksums.model_validate(CHECKSUMS))
    size = sum(len(k) + len(v) for k, v in found.items())
    assert size < METADATA_LIMIT


def test_metadata_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.access.metadata.METADATA_LIMIT", 100)
    with pytest.raises(ValueError, match=r"^metadata of the operator host: \d+ bytes, over 100$"):
        metadata(plan(**HOST))


def first_boot() -> dict[str, Any]:
    """What cloud-init is given, as it reads it."""
    text = base64.b64decode(metadata(plan(**HOST))["user_data"]).decode()
    assert text.startswith("#cloud-config\n")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def written(path: str) -> str:
    """The content of a file of the first boot."""
    return next(
        str(file["content"]) for file in first_boot()["write_files"] if file["path"] == path
    )


def test_the_first_boot_writes_before_it_runs_and_runs_only_the_sync() -> None:
    assert first_boot().keys() == {"write_files", "runcmd"}
    modes = {file["path"]: file["permissions"] for file in first_boot()["write_files"]}
    assert modes == {
        "/etc/ssh/sshd_config.d/10-oke-mesh.conf": "0600",
        "/etc/profile.d/oke-mesh.sh": "0644",
        "/usr/local/bin/oke-mesh-sync": "0755",
    }
    assert first_boot()["runcmd"] == [
        ["sh", "-c", "runuser --login opc --command oke-mesh-sync || true"]
    ]


def test_the_host_forwards_to_the_clusters_apis_and_to_the_probe_only() -> None:
    """The metadata service, which tells who the host is, must not be behind the tunnel."""
    lines = written("/etc/ssh/sshd_config.d/10-oke-mesh.conf").splitlines()
    settings = dict(line.split(" ", 1) for line in lines if not line.startswith("#"))
    assert settings["PermitOpen"] == "*:6443 127.0.0.1:22"
    assert settings["AllowTcpForwarding"] == "local"
    assert settings["AllowStreamLocalForwarding"] == "no"


def test_the_shell_of_the_host_has_k_and_ktx(tmp_path: Path) -> None:
    profile = written("/etc/profile.d/oke-mesh.sh")
    (tmp_path / "kubectl").write_text('#!/bin/sh\necho "kubectl $*"\n')
    (tmp_path / "kubectl").chmod(0o755)
    ran = subprocess.run(  # noqa: S603 the script under test
        [
            shutil.which("bash") or "bash",
            "-c",
            f"shopt -s expand_aliases\n{profile}\nk get nodes\nktx\nktx a\n",
        ],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == [
        "kubectl get nodes",
        "kubectl config get-contexts",
        "kubectl config use-context a",
    ]


def test_what_runs_on_the_host_is_python_3_9_and_needs_nothing_else() -> None:
    tree = ast.parse(sync_script(), feature_version=(3, 9))
    modules = {
        name.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert modules <= {
        *("__future__", "collections.abc", "hashlib", "json", "pathlib", "platform", "shutil"),
        *("subprocess", "sys", "tempfile", "urllib.request"),
    }


def test_the_host_has_the_shape_and_the_place_asked_for() -> None:
    given = {"shape": "VM.Standard3.Flex", "ocpus": 2, "memoryGb": 32, "availabilityDomain": 2}
    made = deployed(settings=AccessSettings.model_validate(given)).one(INSTANCE, "primary-operator")
    assert made.inputs["shape"] == "VM.Standard3.Flex"
    assert made.inputs["shapeConfig"] == {"ocpus": 2, "memoryInGbs": 32}
    assert made.inputs["availabilityDomain"] == "test:AD-2"


@pytest.mark.parametrize(
    ("shape", "platform"),
    [("VM.Standard.E4.Flex", "AMD_VM"), ("VM.Standard3.Flex", "INTEL_VM")],
)
def test_a_shielded_host_boots_what_is_signed_alone(shape: str, platform: str) -> None:
    given = {"shape": shape, "shielded": True}
    made = deployed(settings=AccessSettings.model_validate(given)).one(INSTANCE, "primary-operator")
    assert made.inputs["platformConfig"] == {
        "type": platform,
        "isSecureBootEnabled": True,
        "isMeasuredBootEnabled": True,
        "isTrustedPlatformModuleEnabled": True,
    }


def test_its_volume_has_the_key_and_the_encryption_asked_for() -> None:
    given = {"bootVolumeKeyId": "ocid1.key.oc1..aaaa", "encryptInTransit": True}
    made = deployed(settings=AccessSettings.model_validate(given)).one(INSTANCE, "primary-operator")
    assert made.inputs["sourceDetails"]["kmsKeyId"] == "ocid1.key.oc1..aaaa"
    assert made.inputs["isPvEncryptionInTransitEnabled"] is True


def test_a_host_of_which_nothing_is_asked_is_as_before() -> None:
    """A platform would make another host."""
    made = deployed().one(INSTANCE, "primary-operator").inputs
    assert made["shapeConfig"] == {"ocpus": 1, "memoryInGbs": 8}
    assert not {"platformConfig", "isPvEncryptionInTransitEnabled"} & made.keys()
    assert "kmsKeyId" not in made["sourceDetails"]
