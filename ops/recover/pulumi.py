"""The pulumi program, as far as a killed update needs it."""

import json
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ops.errors import OpsError
from ops.pulumi import run_pulumi
from ops.recover.deployment import CREATING, Deployment, Document, Operation, Resource
from ops.recover.locks import told

_CREATES: Final = ("create", "create-replacement")
# What stands in a preview for a value that is not known yet.
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True, slots=True)
class Pulumi:
    """Runs pulumi on one stack of this project."""

    stack: str

    def export(self, *, with_secrets: bool = False) -> Deployment:
        """Return the state."""
        shown = ("--show-secrets",) if with_secrets else ()
        return Deployment(json.loads(self._ask("stack", "export", *shown)))

    def put(self, document: Document) -> None:
        """Replace the state, under the backend's lock; secrets stay as encrypted as they are."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "state.json"
            file.touch(mode=0o600)
            file.write_text(json.dumps(document))
            self._import(str(file))

    def read_again(self, urns: Iterable[str]) -> None:
        """Let the engine read these resources, which also clears every other note."""
        words = [word for urn in urns for word in ("--target", urn)]
        ran = self._run("refresh", "--yes", "--skip-preview", *words)
        if ran.returncode:
            said = (ran.stdout + ran.stderr).strip()
            raise OpsError(
                f"stack {self.stack}: what was found could not be read, got {said!r}; mend it and "
                "run `python -m ops recover` again"
            )

    def release(self) -> None:
        """Take away the locks of the stack."""
        self._ask("cancel", "--yes")

    def failed(self) -> set[str] | None:
        """Return what the last update that came to an end did if it failed, such as `delete`."""
        entries = json.loads(self._ask("stack", "history", "--json", "--page-size", "1"))
        if not entries or entries[0].get("result") != "failed":
            return None
        # A destruction that has failed at the first resource has not counted any.
        done = {"delete"} if entries[0].get("kind") == "destroy" else set()
        return done | set(entries[0].get("resourceChanges") or ())

    def given_up(self, deployment: Deployment) -> list[Operation]:
        """Return the creates that the next update would begin, other than those noted.

        One of them may have come to its end in the cloud after the engine gave it up, since the
        plugin that could have told of it was killed.
        """
        answer = json.loads(self._ask("preview", "--json"))
        noted = {each.resource.urn for each in deployment.operations}
        return [
            Operation(doing=CREATING, resource=Resource(document=_bare(step)), is_noted=False)
            for step in answer.get("steps") or ()
            if step["op"] in _CREATES and step["urn"] not in noted and _can_exist(step)
        ]

    def _import(self, file: str) -> None:
        try:
            self._ask("stack", "import", "--file", file)
        except OpsError as fault:
            # A backend that is no folder shows its locks only so.
            locks = told(str(fault))
            if not locks:
                raise
            for holder in locks:
                if not holder.is_gone:
                    raise OpsError(holder.refusal(self.stack)) from fault
            self.release()
            self._ask("stack", "import", "--file", file)

    def _ask(self, *words: str) -> str:
        ran = self._run(*words)
        if ran.returncode:
            said = (ran.stderr or ran.stdout).strip()
            raise OpsError(f"stack {self.stack}: `pulumi {words[0]}` failed, got {said!r}")
        return ran.stdout

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        asked = (*words, "--stack", self.stack, "--non-interactive")
        return run_pulumi(*asked, stdin=subprocess.DEVNULL)


def _bare(step: Any) -> Document:
    # A preview hides secrets, so that its inputs are good for a search and for nothing else.
    return {**step["newState"], "outputs": {}}


def _can_exist(step: Any) -> bool:
    """Return whether all that it depends on is known; else nothing can have been made of it."""
    return bool(step["newState"].get("custom")) and _UNKNOWN not in json.dumps(step["newState"])
