"""The first program of a computer: what its image's init and cloud-init do of a boot.

Copied into the computer and run there: it must not import anything of the lab's. Of cloud-init's
work it does what an instance of Oracle's platform image is asked for here, in cloud-init's order:
the files of a cloud-config, host keys and their showing on the console, keys of who may sign in,
then sshd, and last, once and as root, the commands. Whatever else is asked for is told aloud.
"""

import base64
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

# Where `boot.py` puts the machine's own packages.
sys.path.append("/opt/lab/site-packages")
import yaml

METADATA = "http://169.254.169.254/opc/v2/instance/"
USER = "opc"
FINISHED = Path("/var/lib/cloud/instance/boot-finished")
HOST_KEYS = ("ed25519", "ecdsa")
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.1


def main() -> None:
    """Boot, then look after the processes of this computer until it is told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    instance = described()
    socket.sethostname(instance["hostname"])
    say(f"{instance['hostname']}: booting")
    wanted = configuration(instance)
    for file in wanted.get("write_files", ()):
        write_file(file)
    make_host_keys()
    allow(instance["metadata"].get("ssh_authorized_keys", ""))
    Path("/run/sshd").mkdir(exist_ok=True)
    sshd = start_sshd()
    commands = start_commands(wanted.get("runcmd", []))
    FINISHED.parent.mkdir(parents=True, exist_ok=True)
    FINISHED.touch()
    while True:
        ended, status = os.wait()
        if ended == sshd:
            say("sshd has ended; starting it anew")
            time.sleep(PAUSE_SECONDS)
            sshd = start_sshd()
        elif ended == commands:
            say(f"commands have ended with status {os.waitstatus_to_exitcode(status)}")


def described() -> dict[str, Any]:
    """Return what the metadata service says of this instance."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    request = urllib.request.Request(METADATA, headers={"Authorization": "Bearer Oracle"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError as fault:
            if time.monotonic() > deadline:
                sys.exit(f"no metadata: {fault}")
            time.sleep(PAUSE_SECONDS)


def make_host_keys() -> None:
    """Make the keys at the first boot, and show them where only the owner of the cloud looks."""
    files = [Path(f"/etc/ssh/ssh_host_{kind}_key") for kind in HOST_KEYS]
    for kind, file in zip(HOST_KEYS, files, strict=True):
        if not file.exists():
            run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", f"root@{USER}", "-f", str(file))
    say("-----BEGIN SSH HOST KEY KEYS-----")
    for file in files:
        say(file.with_suffix(".pub").read_text().strip())
    say("-----END SSH HOST KEY KEYS-----")


def allow(keys: str) -> None:
    """Let the owners of these keys sign in as the image's user."""
    file = Path("/home") / USER / ".ssh" / "authorized_keys"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_text(keys.strip() + "\n")
    for path in (file.parent, file):
        os.chown(path, file.parents[1].stat().st_uid, file.parents[1].stat().st_gid)


def start_sshd() -> int:
    """Start the server, in the foreground of a process of its own."""
    return subprocess.Popen(["/usr/sbin/sshd", "-D", "-e"]).pid


def configuration(instance: dict[str, Any]) -> dict[str, Any]:
    """Return what the user data asks of the first boot; nothing at a later one."""
    data = base64.b64decode(instance["metadata"].get("user_data", "")).decode()
    if FINISHED.exists() or not data:
        return {}
    if not data.startswith("#cloud-config\n"):
        say(f"user data is no cloud-config, and nothing else is known here: {data[:40]!r}")
        return {}
    found: dict[str, Any] = yaml.safe_load(data)
    for key in found.keys() - {"write_files", "runcmd"}:
        say(f"cloud-config: {key} is not known here, and left out")
    return found


def write_file(wanted: dict[str, str]) -> None:
    """Write a file of the cloud-config, whose owner is root."""
    path = Path(wanted["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(wanted["content"])
    path.chmod(int(wanted.get("permissions", "0644"), 8))


def start_commands(commands: list[list[str]]) -> int:
    """Start the commands of the cloud-config, one after the other, and return their process."""
    lines = "\n".join(map(shlex.join, commands))
    # A computer has processors of its own; this one shares them with all of the lab.
    return subprocess.Popen(["nice", "-n", "10", "sh", "-c", lines], cwd="/").pid


def run(*command: str) -> None:
    """Run a program of this computer's to its end."""
    subprocess.run(command, check=True)


def say(text: str) -> None:
    """Write to the console."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
