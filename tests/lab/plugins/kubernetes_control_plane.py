"""A real etcd, API server and controller manager on loopback, for tests that need their word."""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
import json
import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from lab.errors import LabError
from lab.paths import LabPaths
from tests.support.ports import LOOPBACK, free_ports

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager")
TOKEN = "made-up-token-of-an-administrator"
START_TIMEOUT_S = 60
HTTP_OK = 200


@dataclass(frozen=True)
class ControlPlane:
    """Where it listens, and how to sign in."""

    server: str
    authority: bytes

    def kubeconfig(self) -> str:
        """An administrator's kubeconfig as text."""
        authority = base64.b64encode(self.authority).decode()
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
                "clusters": [
                    {
                        "name": "test",
                        "cluster": {
                            "server": self.server,
                            "certificate-authority-data": authority,
                        },
                    }
                ],
                "users": [{"name": "admin", "user": {"token": TOKEN}}],
            }
        )


def find_programs() -> dict[str, str]:
    """The programs by name; `LabError` names the one that is missing."""
    paths = LabPaths.locate()
    extra = os.environ.get("OKE_MESH_TEST_BIN")
    return {name: shutil.which(name, path=extra) or str(paths.tool(name)) for name in PROGRAMS}


def why_not_here() -> str | None:
    """The reason why no control plane can run here; None if it can."""
    try:
        find_programs()
    except LabError as error:
        return str(error)
    return None


@contextlib.contextmanager
def run_control_plane(folder: Path) -> Iterator[ControlPlane]:
    """Start the three programs in the folder and end them again."""
    programs, ports = find_programs(), free_ports(4)
    pki = Pki(folder / "pki")
    plane = ControlPlane(
        server=f"https://{LOOPBACK}:{ports[2]}",
        authority=pki.authority.public_bytes(serialization.Encoding.PEM),
    )
    (folder / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n")
    (folder / "kubeconfig").write_text(plane.kubeconfig())
    with contextlib.ExitStack() as stack:
        for name, words in _commands(folder, ports).items():
            stack.enter_context(_running([programs[name], *words], folder / f"{name}.log"))
            if name == "kube-apiserver":
                _wait_ready(plane, folder)
        yield plane


def _commands(folder: Path, ports: Sequence[int]) -> dict[str, list[str]]:
    pki, etcd = folder / "pki", f"http://{LOOPBACK}:{ports[0]}"
    peer = f"http://{LOOPBACK}:{ports[1]}"
    return {
        "etcd": [
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
        ],
        "kube-apiserver": [
            f"--etcd-servers={etcd}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={ports[2]}",
            f"--tls-cert-file={pki / 'server.crt'}",
            f"--tls-private-key-file={pki / 'server.key'}",
            f"--client-ca-file={pki / 'ca.crt'}",
            f"--token-auth-file={folder / 'tokens.csv'}",
            f"--service-account-key-file={pki / 'accounts.key'}",
            f"--service-account-signing-key-file={pki / 'accounts.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
        ],
        "kube-controller-manager": [
            f"--kubeconfig={folder / 'kubeconfig'}",
            f"--service-account-private-key-file={pki / 'accounts.key'}",
            f"--root-ca-file={pki / 'ca.crt'}",
            f"--secure-port={ports[3]}",
            f"--bind-address={LOOPBACK}",
            "--use-service-account-credentials",
            "--leader-elect=false",
        ],
    }


@contextlib.contextmanager
def _running(words: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as out,
        subprocess.Popen(words, stdout=out, stderr=out) as process,  # noqa: S603 - our own words
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_ready(plane: ControlPlane, folder: Path) -> None:
    trust = ssl.create_default_context(cadata=plane.authority.decode())
    signed = {"Authorization": f"Bearer {TOKEN}"}
    deadline = time.monotonic() + START_TIMEOUT_S
    with urllib3.PoolManager(ssl_context=trust, headers=signed) as pool:
        while True:
            try:
                if pool.request("GET", f"{plane.server}/readyz", retries=False).status == HTTP_OK:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            if time.monotonic() > deadline:
                log = (folder / "kube-apiserver.log").read_text()[-2000:]
                raise TimeoutError(f"API server not ready after {START_TIMEOUT_S} s\n{log}")
            # The server offers no event for its start; its port opens within seconds.
            time.sleep(0.1)


class Pki:
    """An authority, a server's and an administrator's certificate, and a key for accounts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._key = self._write_key("ca")
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self.authority = (
            self._builder(name, self._key.public_key(), name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self._write("ca", self.authority)
        self._issue("server", "kube-apiserver")
        self._write_key("accounts")

    def _issue(self, file: str, common_name: str) -> None:
        key = self._write_key(file)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        addresses = [x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
        certificate = (
            self._builder(name, key.public_key(), self.authority.subject)
            .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self._write(file, certificate)

    @staticmethod
    def _builder(
        subject: x509.Name, key: rsa.RSAPublicKey, issuer: x509.Name
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    def _write(self, file: str, certificate: x509.Certificate) -> None:
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        (self.folder / f"{file}.crt").write_bytes(pem)

    def _write_key(self, file: str) -> rsa.RSAPrivateKey:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (self.folder / f"{file}.key").write_bytes(pem)
        return key
