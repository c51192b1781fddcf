"""The lab's internet: the vendor's endpoints, and the sites where a computer gets its programs.

The sites have what the lab itself runs, under the paths and with the checksums of the real ones:
kubectl, istioctl, and the vendor's command line as a package. Whatever else is asked for is not
found, and said so.
"""

from __future__ import annotations

import base64
import hashlib
import io
import platform
import tarfile
import zipfile
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path

from lab.cloud.cloud import Cloud, Raw
from lab.cloud.router import Reply
from lab.cloud.server import is_endpoint
from lab.toolchain.pins import ISTIO, KUBERNETES

PACKAGES = "/opt/lab/site-packages"
"""Where a computer has the packages of the machine's Python, which the wheel leads to."""

OCI_CLI = version("oci-cli")
WHEEL = f"oci_cli-{OCI_CLI}-py3-none-any.whl"
_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
_KUBECTL = f"dl.k8s.io/release/v{KUBERNETES}/bin/linux/{_ARCHITECTURE}/kubectl"
_ISTIOCTL = (
    f"github.com/istio/istio/releases/download/{ISTIO}"
    f"/istioctl-{ISTIO}-linux-{_ARCHITECTURE}.tar.gz"
)


class Sites:
    """Answers for every host of the lab's internet."""

    def __init__(self, cloud: Cloud, tool: Callable[[str], Path]) -> None:
        self._cloud = cloud
        self._tool = tool

    def answer(self, raw: Raw) -> Reply:
        """The reply of the host that is asked."""
        host = raw.headers.get("host", "").removesuffix(":443")
        if is_endpoint(host):
            return self._cloud.answer(raw)
        content = self._content(f"{host}{raw.path}")
        if content is None:
            text = f"the lab's internet has no https://{host}{raw.path}\n"
            return Reply(status=HTTPStatus.NOT_FOUND, body=text.encode(), content_type="text/plain")
        is_page = content.startswith(b"<!DOCTYPE")
        kind = "text/html" if is_page else "application/octet-stream"
        return Reply(body=content, content_type=kind)

    def _content(self, place: str) -> bytes | None:
        if place.endswith(".sha256"):
            file = self._content(place.removesuffix(".sha256"))
            return file and f"{hashlib.sha256(file).hexdigest()}\n".encode()
        makers: dict[str, Callable[[], bytes]] = {
            _KUBECTL: self._tool("kubectl").read_bytes,
            _ISTIOCTL: lambda: self._istioctl,
            "pypi.org/simple/oci-cli/": index,
            f"files.pythonhosted.org/packages/{WHEEL}": wheel,
        }
        return makers[place]() if place in makers else None

    @cached_property
    def _istioctl(self) -> bytes:
        """Packed once and not squeezed, for it goes nowhere but over this machine's memory."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=0) as archive:
            archive.add(self._tool("istioctl"), "istioctl")
        return buffer.getvalue()


def index() -> bytes:
    """The package index's page of the one package that it has."""
    link = f"https://files.pythonhosted.org/packages/{WHEEL}"
    digest = hashlib.sha256(wheel()).hexdigest()
    return f'<!DOCTYPE html>\n<a href="{link}#sha256={digest}">{WHEEL}</a>\n'.encode()


def wheel() -> bytes:
    """The vendor's command line; its modules are those that the machine has already."""
    folder = f"oci_cli-{OCI_CLI}.dist-info"
    files = {
        "oci_cli_of_the_lab.pth": f"{PACKAGES}\n",
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: oci-cli\nVersion: {OCI_CLI}\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder}/entry_points.txt": "[console_scripts]\noci = oci_cli.cli:cli\n",
    }
    record = "".join(f"{name},{_digest(text)},{len(text)}\n" for name, text in files.items())
    files[f"{folder}/RECORD"] = f"{record}{folder}/RECORD,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            # Always of the same date, so that the page's checksum is that of the file.
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def _digest(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={digest.decode().rstrip('=')}"
