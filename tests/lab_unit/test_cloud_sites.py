"""The sites of the lab's internet have what a computer installs, as the real ones have it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components import versions
from lab.cloud.cloud import Raw
from lab.cloud.sites import OCI_CLI, WHEEL, Sites, wheel
from lab.toolchain.pins import ISTIO, KUBERNETES
from tests.lab_unit.cloud_fixtures import Lab


@pytest.fixture
def sites(lab: Lab, tmp_path: Path) -> Sites:
    for name in ("kubectl", "istioctl"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name}\n")
    return Sites(lab.running.cloud, lambda name: tmp_path / name)


def ask(sites: Sites, url: str) -> tuple[int, bytes]:
    host, _, path = url.partition("/")
    reply = sites.answer(Raw(method="GET", target=f"/{path}", headers={"host": host}))
    assert isinstance(reply.body, bytes)
    return reply.status, reply.body


def test_kubectl_has_its_published_checksum(sites: Sites) -> None:
    url = f"dl.k8s.io/release/v{KUBERNETES}/bin/linux/amd64/kubectl"
    (status, program), (_, checksum) = ask(sites, url), ask(sites, f"{url}.sha256")
    assert (status, program) == (200, b"#!/bin/sh\necho kubectl\n")
    assert checksum.decode().strip() == hashlib.sha256(program).hexdigest()


def test_istioctl_comes_as_an_archive(sites: Sites, tmp_path: Path) -> None:
    url = f"github.com/istio/istio/releases/download/{ISTIO}/istioctl-{ISTIO}-linux-amd64.tar.gz"
    (_, archive), (_, checksum) = ask(sites, url), ask(sites, f"{url}.sha256")
    assert checksum.decode().strip() == hashlib.sha256(archive).hexdigest()
    file = tmp_path / "istioctl.tar.gz"
    file.write_bytes(archive)
    shutil.unpack_archive(file, tmp_path / "out")
    assert (tmp_path / "out" / "istioctl").read_text() == "#!/bin/sh\necho istioctl\n"


def test_another_release_is_not_there_and_said_so(sites: Sites) -> None:
    assert ask(sites, "dl.k8s.io/release/v1.0.0/bin/linux/amd64/kubectl") == (
        404,
        b"the lab's internet has no https://dl.k8s.io/release/v1.0.0/bin/linux/amd64/kubectl\n",
    )


def test_the_index_has_the_release_that_the_program_asks_for(sites: Sites) -> None:
    assert versions.OCI_CLI == OCI_CLI
    _, page = ask(sites, "pypi.org/simple/oci-cli/")
    assert f"packages/{WHEEL}#sha256={hashlib.sha256(wheel()).hexdigest()}" in page.decode()


def test_pip_installs_the_wheel(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(wheel())
    folder = tmp_path / "target"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", folder, tmp_path / WHEEL], check=True)  # noqa: S603
    assert (folder / "bin" / "oci").is_file()
