"""Makes the machine's networks equal to a `Fabric`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

from lab.errors import LabError
from lab.hosts import changes
from lab.hosts.addresses import MANAGEMENT_LINK, PREFIX, ROOT
from lab.hosts.changes import Command
from lab.hosts.fabric import Fabric, Namespace
from lab.hosts.firewall import TABLE, firewall_body, table_text
from lab.hosts.namespace import list_namespaces, within, write_settings
from lab.hosts.seen import PROTOCOL, QUESTIONS, Seen, parse

_FIRST_SETTINGS = {
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv4/conf/all/send_redirects": "0",
    "ipv4/conf/default/send_redirects": "0",
    "ipv6/conf/default/addr_gen_mode": "1",
    "ipv6/conf/default/accept_ra": "0",
}
"""Set before links come: several ways lead to a host, and links take only fixed addresses."""
_WORKERS = 4


class Kernel:
    """The networks of this machine."""

    def __init__(self) -> None:
        self._firewalls: dict[str, str] = {}
        """The text that each namespace was given last."""

    def apply(self, fabric: Fabric) -> set[str]:
        """Creates, changes and removes until the machine equals the fabric.

        Returns the namespaces that are new, and so hold nothing that others had put there.
        """
        names = set(fabric.namespaces) - {ROOT}
        for name in list_namespaces(PREFIX) - names:
            delete_namespace(name)
            self._firewalls.pop(name, None)
        created = names - list_namespaces(PREFIX)
        self._create(created)
        for name in names:
            # Of every one: a run that was killed may have left a namespace without.
            write_settings(name, _FIRST_SETTINGS)
        seen = self._wire(fabric)
        spaces = fabric.namespaces
        _each(fabric, lambda name: self._set_up(name, spaces[name], seen[name]))
        _each(fabric, lambda name: self._route(name, spaces[name], seen[name]))
        return created

    def _create(self, names: Iterable[str]) -> None:
        missing = sorted(names)
        run_batch([(ROOT, f"netns add {name}") for name in missing])
        for name in missing:
            self._firewalls.pop(name, None)

    def _wire(self, fabric: Fabric) -> dict[str, Seen]:
        """Removes and creates links, and tells what there is then."""
        seen = _look(fabric)
        stale = changes.removals(fabric, seen)
        # The other end of a cable goes with the first; its own line then finds nothing.
        run_batch(stale, forgiving=True)
        if stale:
            seen = _look(fabric)
        new = changes.creations(fabric, seen)
        run_batch(new)
        return _look(fabric) if new else seen

    def _set_up(self, name: str, space: Namespace, seen: Seen) -> None:
        run_batch([(name, line) for line in changes.link_setup(space, seen)])
        write_settings(name, _existing(space.settings))
        # Rules come before routes: there is no moment in which a new host is open.
        self._protect(name, space)

    def _route(self, name: str, space: Namespace, seen: Seen) -> None:
        run_batch([(name, line) for line in changes.routing(space, seen)])
        frames = list(changes.forwarding(space))
        if frames:
            execute(["bridge", *_inside(name), "-batch", "-"], "\n".join(frames))

    def _protect(self, name: str, space: Namespace) -> None:
        tables = dict(space.tables)
        if space.firewall:
            tables[TABLE] = firewall_body(space.firewall)
        text = "".join(table_text(key, body) for key, body in sorted(tables.items()))
        if text and self._firewalls.get(name) != text:
            load_tables(name, text)
            self._firewalls[name] = text

    def clear(self) -> None:
        """Removes every namespace of the lab, and the machine's own rules and link to them."""
        run_batch([(ROOT, f"rule flush protocol {PROTOCOL}")])
        for name in list_namespaces(PREFIX):
            delete_namespace(name)
        self._firewalls.clear()
        if (Path("/sys/class/net") / MANAGEMENT_LINK).exists():
            # Taking the internet's namespace away takes the link too, but a moment later.
            run_batch([(ROOT, f"link del {MANAGEMENT_LINK}")], forgiving=True)


def load_tables(name: str, text: str) -> None:
    """Replaces nftables tables of a namespace in one transaction."""
    within(name, lambda: execute(["nft", "-f", "-"], text))


def delete_namespace(name: str) -> None:
    """Takes the namespace's name away; it ends with its last process."""
    execute(["ip", "netns", "del", name])


def run_batch(commands: Sequence[Command], *, forgiving: bool = False) -> None:
    """Runs the commands in their order, one program for each run of equal namespaces."""
    for name, group in groupby(commands, key=lambda command: command[0]):
        options = ["-force"] if forgiving else []
        text = "\n".join(line for _, line in group)
        execute(["ip", *_inside(name), *options, "-batch", "-"], text, forgiving=forgiving)


def execute(argv: Sequence[str], text: str | None = None, *, forgiving: bool = False) -> str:
    """Runs a program to its end and returns its answer; a failure shows input and complaint."""
    result = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    if result.returncode and not forgiving:
        detail = result.stderr.strip() or f"status {result.returncode}"
        given = "" if text is None else f", given:\n{text}"
        raise LabError(f"{' '.join(argv)}: {detail}{given}")
    return result.stdout


def _inside(name: str) -> list[str]:
    return ["-n", name] if name else []


def _existing(settings: dict[str, str]) -> dict[str, str]:
    """Without those of kernel parts that are not there (bridge filtering is a module)."""
    return {
        key: value
        for key, value in settings.items()
        if not key.startswith("bridge/") or Path("/proc/sys/net/bridge").is_dir()
    }


def _look(fabric: Fabric) -> dict[str, Seen]:
    names = sorted(fabric.namespaces)
    with ThreadPoolExecutor(_WORKERS) as pool:
        return dict(zip(names, pool.map(look, names), strict=True))


def look(name: str) -> Seen:
    """Reads one namespace."""
    return parse(name, execute(["ip", "-j", *_inside(name), "-batch", "-"], QUESTIONS))


def _each(fabric: Fabric, action: Callable[[str], None]) -> None:
    with ThreadPoolExecutor(_WORKERS) as pool:
        for _ in pool.map(action, sorted(fabric.namespaces)):
            pass
