"""What the lab's command line does with the machine: build, up, down, status, serve."""

from __future__ import annotations

import sys
import time

from lab import archive, lock, preflight, processes, services, stack, tunnels
from lab.errors import LabError
from lab.images import build as images
from lab.paths import LabPaths
from lab.toolchain import ensure, system


def say(text: str) -> None:
    """Progress goes to the error stream, so that `env` can be evaluated."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def build(paths: LabPaths) -> None:
    """Programs and images; what is there is left alone."""
    ensure.toolchain(paths, say)
    images.ensure(paths, say)


def up(paths: LabPaths) -> None:
    """Builds what is missing and starts the lab; does nothing if it runs."""
    preflight.check_root()
    _warn_of_private_ranges(paths)
    if processes.running(paths.daemon_pid):
        stack.prepare(paths)
        say("lab: runs already")
        return
    with lock.held(paths.root):
        _require_machine(paths)
    # Not under the lock: the first build takes long, and others may have their lab meanwhile.
    build(paths)
    with lock.held(paths.root) as descriptor:
        _require_machine(paths)
        try:
            services.start_registry(paths)
            services.start_daemon(paths, descriptor)
            stack.prepare(paths)
        except BaseException:
            services.stop(paths)
            raise
    say("lab: runs")


def down(paths: LabPaths) -> None:
    """Ends everything and removes what it made, also after a killed run; moves the state aside."""
    from lab.hosts import Hosts  # noqa: PLC0415 the other commands must not pay for it

    preflight.check_root()
    holder = lock.owner()
    if holder is not None and holder != paths.root:
        raise LabError(f"lab: it is another checkout's, got {holder}; run this command there")
    services.stop(paths)
    tunnels.close(paths)
    with lock.held(paths.root):
        Hosts(paths).clear()
        is_kept = archive.keep(paths)
    lock.LOCK.unlink(missing_ok=True)
    say("lab: is down" + (f"; its cloud and its stack are kept in {paths.last}" * is_kept))


def status(paths: LabPaths) -> None:
    """What runs and what is there."""
    for name, file in (
        ("daemon", paths.daemon_pid),
        ("registry", paths.registry_pid),
        ("forwarder", paths.forwarder_pid),
    ):
        pid = processes.running(file)
        print(f"{name:12} {f'runs, process {pid}' if pid else 'does not run'}")
    print(f"{'machine':12} {', '.join(preflight.leftovers(paths)) or 'nothing of a lab'}")
    print(f"{'programs':12} {paths.bin}")
    print(f"{'logs':12} {paths.logs}")


def serve(paths: LabPaths) -> None:
    """The daemon itself, in the foreground."""
    from lab.daemon import serve as run  # noqa: PLC0415 the other commands must not pay for it

    run(paths)


def _require_machine(paths: LabPaths) -> None:
    """Whatever would end a start is told before it, and before the build."""
    refuse_leftovers(paths)
    require_readable(paths)
    system.ensure(say)
    preflight.check(paths)


def _warn_of_private_ranges(paths: LabPaths) -> None:
    """Not a fault: the lab runs all the same."""
    committed = paths.committed_settings
    for text in preflight.private_ranges(committed.read_text() if committed.exists() else ""):
        say(f"warning: {text}")


def require_readable(paths: LabPaths) -> None:
    """What nothing helps against but the user is told before anything is built or started."""
    from lab.cloud.kinds import KINDS  # noqa: PLC0415 the other commands must not pay for it
    from lab.cloud.store import Store  # noqa: PLC0415 likewise
    from lab.hosts.host import home  # noqa: PLC0415 likewise

    Store(paths.cloud_state, KINDS)
    stack.is_known(paths)
    home(paths, "", "")


def refuse_leftovers(paths: LabPaths) -> None:
    """What a killed run has left is in the way, and its clusters are gone."""
    stale = preflight.leftovers(paths)
    if stale:
        raise LabError(
            f"lab: a killed run has left something, got {', '.join(stale)}; run `make down`, "
            f"which removes it and keeps the state of cloud and stack in {paths.last}"
        )
