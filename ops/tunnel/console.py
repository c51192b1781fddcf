"""The keys of a host from its console, which only who may manage the instance can read.

cloud-init shows them there at the first boot,
https://cloudinit.readthedocs.io/en/latest/reference/modules.html#keys-to-console
"""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from ops.errors import OpsError

_POLL_SECONDS: Final = 5.0
# The most that the API gives at once, and all that it keeps.
_MOST_BYTES: Final = 1024 * 1024
_SHOWN: Final = re.compile(
    r"-----BEGIN SSH HOST KEY KEYS-----(.*?)-----END SSH HOST KEY KEYS-----", re.DOTALL
)
_KEY: Final = re.compile(r"\b((?:ssh|ecdsa)-[a-z0-9-]+ AAAA[A-Za-z0-9+/]+=*)")
_INSTALL: Final = "activate the virtual environment of oke-mesh, or install the OCI command line"
_REMEDY: Final = (
    "let whoever deploys manage instance-family in the host's compartment, or set "
    "access.hostVerification to firstUse"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Console:
    """The console of an instance, read by the OCI command line."""

    instance_id: str
    region: str
    sign_in: Sequence[str] = ()
    """Options of the command line."""

    def host_keys(self, seconds: float) -> list[str]:
        """Return the public keys of its ssh server, each as `type key`, once it has shown them.

        Raises:
            OpsError: it has not within `seconds`, or its console cannot be read.
        """
        deadline = time.monotonic() + seconds
        while True:
            if found := shown_keys(self._history()):
                return found
            if time.monotonic() > deadline:
                raise OpsError(
                    f"console of {self.instance_id}: has shown no ssh host keys in "
                    f"{seconds:.0f} s; look at it in the console of Oracle Cloud, or set "
                    "access.hostVerification to firstUse"
                )
            time.sleep(_POLL_SECONDS)

    def _history(self) -> str:
        captured = self._oci(
            *("capture", "--instance-id", self.instance_id, "--wait-interval-seconds", "2"),
            *("--wait-for-state", "SUCCEEDED", "--wait-for-state", "FAILED"),
        )
        history = ("--instance-console-history-id", str(_data(captured)["id"]))
        try:
            content = ("--file", "-", "--length", str(_MOST_BYTES))
            return self._oci("get-content", *history, *content)
        finally:
            # What is left of it costs nothing and goes with the instance.
            with suppress(OpsError):
                self._oci("delete", "--force", *history)

    def _oci(self, *words: str) -> str:
        program = shutil.which("oci")
        if program is None:
            raise OpsError(f"oci is not on PATH; {_INSTALL}")
        line = ["compute", "console-history", *words, "--region", self.region, *self.sign_in]
        done = subprocess.run(  # noqa: S603 own words and the settings', no shell
            [program, *line],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise OpsError(
                f"console of {self.instance_id}: cannot be read, oci said {said!r}; {_REMEDY}"
            )
        return done.stdout


def shown_keys(console: str) -> list[str]:
    """Return the keys that were shown last, without names, in their order."""
    blocks = _SHOWN.findall(console)
    return list(dict.fromkeys(_KEY.findall(blocks[-1]))) if blocks else []


def _data(answer: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(answer)["data"]
    return data
