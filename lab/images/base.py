"""The base of those images that need libraries: a small Debian, made once."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

from lab.errors import LabError
from lab.images.table import BASE_PACKAGES, BASE_SUITE, ISTIO_USER
from lab.toolchain.build import Say

ATTEMPTS = 3
"""Debian's mirrors now and then drop a connection, and mmdebstrap gives up at the first."""

_USER = f"istio-proxy:x:{ISTIO_USER}:{ISTIO_USER}::/var/lib/istio:/usr/sbin/nologin"
_GROUP = f"istio-proxy:x:{ISTIO_USER}:"
_HOOKS = (
    f'echo {_USER} >> "$1/etc/passwd"; echo {_GROUP} >> "$1/etc/group"',
    'rm -rf "$1/usr/share/doc" "$1/usr/share/man" "$1/usr/share/locale" "$1/var/cache/apt"',
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/log/*',
)


def ensure(store: Path, say: Say) -> Path:
    """An archive with the base's files."""
    recipe = repr((BASE_SUITE, BASE_PACKAGES, _HOOKS))
    target = store / f"base-{sha256(recipe.encode()).hexdigest()[:16]}.tar"
    if target.exists():
        return target
    say(f"base image: {BASE_SUITE} with {', '.join(BASE_PACKAGES)}")
    draft = target.with_name(f".{target.stem}.{os.getpid()}.tar")
    command = ["mmdebstrap", "--quiet", "--variant=essential"]
    command += [f"--include={','.join(BASE_PACKAGES)}"]
    command += [f"--customize-hook={hook}" for hook in _HOOKS]
    for remaining in reversed(range(ATTEMPTS)):
        answer = subprocess.run(
            [*command, BASE_SUITE, str(draft)],
            # A fixed time makes the archive the same on every machine for the same packages.
            env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode == 0:
            break
        draft.unlink(missing_ok=True)
        if not remaining:
            raise LabError(f"base image: mmdebstrap failed\n{answer.stderr.strip()}")
    draft.rename(target)
    return target
