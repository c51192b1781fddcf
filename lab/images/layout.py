"""Writes images in the OCI layout: layers as deterministic archives, shared by their hash."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

_OCI = "application/vnd.oci.image"


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file (or, without a source, a folder) of a layer."""

    path: str
    source: Path | None
    mode: int
    owner: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A compressed layer in the layout's blobs."""

    digest: str
    size: int
    diff_id: str


class Layout:
    """A folder in the OCI layout that images are added to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._blobs = folder / "blobs" / "sha256"
        self._blobs.mkdir(parents=True, exist_ok=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self._manifests: list[dict[str, Any]] = []

    def add_layer(self, archive: Path) -> Layer:
        """An uncompressed archive becomes a layer."""
        draft = self._blobs / ".draft"
        diff = sha256()
        # No time and no name in the header, so that equal content has an equal digest.
        with (
            archive.open("rb") as source,
            draft.open("wb") as sink,
            gzip.GzipFile("", "wb", 1, sink, mtime=0) as packed,
        ):
            while block := source.read(1 << 20):
                diff.update(block)
                packed.write(block)
        with draft.open("rb") as written:
            digest = _file_digest(written)
        size = draft.stat().st_size
        draft.rename(self._blobs / digest)
        return Layer(digest=f"sha256:{digest}", size=size, diff_id=f"sha256:{diff.hexdigest()}")

    def add_image(self, name: str, config: dict[str, Any], layers: Iterable[Layer]) -> None:
        """An image of these layers under a name within the layout."""
        stack = list(layers)
        whole = {
            "architecture": "amd64",
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in stack]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": self._blob(whole, f"{_OCI}.config.v1+json"),
            "layers": [
                {"mediaType": f"{_OCI}.layer.v1.tar+gzip", "digest": x.digest, "size": x.size}
                for x in stack
            ],
        }
        reference = self._blob(manifest, f"{_OCI}.manifest.v1+json")
        reference["annotations"] = {"org.opencontainers.image.ref.name": name}
        self._manifests.append(reference)
        index = {"schemaVersion": 2, "manifests": self._manifests}
        (self.folder / "index.json").write_text(json.dumps(index))

    def _blob(self, content: dict[str, Any], media_type: str) -> dict[str, Any]:
        data = json.dumps(content, sort_keys=True).encode()
        digest = sha256(data).hexdigest()
        (self._blobs / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def write_archive(archive: Path, files: Iterable[File]) -> None:
    """The files with their parent folders; without times, so that it comes out equal each time."""
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as content:
        known: set[str] = set()
        for file in files:
            path = file.path.strip("/")
            for parent in reversed(Path(path).parents[:-1]):
                if str(parent) not in known:
                    known.add(str(parent))
                    content.addfile(_header(str(parent), 0o755))
            known.add(path)
            if file.source is None:
                content.addfile(_header(path, file.mode, file.owner))
                continue
            header = _header(path, file.mode, file.owner)
            header.type, header.size = tarfile.REGTYPE, file.source.stat().st_size
            with file.source.open("rb") as data:
                content.addfile(header, data)


def _header(path: str, mode: int, owner: int = 0) -> tarfile.TarInfo:
    header = tarfile.TarInfo(path)
    header.type, header.mode, header.uid, header.gid = tarfile.DIRTYPE, mode, owner, owner
    return header


def _file_digest(file: io.BufferedReader) -> str:
    digest = sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
