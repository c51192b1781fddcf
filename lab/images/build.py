"""Builds every image of the table and pushes it into the registry's storage, once for each state
of the programs and files that go into them."""

from __future__ import annotations

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from lab.errors import LabError
from lab.images import base, registry
from lab.images.layout import File, Layer, Layout, write_archive
from lab.images.table import IMAGES, SEARCH, Entry, Image
from lab.paths import LabPaths
from lab.toolchain.build import Say
from lab.toolchain.ensure import program_key


def ensure(paths: LabPaths, say: Say) -> None:
    """Everything at once: the storage appears by a rename, whole."""
    target = stored(paths)
    if not target.exists():
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            _build(paths, draft, say)
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    _point(paths.images, target)


def stored(paths: LabPaths) -> Path:
    """Where the images of this table and these programs lie."""
    digest = sha256(repr(IMAGES).encode())
    for entry in sorted({e for image in IMAGES for e in image.entries}, key=lambda e: e.path):
        source = _source(paths, entry)
        if entry.tool is not None:
            digest.update(program_key(entry.tool).encode())
        elif source is not None:
            digest.update(source.read_bytes())
    return paths.store / f"images-{digest.hexdigest()[:16]}"


def _build(paths: LabPaths, draft: Path, say: Say) -> None:
    layout = Layout(draft / "layout")
    bottom = layout.add_layer(base.ensure(paths.store, say))
    storage = draft / "registry"
    with registry.writable(paths, storage) as port:
        for number, image in enumerate(IMAGES, 1):
            say(f"[{number}/{len(IMAGES)}] image {image.names[0]}")
            layers = [bottom] if image.has_base else []
            layers += _own_layer(paths, layout, image)
            layout.add_image(f"image-{number}", _config(image), layers)
            for name in image.names:
                _push(f"oci:{layout.folder}:image-{number}", name, port)
    shutil.rmtree(layout.folder)


def _own_layer(paths: LabPaths, layout: Layout, image: Image) -> list[Layer]:
    if not image.entries:
        return []
    files = [
        File(path=e.path, source=_source(paths, e), mode=e.mode, owner=e.owner)
        for e in image.entries
    ]
    archive = layout.folder / "layer.tar"
    write_archive(archive, files)
    layer = layout.add_layer(archive)
    archive.unlink()
    return [layer]


def _source(paths: LabPaths, entry: Entry) -> Path | None:
    if entry.tool is not None:
        return paths.tool(entry.tool)
    if entry.istio_file is not None:
        return paths.cache / "istio" / entry.istio_file
    return None


def _config(image: Image) -> dict[str, object]:
    return {
        "Entrypoint": list(image.entrypoint),
        "Cmd": list(image.command),
        "Env": [SEARCH, *image.environment],
        "User": image.user,
        "Labels": image.labels,
    }


def _push(source: str, name: str, port: int) -> None:
    path = name.partition("/")[2]
    answer = subprocess.run(
        [
            "skopeo",
            "copy",
            "--quiet",
            "--dest-tls-verify=false",
            "--insecure-policy",
            source,
            f"docker://{registry.LOOPBACK}:{port}/{path}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise LabError(f"image {name}: could not be pushed; {answer.stderr.strip()}")


def _point(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)
