"""What a computer of the lab has on its disk, and what its metadata service answers."""

from __future__ import annotations

import json
import os
from http import HTTPStatus
from pathlib import Path

import pytest

from lab.hosts.computer import image
from lab.hosts.computer.metadata import Service, tree
from lab.hosts.spec import Computer

DOCUMENTS = {
    "instance": json.dumps({"region": "iad", "metadata": {"oke_mesh": '{"a":1}'}}),
    "identity/cert.pem": "certificate",
}
COMPUTER = Computer(
    name="host",
    is_running=True,
    documents=DOCUMENTS,
    sites=("dl.k8s.io",),
    authorities_pem="authorities\n",
)


class Recorded(Service):
    """The service without its socket."""

    def __init__(self) -> None:
        self.documents = tree(DOCUMENTS)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/opc/v2/instance/", DOCUMENTS["instance"]),
        ("/opc/v2/instance/region", "iad"),
        ("/opc/v2/instance/metadata/oke_mesh", '{"a":1}'),
        ("/opc/v2/identity/cert.pem", "certificate"),
    ],
)
def test_every_part_of_the_metadata_has_a_path(path: str, text: str) -> None:
    assert Recorded().answer(path, "Bearer Oracle") == (HTTPStatus.OK, text)


def test_a_request_without_the_header_learns_nothing() -> None:
    status, text = Recorded().answer("/opc/v2/identity/cert.pem", None)
    assert (status, "certificate" in text) == (HTTPStatus.FORBIDDEN, False)


def test_the_older_version_of_the_service_is_off() -> None:
    assert Recorded().answer("/opc/v1/instance/region", "Bearer Oracle")[0] == HTTPStatus.NOT_FOUND


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "chown", lambda *_: None)
    image.write(tmp_path, COMPUTER)
    return tmp_path / "root"


def test_the_sites_are_found_and_trusted(root: Path) -> None:
    assert "198.18.126.1 dl.k8s.io\n" in (root / "etc/hosts").read_text()
    assert (root / image.TRUST[1:]).read_text() == "authorities\n"


def test_a_second_boot_keeps_what_the_first_has_written(root: Path) -> None:
    settings = root / "etc/ssh/sshd_config"
    settings.write_text("Port 2222\n")
    image.write(root.parent, COMPUTER)
    assert settings.read_text() == "Port 2222\n"


def test_nobody_signs_in_with_a_password(root: Path) -> None:
    passwords = [line.split(":")[1] for line in (root / "etc/shadow").read_text().splitlines()]
    assert set(passwords) == {"*"}
    assert (root / "etc/shadow").stat().st_mode & 0o777 == 0o600
