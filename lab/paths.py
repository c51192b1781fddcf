"""Where everything of the lab lies: state in the checkout, programs in the user's cache.

The cache folder is keyed by the pins of the toolchain, so that checkouts with the same pins
share their programs and a changed pin never meets an old program.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from lab.errors import LabError

MANAGEMENT_ADDRESS = "198.18.0.1"
"""Where the lab's machines find the OCI API, the registry and the token webhook."""

PUBLIC_RANGE = "198.18.128.0/24"
"""Public addresses of the lab's internet, out of the range that RFC 2544 keeps for test networks.

Not one of the documentation ranges, which some machines use for their own way out.
"""

CLIENT_ADDRESS = "198.18.127.1"
"""The machine as a client on the lab's internet; firewalls see it like any other stranger."""

SITES_ADDRESS = "198.18.126.1"
"""Where the lab's internet has the vendor's endpoints, and the sites that programs come from."""

API_PORT = 17443
PROXY_PORT = 17480
WEBHOOK_PORT = 17444
SITES_PORT = 17445
REGISTRY_PORT = 17500

MODULES = Path(__file__).parent / "toolchain" / "modules"
PINS = Path(__file__).parent / "toolchain" / "pins.py"


@dataclass(frozen=True, slots=True)
class LabPaths:
    """The folders of one checkout's lab; nothing is created by asking for a path."""

    root: Path
    """The checkout."""
    cache: Path
    """Programs, charts and images of the current pins."""

    @classmethod
    def locate(cls) -> LabPaths:
        """The paths of this checkout and this user."""
        root = Path(__file__).resolve().parent.parent
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cls(root=root, cache=base / "oke-mesh" / pins_key())

    @property
    def state(self) -> Path:
        """Everything that a run makes; git ignores it."""
        return self.root / ".lab"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """Sockets, pid files and the lock."""
        return self.state / "run"

    @property
    def daemon_pid(self) -> Path:
        return self.run / "daemon.pid"

    @property
    def registry_pid(self) -> Path:
        return self.run / "registry.pid"

    @property
    def forwarder_pid(self) -> Path:
        return self.run / "forwarder.pid"

    @property
    def authority(self) -> Path:
        """The lab's certificate authority, in PEM: what `SSL_CERT_FILE` adds to."""
        return self.state / "ca.pem"

    @property
    def trust(self) -> Path:
        """The system's authorities and the lab's own in one file."""
        return self.state / "trust.pem"

    @property
    def oci_config(self) -> Path:
        """An OCI configuration file with a profile that the lab's API accepts."""
        return self.state / "oci" / "config"

    @property
    def cloud_state(self) -> Path:
        """Every resource of the lab's cloud."""
        return self.state / "cloud.json"

    @property
    def hosts(self) -> Path:
        """What the hosts keep while they live; the name is short because sockets lie in it."""
        return self.state / "h"

    @property
    def last(self) -> Path:
        """The state of the lab that was taken down last."""
        return self.state / "last"

    @property
    def kubeconfig(self) -> Path:
        """A context for each cluster of the stack; written by `make up`."""
        return self.state / "kubeconfig"

    @property
    def ssh_key(self) -> Path:
        """The key that signs in to the lab's computers; `Pulumi.lab.yaml` names it likewise."""
        return self.state / "ssh" / "id_ed25519"

    @property
    def user_state(self) -> Path:
        """What programs of this checkout's lab keep instead of in the user's own folder."""
        return self.state / "user"

    @property
    def passphrase(self) -> Path:
        return self.state / "passphrase"

    @property
    def pulumi_home(self) -> Path:
        return self.state / "pulumi"

    @property
    def pulumi_state(self) -> Path:
        return self.state / "state-pulumi"

    @property
    def project(self) -> Path:
        """A copy of the project and of the lab stack's settings, for what the engine writes."""
        return self.state / "project"

    @property
    def committed_settings(self) -> Path:
        """The description that the stack is made of."""
        return self.root / "Pulumi.lab.yaml"

    @property
    def stack_settings(self) -> Path:
        return self.project / "Pulumi.lab.yaml"

    @property
    def wrappers(self) -> Path:
        """What goes first on PATH: the `pulumi` of this checkout."""
        return self.state / "path"

    @property
    def engine(self) -> Path:
        """The engine and, beside it, its language host."""
        return self.state / "engine"

    @property
    def plugins(self) -> Path:
        """Executables of the lab's own resource plugins."""
        return self.state / "plugins"

    @property
    def store(self) -> Path:
        """Built programs by their own key; shared between the pins that agree on them."""
        return self.cache.parent / "store"

    @property
    def bin(self) -> Path:
        """The programs of the current pins."""
        return self.cache / "bin"

    def program(self, name: str) -> Path:
        """Where a built program is looked for; resource plugins are not to be found on PATH."""
        is_plugin = name.startswith("pulumi-resource-")
        return (self.cache / "plugins" if is_plugin else self.bin) / name

    @property
    def images(self) -> Path:
        """Built images as archives, and the registry's storage."""
        return self.cache / "images"

    @property
    def registry(self) -> Path:
        return self.images / "registry"

    @property
    def charts(self) -> Path:
        """Istio's Helm charts; `Pulumi.lab.yaml` names this folder relative to the checkout."""
        return self.state / "charts"

    @property
    def samples(self) -> Path:
        """Istio's samples and addons."""
        return self.cache / "istio" / "samples"

    def tool(self, name: str) -> Path:
        """The program of that name: the lab's own, else the one on PATH."""
        own = self.bin / name
        if own.exists():
            return own
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/lib/cni")
        if found is None:
            raise LabError(f"{name}: not built and not on PATH; run `python -m lab build`")
        return Path(found)


@cache
def pins_key() -> str:
    """A short hash of every pin: the committed module files and the tables beside them."""
    digest = sha256()
    for file in [PINS, *sorted(p for p in MODULES.rglob("*") if p.is_file())]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
