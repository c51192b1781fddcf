"""What lies on the disk of a computer before its first boot: the platform image, as far as used.

Programs are the machine's (`boot.py`); users, settings and everything that is written are here.
Like Oracle's images it has a user `opc` who may become root, and an ssh server for keys alone.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from lab.hosts.computer import boot, init
from lab.hosts.process import File, write_files
from lab.hosts.spec import Computer
from lab.paths import SITES_ADDRESS

USER, USER_ID = "opc", 1000
TRUST = "/etc/ssl/certs/ca-certificates.crt"
BOOT = Path(boot.__file__)
_TRUSTING = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
"""Each program reads one of these; the image's own bundle has the lab's authority."""
_TAKEN_OVER = (
    *("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "login.defs"),
    *("nsswitch.conf", "pam.d", "security", "services", "protocols", "terminfo", "inputrc"),
)
"""What the machine's programs find of their own settings."""
_FOLDERS = ("dev", "proc", "run", "usr", "opt", "root", "var/log", "var/lib", "var/tmp", "tmp")

_USERS = f"""\
root:x:0:0:root:/root:/bin/bash
sshd:x:101:65534:sshd:/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
{USER}:x:{USER_ID}:{USER_ID}:Oracle Public Cloud User:/home/{USER}:/bin/bash
"""
_GROUPS = f"root:x:0:\ntty:x:5:\nshadow:x:42:\nnogroup:x:65534:\n{USER}:x:{USER_ID}:\n"
_PASSWORDS = "".join(f"{name}:*:20000:0:99999:7:::\n" for name in ("root", "sshd", "nobody", USER))
_PROFILE = f"""\
export PATH={boot.SEARCH}
[ -z "$PS1" ] || PS1='[\\u@\\h \\W]\\$ '
for file in /etc/profile.d/*.sh; do [ -r "$file" ] && . "$file"; done
unset file
"""
_SSHD = f"""\
Include /etc/ssh/sshd_config.d/*.conf
HostKey /etc/ssh/ssh_host_ed25519_key
HostKey /etc/ssh/ssh_host_ecdsa_key
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
UsePAM no
SetEnv {" ".join(f"{name}={TRUST}" for name in _TRUSTING)}
"""


def write(folder: Path, computer: Computer) -> None:
    """Writes the disk of a new computer; one that has booted keeps what it has made of it."""
    root, local = folder / "root", folder / "local"
    if not (root / "etc" / "passwd").exists():
        for name in _FOLDERS:
            (root / name).mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "var/tmp"):
            (root / name).chmod(0o1777)
        _take_over(root / "etc")
        # Not by a link, beside which Python would look for the rest of itself.
        python = f'#!/bin/sh\nexec {sys.base_prefix}/bin/python3 "$@"\n'
        write_files([File(path=local / "bin" / "python3", text=python, mode=0o755)])
        _make_home(root)
        write_files(_files(root))
    write_files(_of_the_lab(root, computer))


def _take_over(target: Path) -> None:
    target.mkdir(exist_ok=True)
    for name in _TAKEN_OVER:
        source = Path("/etc") / name
        if source.is_dir():
            shutil.copytree(source, target / name, symlinks=True, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, target / name)


def _make_home(root: Path) -> None:
    home = root / "home" / USER
    home.mkdir(parents=True, exist_ok=True)
    os.chown(home, USER_ID, USER_ID)


def _files(root: Path) -> tuple[File, ...]:
    etc = root / "etc"
    keep = f'Defaults env_keep += "{" ".join(_TRUSTING)}"'
    search = f'Defaults secure_path="{boot.SEARCH}"'
    return (
        File(path=etc / "group", text=_GROUPS),
        File(path=etc / "shadow", text=_PASSWORDS, mode=0o600),
        File(path=etc / "profile", text=_PROFILE),
        File(
            path=etc / "profile.d" / "lab.sh",
            text="".join(f"export {name}={TRUST}\n" for name in _TRUSTING),
        ),
        File(
            path=etc / "sudoers",
            text=f"{keep}\n{search}\nroot ALL=(ALL) ALL\n{USER} ALL=(ALL) NOPASSWD: ALL\n",
            mode=0o440,
        ),
        File(path=etc / "ssh" / "sshd_config", text=_SSHD),
        File(path=root / "var" / "log" / "lastlog", text=""),
        File(path=etc / "os-release", text='ID="lab"\nPRETTY_NAME="the lab\'s platform image"\n'),
        # Last, for it tells that the disk is whole.
        File(path=etc / "passwd", text=_USERS),
    )


def _of_the_lab(root: Path, computer: Computer) -> tuple[File, ...]:
    """What may be another at each boot."""
    names = "".join(f"{SITES_ADDRESS} {name}\n" for name in computer.sites)
    hosts = f"127.0.0.1 localhost\n127.0.1.1 {computer.name}\n{names}"
    return (
        File(path=root / "etc" / "hosts", text=hosts),
        File(path=root / TRUST[1:], text=computer.authorities_pem),
        File(path=root / "opt" / "lab" / "init.py", text=Path(init.__file__).read_text()),
    )
