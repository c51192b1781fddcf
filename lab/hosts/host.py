"""A host as a plan: where it lies, which files it needs and which programs it runs."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.hosts import tunnel
from lab.hosts.addresses import PREFIX, digest
from lab.hosts.pki import Credential
from lab.hosts.process import File, Process
from lab.paths import LabPaths

HOSTS_FOLDER = "h"
"""Short, since paths of sockets below it may have 107 characters only."""
_LONGEST_SOCKET = "h/01234567/kubelet/pod-resources/kubelet.sock"
_SOCKET_LIMIT = 107


@dataclass(frozen=True, slots=True)
class Home:
    """The places of one host."""

    identity: str
    folder: Path
    logs: Path
    tool: Callable[[str], Path]

    @property
    def cgroup(self) -> str:
        """The control group of all that the host runs."""
        return f"{PREFIX}{digest(self.identity)}"

    @property
    def pki(self) -> Path:
        """Certificates and keys."""
        return self.folder / "pki"

    def log(self, program: str) -> Path:
        """Where a program's messages go."""
        return self.logs / f"{program}.log"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a host needs, in the order of its starting."""

    files: tuple[File, ...]
    processes: tuple[Process, ...]


def home(paths: LabPaths, identity: str, name: str) -> Home:
    """The places of the host with that identity; the name is for people."""
    mark = digest(identity)
    folder = paths.state / HOSTS_FOLDER / mark
    longest = len(str(paths.state / _LONGEST_SOCKET))
    if longest > _SOCKET_LIMIT:
        raise LabError(
            f"{paths.state}: too long a path, got {longest} characters to a node's sockets of at "
            f"most {_SOCKET_LIMIT}; use a checkout nearer to the root folder"
        )
    return Home(identity, folder, paths.logs / f"{name}-{mark}", paths.tool)


def as_yaml(document: Any) -> str:
    """A document for readers of YAML, of which JSON is a part."""
    return json.dumps(document, indent=1) + "\n"


def client_config(server: str, authority: Path, credential: Credential) -> str:
    """A kubeconfig that names its certificates by path."""
    return as_yaml(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "lab",
                    "cluster": {"server": server, "certificate-authority": str(authority)},
                }
            ],
            "users": [
                {
                    "name": "lab",
                    "user": {
                        "client-certificate": str(credential.certificate),
                        "client-key": str(credential.key),
                    },
                }
            ],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab"}}],
            "current-context": "lab",
        }
    )


def tunnel_argv(side: str, authority: Path, credential: Credential) -> tuple[str, ...]:
    """How a side of the tunnel is started: by this Python, apart from the user's settings."""
    return (
        sys.executable,
        "-I",
        str(Path(tunnel.__file__)),
        side,
        f"--authority={authority}",
        f"--certificate={credential.certificate}",
        f"--key={credential.key}",
    )


def webhook_config(server: str, authority_pem: str) -> str:
    """How the API server reaches the token webhook."""
    authority = base64.b64encode(authority_pem.encode()).decode()
    return as_yaml(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "webhook",
                    "cluster": {"server": server, "certificate-authority-data": authority},
                }
            ],
            "users": [{"name": "apiserver", "user": {}}],
            "contexts": [
                {"name": "webhook", "context": {"cluster": "webhook", "user": "apiserver"}}
            ],
            "current-context": "webhook",
        }
    )
