"""Keeps a schema in the user's cache, so that a plugin starts without reading an SDK again."""

from __future__ import annotations

import json
import os
import tempfile
from hashlib import sha256
from pathlib import Path

from sdks import hints, reader, schema
from sdks.reader import Selection, read_package, sdk_folder
from sdks.schema import PackageSchema


def load_package(selection: Selection) -> PackageSchema:
    """The schema of the selection: from the cache, else read from the SDK and kept there."""
    file = _folder() / f"{selection.package}-{_key(selection)}.json"
    if file.exists():
        return PackageSchema.from_json(json.loads(file.read_bytes()))
    package = read_package(selection)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Several plugins start at once: each writes its own file, and the rename decides.
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as out:
        json.dump(package.to_json(), out, separators=(",", ":"))
    Path(out.name).replace(file)
    return package


def _folder() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "oke-mesh" / "schemas"


def _key(selection: Selection) -> str:
    digest = sha256()
    for module in (hints, reader, schema):
        digest.update(Path(str(module.__file__)).read_bytes())
    digest.update((sdk_folder(selection.package) / "pulumi-plugin.json").read_bytes())
    digest.update(json.dumps([list(selection.resources), list(selection.functions)]).encode())
    return digest.hexdigest()[:16]
