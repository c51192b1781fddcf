"""The lab's command line: `python -m lab build|up|down|env|status|serve`."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable

from lab import lock, preflight, processes, services, stack
from lab.environment import environment
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
    if processes.running(paths.daemon_pid):
        stack.prepare(paths)
        say("lab: runs already")
        return
    with lock.held(paths.root) as descriptor:
        stale = preflight.leftovers(paths)
        if stale:
            raise LabError(
                f"lab: a killed run has left something, got {', '.join(stale)}; "
                "run `python -m lab down`, which removes it and keeps all state"
            )
        system.ensure(say)
        preflight.check(paths)
        build(paths)
        try:
            services.start_registry(paths)
            services.start_daemon(paths, descriptor)
            stack.prepare(paths)
        except BaseException:
            services.stop(paths)
            raise
    say("lab: runs")


def down(paths: LabPaths) -> None:
    """Ends every process and removes what it made, also after a killed run; state is kept."""
    from lab.hosts import Hosts  # noqa: PLC0415 the other commands must not pay for it

    preflight.check_root()
    holder = lock.owner()
    if holder is not None and holder != paths.root:
        raise LabError(f"lab: it is another checkout's, got {holder}; run this command there")
    services.stop(paths)
    with lock.held(paths.root):
        Hosts(paths).clear()
    lock.LOCK.unlink(missing_ok=True)
    say("lab: is down")


def show_environment(paths: LabPaths) -> None:
    """Exports for a shell: `eval "$(python -m lab env)"`."""
    if not processes.running(paths.daemon_pid):
        raise LabError("lab: does not run; run `python -m lab up` first")
    stack.renew_settings(paths)
    for name, value in environment(paths).items():
        print(f"export {name}={shlex.quote(value)}")


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


COMMANDS: dict[str, Callable[[LabPaths], None]] = {
    "build": build,
    "up": up,
    "down": down,
    "env": show_environment,
    "status": status,
    "serve": serve,
}


def main() -> int:
    """Runs one command; a fault is a sentence and exit status 1."""
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in COMMANDS.items():
        commands.add_parser(name, help=function.__doc__)
    try:
        COMMANDS[parser.parse_args().command](LabPaths.locate())
    except LabError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
