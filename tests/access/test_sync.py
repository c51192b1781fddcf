"""What runs on the operator host, with stand-ins for the programs that it calls."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from components.access.on_host import sync

CLUSTERS = [
    ["one", "oke-mesh-test-a", "us-sanjose-1", "compartment-a"],
    ["two", "oke-mesh-test-b", "us-chicago-1", "compartment-b"],
]
TOOLS = {"oci": "3.95.1", "kubectl": "v1.34.2", "istioctl": "1.31.4"}

# Answers `oci` and `kubectl` as the host's own would. A cluster of which there is no file in
# `clusters` is not found. In the shell's language, since it is started many times in each test.
STAND_IN = """#!/bin/sh
set -eu
root='{root}'
echo "$(basename "$0") $*" >> "$root/calls"
value() {{ option=$1; shift; while [ "$1" != "$option" ]; do shift; done; echo "$2"; }}
case "$*" in
  "ce cluster list "*)
    cat "$root/clusters/$(value --name "$@")" 2> /dev/null || echo '{{"data": []}}' ;;
  "ce cluster create-kubeconfig "*)
    printf 'context-of-%s' "$(value --cluster-id "$@")" > "$(value --file "$@")" ;;
  *current-context*)
    cat "$(value --kubeconfig "$@")" ;;
  *rename-context*)
    for word; do before=${{last-}}; last=$word; done
    printf '%s=%s' "$last" "$before" > "$(value --kubeconfig "$@")" ;;
  "config view "*)
    IFS=:
    set -- $KUBECONFIG
    cat "$1"; shift
    for file; do printf '+'; cat "$file"; done ;;
esac
"""


class Host:
    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.wishes: dict[str, Any] = {"tools": TOOLS, "clusters": CLUSTERS}
        self.installed: list[str] = []
        (root / "bin").mkdir()
        for name in ("oci", "kubectl"):
            program = root / "bin" / name
            program.write_text(STAND_IN.format(root=root))
            program.chmod(0o755)
        self.clusters(**{"oke-mesh-test-a": ["id-a"], "oke-mesh-test-b": ["id-b"]})
        monkeypatch.setenv("HOME", str(root))
        monkeypatch.setenv("PATH", f"{root / 'bin'}:/usr/bin:/bin")
        monkeypatch.setattr(sync, "fetch", lambda *_: json.dumps(self.wishes).encode())
        monkeypatch.setattr(sync, "install_tools", lambda *given: self.installed.extend(given))

    def clusters(self, **found: list[str]) -> None:
        folder = self.root / "clusters"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, ids in found.items():
            answer = {"data": [{"id": id_} for id_ in ids]}
            (folder / name).write_text(json.dumps(answer))

    @property
    def calls(self) -> list[str]:
        path = self.root / "calls"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def kubeconfig(self) -> str:
        return (self.root / ".kube" / "config").read_text().strip()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


def test_every_cluster_becomes_a_context_of_its_name(host: Host) -> None:
    assert sync.main([]) == 0
    assert host.kubeconfig == "one=context-of-id-a+two=context-of-id-b"


def test_the_host_signs_in_as_itself_to_private_endpoints(host: Host) -> None:
    sync.main([])
    made = [call for call in host.calls if "create-kubeconfig" in call]
    assert made[0] == (
        "oci ce cluster create-kubeconfig --auth instance_principal --region us-sanjose-1 "
        f"--with-auth-context --cluster-id id-a --file {host.root}/.oke-mesh/kubeconfigs/one.new "
        "--token-version 2.0.0 --kube-endpoint PRIVATE_ENDPOINT"
    )


def test_a_cluster_is_found_by_its_name_in_region_and_compartment(host: Host) -> None:
    sync.main([])
    assert host.calls[0] == (
        "oci ce cluster list --auth instance_principal --region us-sanjose-1 --compartment-id "
        "compartment-a --name oke-mesh-test-a --lifecycle-state ACTIVE"
    )


def test_nothing_is_done_twice(host: Host) -> None:
    sync.main([])
    before = len(host.calls)
    assert sync.main([]) == 0
    assert len(host.calls) == before


def test_force_does_it_again(host: Host) -> None:
    sync.main([])
    before = len(host.calls)
    assert sync.main(["--force"]) == 0
    assert len(host.calls) == 2 * before


def test_a_cluster_that_is_not_there_yet_leaves_the_others(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.clusters(**{"oke-mesh-test-b": ["id-b"]})
    assert sync.main([]) == 1
    assert host.kubeconfig == "two=context-of-id-b"
    assert capsys.readouterr().err == (
        "oke-mesh: one: 0 active clusters are called oke-mesh-test-a in us-sanjose-1\n"
        "oke-mesh: no context yet for one; `oke-mesh-sync` tries again\n"
    )


def test_a_cluster_that_was_not_there_is_tried_at_the_next_login(host: Host) -> None:
    host.clusters(**{"oke-mesh-test-b": ["id-b"]})
    sync.main([])
    host.clusters(**{"oke-mesh-test-a": ["id-a"], "oke-mesh-test-b": ["id-b"]})
    assert sync.main([]) == 0
    assert host.kubeconfig == "one=context-of-id-a+two=context-of-id-b"


def test_two_clusters_of_one_name_are_not_chosen_between(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.clusters(**{"oke-mesh-test-a": ["x", "y"], "oke-mesh-test-b": ["id-b"]})
    assert sync.main([]) == 1
    assert "2 active clusters are called oke-mesh-test-a" in capsys.readouterr().err


def test_a_cluster_that_left_the_mesh_loses_its_context(host: Host) -> None:
    sync.main([])
    host.wishes["clusters"] = CLUSTERS[:1]
    assert sync.main([]) == 0
    assert host.kubeconfig == "one=context-of-id-a"


def test_the_kubeconfig_is_the_users_alone(host: Host) -> None:
    sync.main([])
    assert (host.root / ".kube" / "config").stat().st_mode & 0o777 == 0o600


def serve(monkeypatch: pytest.MonkeyPatch, pages: dict[str, bytes]) -> None:
    monkeypatch.setattr(sync, "fetch", lambda url, *_: pages[url])


def test_a_download_must_have_its_published_checksum(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, {"u": b"program", "u.sha256": b"0" * 64})
    with pytest.raises(ValueError, match=r"^u does not have its published checksum$"):
        sync.verified("u", None)


def test_istioctl_is_taken_out_of_its_archive(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        info = tarfile.TarInfo("istioctl")
        info.size = 4
        tar.addfile(info, io.BytesIO(b"body"))
    url = sync.ISTIOCTL.format(version="1.31.4", arch="amd64")
    digest = hashlib.sha256(archive.getvalue()).hexdigest()
    serve(monkeypatch, {url: archive.getvalue(), f"{url}.sha256": f"{digest}  x".encode()})
    monkeypatch.setattr(sync, "architecture", lambda: "amd64")
    put = tmp_path / "istioctl"
    monkeypatch.setattr(sync, "run", lambda *words: shutil.copy(words[-2], put))
    sync.install_istioctl("1.31.4")
    assert put.read_bytes() == b"body"


GIVEN = hashlib.sha256(b"program").hexdigest()


def test_a_checksum_that_is_given_is_asked_in_place_of_the_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serve(monkeypatch, {"u": b"program"})
    assert sync.verified("u", GIVEN) == b"program"


def test_a_download_of_another_checksum_is_not_taken_whatever_is_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    serve(monkeypatch, {"u": b"other", "u.sha256": other.encode()})
    with pytest.raises(ValueError, match=r"^u does not have the checksum of access\.checksums$"):
        sync.verified("u", GIVEN)


@pytest.mark.parametrize("tool", ["kubectl", "istioctl"])
def test_no_tool_is_put_in_place_against_the_checksum_that_is_given(
    tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = hashlib.sha256(b"other").hexdigest().encode()
    monkeypatch.setattr(
        sync, "fetch", lambda url, *_: other if url.endswith(".sha256") else b"other"
    )
    monkeypatch.setattr(sync, "architecture", lambda: "amd64")
    put: list[str] = []
    monkeypatch.setattr(sync, "run", lambda *words: put.append(words[-1]))
    with pytest.raises(ValueError, match=r"does not have the checksum of access\.checksums$"):
        getattr(sync, f"install_{tool}")("1.31.4", GIVEN)
    assert put == []


class Tools:
    """The tools of a host, each by what it was installed with."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now: dict[str, tuple[str, str | None]] = {}
        self.count = 0
        monkeypatch.setattr(sync, "MARKERS", folder)
        monkeypatch.setattr(sync, "run", self._run)
        for tool in TOOLS:
            monkeypatch.setattr(sync, f"install_{tool}", self._installer(tool))

    def sync(self, checksums: dict[str, str] | None = None, **versions: str) -> None:
        sync.install_tools({**TOOLS, **versions}, checksums or {})

    def _installer(self, tool: str) -> Any:
        def install(version: str, checksum: str | None) -> None:
            self.count += 1
            self.now[tool] = version, checksum

        return install

    @staticmethod
    def _run(*words: str) -> str:
        match words:
            case ("sudo", "rm", "-f", *paths):
                for path in paths:
                    Path(path).unlink()
            case ("sudo", "install", *_, marker):
                Path(marker).touch()
        return ""


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    return Tools(tmp_path, monkeypatch)


def test_a_tool_is_installed_once_for_each_checksum(tools: Tools) -> None:
    tools.sync()
    tools.sync()
    assert tools.count == len(TOOLS)
    for checksum in ("one", "one", "two"):
        tools.sync({"kubectl": checksum})
        assert tools.now["kubectl"] == ("v1.34.2", checksum)
    assert tools.count == len(TOOLS) + 2


def test_a_tool_goes_back_to_a_version_that_was_there_before(tools: Tools) -> None:
    for version in ("1.31.4", "1.31.5", "1.31.4"):
        tools.sync(istioctl=version)
        assert tools.now["istioctl"] == (version, None)
