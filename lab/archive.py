"""The state of the lab that was: `down` moves it aside, so that the next one starts from nothing.

A cluster's data ends with its hosts, so a cloud or a stack that goes on believing in it would be
wrong. One generation is kept, to look things up in.
"""

from __future__ import annotations

import shutil

from lab.paths import LabPaths


def keep(paths: LabPaths) -> bool:
    """Moves the cloud's and the stack's state to the last generation; False if there is none."""
    found = [
        file
        for file in (
            paths.cloud_state,
            paths.cloud_state.with_suffix(".bak"),
            paths.pulumi_state,
            paths.project,
            paths.kubeconfig,
        )
        if file.exists()
    ]
    if not found:
        return False
    # An interrupted move goes on where it was: what has moved is not found a second time.
    draft = paths.last.with_name("last.new")
    draft.mkdir(parents=True, exist_ok=True)
    for file in found:
        file.rename(draft / file.name)
    if paths.passphrase.exists():
        # It stays in use; the copy keeps the kept state readable, whatever becomes of the other.
        shutil.copy2(paths.passphrase, draft)
    shutil.rmtree(paths.last, ignore_errors=True)
    draft.rename(paths.last)
    return True
