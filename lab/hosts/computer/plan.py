"""How a computer is started: one program in namespaces of its own, whose root it makes."""

from __future__ import annotations

import sys
import sysconfig

from lab.hosts.addresses import namespace_name
from lab.hosts.computer import image
from lab.hosts.host import Home
from lab.hosts.process import Process
from lab.hosts.spec import Instance

CONSOLE = "console"
_NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--propagation=private")


def process(instance: Instance, home: Home) -> Process:
    """The computer as a program of the lab; what it prints is its console."""
    packages = sysconfig.get_path("purelib")
    return Process(
        name="computer",
        # Whoever ends the outer program ends the first one inside, and with it all of them.
        argv=(
            *("unshare", *_NAMESPACES, "--fork", "--kill-child", "--"),
            *(sys.executable, "-I", str(image.BOOT), str(home.folder / "root"), packages),
        ),
        namespace=namespace_name("host", instance.id),
        cgroup=home.cgroup,
        folder=home.folder,
        log=home.log(CONSOLE),
    )
