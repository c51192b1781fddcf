"""The cloud on loopback for one test session, and the vendor's own clients in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import oci
import pytest

from lab.cloud.__main__ import files_in
from lab.cloud.ids import COMPARTMENT_ID
from lab.cloud.machines import RecordedMachines
from lab.cloud.run import Running, Settings
from lab.hosts.observed import ClusterState, Observed

REGION = "us-sanjose-1"
OTHER_REGION = "us-chicago-1"


class SlowMachines(RecordedMachines):
    """Recorded machines that are ready when the test says so."""

    ready = True
    fault = ""
    """What control planes say while they are not ready."""

    def observe(self) -> Observed:
        seen = super().observe()
        if self.ready:
            return seen
        state = ClusterState(is_ready=False, ca_pem="", fault=self.fault)
        return Observed(clusters=dict.fromkeys(seen.clusters, state))


@dataclass(frozen=True, kw_only=True, slots=True)
class Lab:
    """A running cloud and how a test reaches it."""

    running: Running
    machines: SlowMachines
    config: dict[str, Any]
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, kind: Any, region: str = REGION) -> Any:
        """A client without retries; making one takes longer than a test."""
        name = (kind.__name__, region)
        if name not in self.clients:
            config = {**self.config, "region": region}
            strategy = oci.retry.NoneRetryStrategy()
            self.clients[name] = kind(config, retry_strategy=strategy)
        return self.clients[name]

    def network(self, region: str = REGION) -> Any:
        return self.client(oci.core.VirtualNetworkClient, region)

    def compute(self, region: str = REGION) -> Any:
        return self.client(oci.core.ComputeClient, region)

    def engine(self, region: str = REGION) -> Any:
        return self.client(oci.container_engine.ContainerEngineClient, region)

    def balancers(self, region: str = REGION) -> Any:
        return self.client(oci.load_balancer.LoadBalancerClient, region)

    def settle(self) -> None:
        """Lets the machines follow, as often as one change can lead to another."""
        for _ in range(3):
            self.running.worker.once()

    def vcn(self, cidr: str = "10.0.0.0/16", region: str = REGION) -> Any:
        details = oci.core.models.CreateVcnDetails(
            compartment_id=COMPARTMENT_ID, cidr_block=cidr, dns_label="net"
        )
        return self.network(region).create_vcn(details).data

    def subnet(self, vcn: Any, cidr: str, **more: Any) -> Any:
        details = oci.core.models.CreateSubnetDetails(
            compartment_id=COMPARTMENT_ID, vcn_id=vcn.id, cidr_block=cidr, **more
        )
        return self.network(vcn.id.split(".")[3]).create_subnet(details).data


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("cloud")
    machines = SlowMachines(ca_pem="the cluster's authority")
    running = Running(Settings(files=files_in(folder), state=None), machines)
    running.listen()
    config = oci.config.from_file(str(folder / "oci" / "config"))
    yield Lab(running=running, machines=machines, config=config)
    running.stop()


@pytest.fixture
def lab(running_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """An empty cloud; clients find it by the environment alone."""
    for name, value in running_lab.running.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "")
    with running_lab.running.store.lock:
        running_lab.running.store.reset()
    running_lab.machines.estates.clear()
    running_lab.machines.ready = True
    running_lab.machines.fault = ""
    return running_lab


def refusal(fault: pytest.ExceptionInfo[Any]) -> tuple[int, str, str]:
    """Status, code and message of the vendor's error."""
    error = fault.value
    return error.status, error.code, error.message
