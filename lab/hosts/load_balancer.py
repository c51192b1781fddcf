"""A load balancer: which backends are healthy, and the forwarding to those.

Forwarding is address translation in the balancer's namespace with its own address as source, so
clients stay hidden from backends as behind OCI's. With no healthy backend a connection is refused.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.errors import LabError
from lab.hosts.addresses import namespace_name
from lab.hosts.firewall import table_text
from lab.hosts.kernel import load_tables
from lab.hosts.namespace import connect
from lab.hosts.observed import Backend
from lab.hosts.spec import Listener, LoadBalancer

TABLE = "ip okm_lb"
Health = dict[str, dict[Backend, bool]]
"""Listener and backend: whether its check passes."""
_PERIOD = 1.0
_TIMEOUT = 2.0
_FAILURES = 3
"""Checks in a row that a healthy backend may miss before it is taken out."""
_WORKERS = 8
_OK = 200


@dataclass(frozen=True, slots=True)
class Check:
    """A health check: a connection, or a request that must be answered with 200."""

    namespace: str
    address: str
    port: int
    path: str | None

    def passes(self) -> bool:
        """Runs the check once."""
        try:
            plain = connect(self.namespace, (self.address, self.port), _TIMEOUT)
        except (OSError, LabError):
            return False
        if self.path is None:
            plain.close()
            return True
        connection = http.client.HTTPConnection(self.address, self.port, timeout=_TIMEOUT)
        connection.sock = plain
        try:
            connection.request("GET", self.path)
            return connection.getresponse().status == _OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def forwarding_body(balancer: LoadBalancer, healthy: Mapping[str, Iterable[Backend]]) -> str:
    """The table's chains for the listeners' healthy backends, taken in turn."""
    lines = []
    for listener in balancer.listeners:
        backends = sorted(healthy.get(listener.name, ()))
        if backends:
            turns = ", ".join(f"{i} : {ip} . {port}" for i, (ip, port) in enumerate(backends))
            lines.append(
                f"ip daddr {balancer.vnic.private_ip} tcp dport {listener.port} "
                f"dnat to numgen inc mod {len(backends)} map {{ {turns} }}"
            )
    return "\n".join(
        [
            "chain inward {",
            "type nat hook prerouting priority -100;",
            *lines,
            "}",
            "chain outward {",
            "type nat hook postrouting priority 100;",
            "ct status dnat masquerade",
            "}",
        ]
    )


def checks(balancer: LoadBalancer, listener: Listener) -> dict[Backend, Check]:
    """The check of each backend of a listener."""
    name = namespace_name("lb", balancer.id)
    return {
        backend: Check(name, backend[0], listener.health_port, listener.health_path)
        for backend in listener.backends
    }


def health(balancer: LoadBalancer, failures: Mapping[Check, int]) -> Health:
    """Who is healthy, by the number of failed checks in a row; one never made counts as failed."""
    return {
        listener.name: {
            backend: failures.get(check, _FAILURES) < _FAILURES
            for backend, check in checks(balancer, listener).items()
        }
        for listener in balancer.listeners
    }


class Balancing:
    """Checks the backends of every load balancer and forwards to the healthy ones."""

    def __init__(self) -> None:
        self._balancers: tuple[LoadBalancer, ...] = ()
        self._loaded: dict[str, str] = {}
        self._failures: dict[Check, int] = {}
        """Failed checks in a row; a check that never passed counts as failed for good."""
        self._lock = threading.Lock()
        self._round_over = threading.Condition(self._lock)
        self._wake = threading.Event()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def set(self, balancers: Iterable[LoadBalancer], new_namespaces: Iterable[str]) -> None:
        """Takes over what should be; a new namespace has lost what was loaded into it."""
        with self._lock:
            self._balancers = tuple(balancers)
            for name in new_namespaces:
                self._loaded.pop(name, None)
        if self._balancers and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="health", daemon=True)
            self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """Ends the checks."""
        self._end.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._thread = None
        self._end.clear()
        self._loaded.clear()
        self._failures.clear()

    def health(self) -> dict[str, Health]:
        """Balancer, listener, backend: whether it passes."""
        with self._lock:
            return self._health()

    def await_health(self, balancer_id: str, expected: Health, seconds: float) -> None:
        """Returns when the balancer's backends are as expected and forwarding follows them."""
        with self._round_over:
            if not self._round_over.wait_for(
                lambda: self._health().get(balancer_id) == expected, seconds
            ):
                raise LabError(
                    f"load balancer {balancer_id}: after {seconds:.0f} s its backends are "
                    f"{self._health().get(balancer_id)}, expected {expected}"
                )

    def _health(self) -> dict[str, Health]:
        return {balancer.id: health(balancer, self._failures) for balancer in self._balancers}

    def _run(self) -> None:
        with ThreadPoolExecutor(_WORKERS) as pool:
            while not self._end.is_set():
                self._wake.clear()
                self._round(pool)
                self._wake.wait(_PERIOD)

    def _round(self, pool: ThreadPoolExecutor) -> None:
        with self._lock:
            balancers = self._balancers
        wanted = {
            check
            for balancer in balancers
            for listener in balancer.listeners
            for check in checks(balancer, listener).values()
        }
        results = dict(zip(wanted, pool.map(Check.passes, wanted), strict=True))
        failures = {
            check: 0 if passed else self._failures.get(check, _FAILURES) + 1
            for check, passed in results.items()
        }
        # Health is told when it is acted upon, not before.
        self._load(balancers, failures)
        with self._round_over:
            self._failures = failures
            self._round_over.notify_all()

    def _load(self, balancers: Iterable[LoadBalancer], failures: Mapping[Check, int]) -> None:
        for balancer in balancers:
            states = health(balancer, failures)
            healthy = {name: [b for b in s if s[b]] for name, s in states.items()}
            text = table_text(TABLE, forwarding_body(balancer, healthy))
            name = namespace_name("lb", balancer.id)
            if self._loaded.get(name) == text:
                continue
            try:
                load_tables(name, text)
            except LabError:
                # The balancer was removed meanwhile; if it was not, the next round tries again.
                continue
            self._loaded[name] = text
