"""The lab's daemon: the OCI API, its proxy and webhook, the worker, the Service controllers."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler

from lab import processes
from lab.ccm.manager import Manager
from lab.cloud.authority import AuthorityFiles
from lab.cloud.run import Running, Settings
from lab.errors import LabError
from lab.hosts import Hosts
from lab.paths import (
    API_PORT,
    MANAGEMENT_ADDRESS,
    PROXY_PORT,
    SITES_PORT,
    WEBHOOK_PORT,
    LabPaths,
)

LOOPBACK = "127.0.0.1"
LOG_BYTES = 20_000_000
BALANCER_SECONDS = "OKE_MESH_LAB_LB_SECONDS"
"""How long the vendor takes for a load balancer: two to five minutes in the cloud, 0 here."""

log = logging.getLogger("lab.daemon")


def settings(paths: LabPaths) -> Settings:
    """Where the lab's own cloud listens and keeps its things."""
    return Settings(
        files=AuthorityFiles(
            folder=paths.state / "authority",
            ca=paths.authority,
            trust=paths.trust,
            oci_config=paths.oci_config,
        ),
        state=paths.cloud_state,
        apis=((LOOPBACK, API_PORT), (MANAGEMENT_ADDRESS, API_PORT)),
        proxy=(LOOPBACK, PROXY_PORT),
        webhook=(MANAGEMENT_ADDRESS, WEBHOOK_PORT),
        sites=(MANAGEMENT_ADDRESS, SITES_PORT),
        tool=paths.tool,
        balancer_seconds=balancer_seconds(os.environ),
    )


def balancer_seconds(environ: Mapping[str, str]) -> float:
    """What the environment asks for; 0 if it says nothing."""
    text = environ.get(BALANCER_SECONDS, "0")
    if not text.isdecimal():
        raise LabError(f"{BALANCER_SECONDS}: is not a number of seconds, got {text!r}; unset it")
    return float(text)


def serve(paths: LabPaths) -> None:
    """Runs until SIGTERM or SIGINT; then takes the hosts down and keeps the state."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    _log_to(paths)
    hosts = Hosts(paths)
    running = Running(settings(paths), hosts)
    manager = Manager(running.store, hosts.client)
    # As `lab up` does, for a daemon that was started by hand.
    processes.note(paths.daemon_pid, os.getpid())
    running.start()
    manager.start()
    log.info("serving")
    done.wait()
    log.info("stopping")
    manager.stop()
    running.stop()
    hosts.clear()
    log.info("stopped")


def _log_to(paths: LabPaths) -> None:
    """Requests go to a file of their own; what matters goes to the daemon's log."""
    form = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    root = logging.getLogger("lab")
    root.setLevel(logging.INFO)
    paths.logs.mkdir(parents=True, exist_ok=True)
    requests = RotatingFileHandler(paths.logs / "cloud.log", maxBytes=LOG_BYTES, backupCount=1)
    requests.setFormatter(form)
    access = logging.getLogger("lab.cloud.http")
    access.propagate = False
    access.addHandler(requests)
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(form)
    root.addHandler(console)
