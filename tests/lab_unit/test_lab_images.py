"""Images: what a layer and a manifest say, and when images are built again."""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from components.versions import CURL, HELLOWORLD
from lab.images import mirror, registry
from lab.images.layout import File, Layout, write_archive
from lab.images.table import IMAGES
from lab.toolchain.pins import GO_TOOLS, ISTIO

NAMES = [name for image in IMAGES for name in image.names]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    program = tmp_path / "program"
    program.write_text("content")
    target = tmp_path / "layer.tar"
    files = [
        File(path="/usr/local/bin/tool", source=program, mode=0o755),
        File(path="/etc/proxy", source=None, mode=0o755, owner=1337),
    ]
    write_archive(target, files)
    return target


def read(layout: Layout, digest: str) -> dict[str, Any]:
    blob = layout.folder / "blobs" / digest.replace(":", "/")
    content: dict[str, Any] = json.loads(blob.read_text())
    return content


def manifest(layout: Layout) -> dict[str, Any]:
    index = json.loads((layout.folder / "index.json").read_text())
    return read(layout, index["manifests"][0]["digest"])


def test_a_layer_holds_files_below_their_folders(archive: Path) -> None:
    with tarfile.open(archive) as content:
        names = content.getnames()
    assert names == ["usr", "usr/local", "usr/local/bin", "usr/local/bin/tool", "etc", "etc/proxy"]


def test_a_folder_belongs_to_its_owner(archive: Path) -> None:
    with tarfile.open(archive) as content:
        found = content.getmember("etc/proxy")
    assert (found.isdir(), found.uid, found.gid) == (True, 1337, 1337)


def test_equal_files_make_equal_layers(archive: Path, tmp_path: Path) -> None:
    one, other = (Layout(tmp_path / name).add_layer(archive) for name in ("one", "other"))
    assert one == other


def test_a_layer_is_named_by_what_is_stored_and_by_what_is_in_it(
    archive: Path, tmp_path: Path
) -> None:
    layout = Layout(tmp_path / "layout")
    layer = layout.add_layer(archive)
    stored = (layout.folder / "blobs" / layer.digest.replace(":", "/")).read_bytes()
    assert layer.digest == f"sha256:{hashlib.sha256(stored).hexdigest()}"
    inside = hashlib.sha256(gzip.decompress(stored)).hexdigest()
    assert layer.diff_id == f"sha256:{inside}"


def test_a_manifest_lists_its_layers_in_order(archive: Path, tmp_path: Path) -> None:
    layout = Layout(tmp_path / "layout")
    layer = layout.add_layer(archive)
    layout.add_image("x", {"User": "0"}, [layer, layer])
    assert [entry["digest"] for entry in manifest(layout)["layers"]] == [layer.digest] * 2


def test_a_config_tells_how_an_image_starts(archive: Path, tmp_path: Path) -> None:
    layout = Layout(tmp_path / "layout")
    layout.add_image("x", {"Entrypoint": ["/tool"]}, [layout.add_layer(archive)])
    config = read(layout, manifest(layout)["config"]["digest"])
    assert config["config"] == {"Entrypoint": ["/tool"]}


def test_no_two_images_share_a_name() -> None:
    assert [name for name, count in Counter(NAMES).items() if count > 1] == []


@pytest.mark.parametrize(
    "name",
    [
        f"docker.io/istio/pilot:{ISTIO}",
        f"docker.io/istio/proxyv2:{ISTIO}",
        f"registry.istio.io/release/proxyv2:{ISTIO}",
        f"docker.io/istio/examples-helloworld-v1:{HELLOWORLD}",
        f"docker.io/istio/examples-helloworld-v2:{HELLOWORLD}",
        f"docker.io/curlimages/curl:{CURL}",
    ],
)
def test_what_the_program_pulls_is_built_under_its_name(name: str) -> None:
    assert name in NAMES


def test_every_program_in_an_image_is_one_of_the_toolchain() -> None:
    known = {tool.name for tool in GO_TOOLS} | {"envoy"}
    used = {entry.tool for image in IMAGES for entry in image.entries if entry.tool}
    assert used - known == set()


def test_every_registry_of_an_image_is_mirrored() -> None:
    assert {name.partition("/")[0] for name in NAMES} - set(mirror.MIRRORED) == set()


def test_a_node_pulls_from_the_local_registry(tmp_path: Path) -> None:
    mirror.write(tmp_path, address="198.18.0.1", port=5)
    assert (tmp_path / "docker.io" / "hosts.toml").read_text() == (
        'server = "http://198.18.0.1:5"\n\n'
        '[host."http://198.18.0.1:5"]\n  capabilities = ["pull", "resolve"]\n'
    )


def test_the_registry_of_a_running_lab_takes_no_images(tmp_path: Path) -> None:
    settings = json.loads(registry.configuration(tmp_path, 5, read_only=True))
    assert settings["storage"]["maintenance"] == {"readonly": {"enabled": True}}


def test_the_registry_listens_on_the_loopback_address_only(tmp_path: Path) -> None:
    settings = json.loads(registry.configuration(tmp_path, 5, read_only=True))
    assert settings["http"] == {"addr": "127.0.0.1:5"}
