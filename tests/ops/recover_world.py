"""A stack that was killed: its state, and stand-ins for the programs that `ops recover` runs."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = "oke-mesh"
STACK = "test"
TAGS = {"project": PROJECT, "stack": STACK, "mesh": "m", "role": "network", "cluster": "a"}
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}

VCN = "oci:Core/vcn:Vcn"
SUBNET = "oci:Core/subnet:Subnet"
POOL = "oci:ContainerEngine/nodePool:NodePool"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
NAMESPACE = "kubernetes:core/v1:Namespace"
RELEASE = "kubernetes:helm.sh/v3:Release"
KEY = "tls:index/privateKey:PrivateKey"

Document = dict[str, Any]


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:{STACK}::{PROJECT}::okemesh:network:Network${kind}::{name}"


def resource(kind: str, name: str, identity: str = "", /, **inputs: Any) -> Document:
    """A resource as the engine writes it; without an id it is not made yet."""
    package = kind.partition(":")[0]
    made: Document = {
        "urn": urn(kind, name),
        "custom": True,
        "type": kind,
        "inputs": inputs,
        "parent": f"urn:pulumi:{STACK}::{PROJECT}::okemesh:network:Network::a",
        "provider": f"{provider(package)['urn']}::0d6a",
    }
    return {**made, "id": identity, "outputs": inputs} if identity else made


def provider(package: str, **inputs: Any) -> Document:
    kind = f"pulumi:providers:{package}"
    return {
        "urn": f"urn:pulumi:{STACK}::{PROJECT}::{kind}::{package}",
        "custom": True,
        "id": "0d6a",
        "type": kind,
        "inputs": inputs,
    }


def named(kind: str, name: str, identity: str = "", /, **inputs: Any) -> Document:
    """One that has a name and the stack's tags."""
    tags = {"displayName": name, "compartmentId": "ocid1.compartment", "freeformTags": TAGS}
    return resource(kind, name, identity, **tags, **inputs)


def state(*resources: Document, **pending: list[Document]) -> Document:
    """An exported state; operations by what they were doing."""
    root = {
        "urn": f"urn:pulumi:{STACK}::{PROJECT}::pulumi:pulumi:Stack::{PROJECT}-{STACK}",
        "custom": False,
        "type": "pulumi:pulumi:Stack",
    }
    return {
        "version": 3,
        "deployment": {
            "manifest": {"time": "2026-11-26T15:00:00Z"},
            "resources": [root, provider("oci", region="us-sanjose-1"), *resources],
            "pending_operations": [
                {"resource": each, "type": doing}
                for doing, list_ in pending.items()
                for each in list_
            ],
        },
    }


PULUMI = """\
#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
words = sys.argv[1:]
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(words) + "\\n")
command = " ".join(words[:2]) if words[0] == "stack" else words[0]
state = folder / "state.json"
if command == "stack import":
    locked = folder / "locked"
    if locked.exists():
        sys.exit(locked.read_text())
    state.write_text(pathlib.Path(words[words.index("--file") + 1]).read_text())
elif command == "stack export":
    print(state.read_text())
elif command == "cancel":
    (folder / "locked").unlink(missing_ok=True)
    for lock in folder.glob(".pulumi/locks/**/*.json"):
        lock.unlink()
elif command == "refresh":
    sys.exit((folder / "refresh").read_text() if (folder / "refresh").exists() else 0)
else:
    print((folder / command.replace(" ", "-")).read_text())
"""


@dataclass(frozen=True, slots=True)
class Killed:
    """The folder of a backend of files, with a `pulumi` that knows it."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Killed:
        program = folder / "pulumi"
        program.write_text(PULUMI.format(python=sys.executable, folder=str(folder)))
        program.chmod(0o755)
        made = cls(folder)
        made.answer("whoami", {"user": "me", "url": f"file://{folder}"})
        made.answer("stack-history", [{"result": "succeeded"}])
        return made

    def answer(self, name: str, document: Any) -> None:
        (self.folder / name).write_text(json.dumps(document))

    def put(self, document: Document) -> None:
        self.answer("state.json", document)

    @property
    def state(self) -> Document:
        found: Document = json.loads((self.folder / "state.json").read_text())["deployment"]
        return found

    def calls(self, command: str) -> list[list[str]]:
        lines = (self.folder / "calls").read_text().splitlines()
        return [words for words in map(json.loads, lines) if words[0] == command]

    def lock(self, **content: Any) -> Path:
        file = self.folder / f".pulumi/locks/organization/{PROJECT}/{STACK}/1.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
        return file
