"""What the cloud keeps: its state file, its authority, and what happens when they are faulty."""

from __future__ import annotations

import socket
import stat
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import oci
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, VerificationError
from cryptography.x509.verification import Store as TrustStore

from lab.cloud import authority
from lab.cloud.__main__ import files_in
from lab.cloud.authority import AuthorityFiles
from lab.cloud.core.records import (
    Drg,
    DrgAttachment,
    DrgNetwork,
    Instance,
    InVcn,
    Node,
    OfDrg,
    Subnet,
    Vcn,
    Vnic,
)
from lab.cloud.estate import Webhook
from lab.cloud.ids import COMPARTMENT_ID
from lab.cloud.kinds import KINDS
from lab.cloud.lifecycle import By, hosts, immediate, polls
from lab.cloud.machines import RecordedMachines
from lab.cloud.records import Named, Resource, Tagged
from lab.cloud.run import Running, Settings
from lab.cloud.store import Store
from lab.cloud.worker import Worker
from lab.errors import LabError
from lab.hosts.spec import Estate

Name = x509.DNSName | x509.IPAddress

REGION = "us-sanjose-1"


def _vcn(**more: Any) -> Vcn:
    return Vcn(region=REGION, compartment_id=COMPARTMENT_ID, **more)


def _drg() -> Drg:
    return Drg(region=REGION, compartment_id=COMPARTMENT_ID)


def _node() -> Node:
    """Of the kinds, the one with most that only the lab knows."""
    return Node(
        region=REGION,
        compartment_id=COMPARTMENT_ID,
        availability_domain="AD-1",
        shape="VM.Standard.E4.Flex",
        pool_id="p",
        cluster_id="c",
        kubernetes_version="v1",
        labels={"a": "b"},
    )


def _store(file: Path) -> Store:
    store = Store(file, KINDS)
    record = store.keep(_node())
    record.become("PROVISIONING", "RUNNING", polls(2))
    store.save()
    return store


def test_a_store_reads_what_it_wrote(tmp_path: Path) -> None:
    before = _store(tmp_path / "cloud.json")
    assert Store(tmp_path / "cloud.json", KINDS).records == before.records


def _change_half_way(store: Store, vcn: Vcn) -> None:
    with store.transaction():
        store.keep(_drg())
        store.keep(vcn.changed({"displayName": "after"}))
        raise LabError("no memory")


def test_a_change_that_fails_half_way_leaves_nothing() -> None:
    store = Store(kinds=KINDS)
    with store.transaction():
        vcn = store.keep(_vcn(display_name="before"))
    with pytest.raises(LabError):
        _change_half_way(store, vcn)
    assert store.records == {vcn.id: vcn}


def test_every_kind_can_be_read_back() -> None:
    bases = {Resource, Tagged, Named, InVcn, OfDrg}
    found, ahead = set(), [Resource]
    while ahead:
        kind = ahead.pop()
        found.add(kind)
        ahead += kind.__subclasses__()
    assert found - bases == set(KINDS)


def test_the_api_does_not_show_what_only_the_lab_knows() -> None:
    shown = _node().shown()
    assert {"labels", "poolId", "pending", "revision"} & shown.keys() == set()
    assert (shown["region"], shown["availabilityDomain"]) == (REGION, "AD-1")


def test_what_the_lab_has_no_field_for_is_kept_and_shown() -> None:
    vcn = _vcn(isIpv6Enabled=False).changed({"securityAttributes": {"a": {"b": "c"}}})
    shown = vcn.shown()
    assert (shown["isIpv6Enabled"], shown["securityAttributes"]) == (False, {"a": {"b": "c"}})


def test_a_part_keeps_what_a_change_of_it_does_not_name() -> None:
    details = DrgNetwork(id="v", vcn_route_type="SUBNET_CIDRS")
    before = DrgAttachment(region=REGION, drg_id="d", network_details=details)
    after = before.changed({"networkDetails": {"vcnRouteType": "VCN_CIDRS"}}).network_details
    assert after == DrgNetwork(id="v", vcn_route_type="VCN_CIDRS")


def test_a_record_that_does_not_fit_is_named(tmp_path: Path) -> None:
    file = tmp_path / "cloud.json"
    file.write_text('{"schema": 2, "records": [["Vcn", {"region": "r"}]], "retries": {}}')
    with pytest.raises(LabError) as fault:
        Store(file, KINDS)
    assert str(fault.value) == (
        f"{file}: cannot be read as the lab's state (Vcn.compartmentId: Field required); it was "
        "left as it is: put cloud.bak in its place, or move it away to begin with an empty cloud"
    )


def test_a_broken_state_file_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "cloud.json"
    file.write_text("{broken")
    with pytest.raises(LabError) as fault:
        Store(file)
    assert str(fault.value) == (
        f"{file}: cannot be read as the lab's state (Expecting property name enclosed in double "
        "quotes: line 1 column 2 (char 1)); it was left as it is: put cloud.bak in its place, "
        "or move it away to begin with an empty cloud"
    )
    assert file.read_text() == "{broken"


def test_a_state_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "cloud.json"
    file.write_text('{"schema": 99}')
    with pytest.raises(LabError) as fault:
        Store(file)
    assert str(fault.value) == (
        f"{file}: written by another version of the lab, got schema 99; "
        "move it away to begin with an empty cloud"
    )


def test_the_former_state_stays_beside_the_file(tmp_path: Path) -> None:
    store = _store(tmp_path / "cloud.json")
    former = (tmp_path / "cloud.json").read_text()
    store.keep(_vcn())
    store.save()
    assert (tmp_path / "cloud.bak").read_text() == former


def test_only_so_many_deleted_resources_are_remembered(tmp_path: Path) -> None:
    store = Store(tmp_path / "cloud.json", KINDS)
    for _ in range(310):
        store.keep(_vcn(lifecycle_state="TERMINATED"))
    store.save()
    assert len(store.records) == 300


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> AuthorityFiles:
    """The files of an authority, only to be read: making its keys takes a while."""
    files = files_in(tmp_path_factory.mktemp("authority"))
    authority.ensure(files, REGION)
    return files


def test_a_key_is_readable_by_its_owner_only(made: AuthorityFiles) -> None:
    private = (made.api_key, made.server, made.oci_config)
    assert {oct(stat.S_IMODE(file.stat().st_mode)) for file in private} == {"0o600"}


def test_the_key_of_the_authority_is_not_kept(made: AuthorityFiles) -> None:
    """Who trusts the authority once trusts nothing that is signed later."""
    ca = x509.load_pem_x509_certificate(made.ca.read_bytes()).public_key()
    folders = (made.folder, made.ca.parent, made.oci_config.parent)
    texts = [f.read_bytes() for folder in folders for f in folder.rglob("*") if f.is_file()]
    keys = [load_pem_private_key(text, None) for text in texts if b"PRIVATE KEY" in text]
    assert len(keys) >= 2
    assert all(key.public_key() != ca for key in keys)


def test_the_authority_of_an_earlier_lab_which_kept_its_key_is_replaced(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    authority.ensure(files, REGION)
    before, old = files.ca.read_bytes(), files.folder / "ca.key"
    old.write_text("a key")
    authority.ensure(files, REGION)
    assert not old.exists()
    assert files.ca.read_bytes() != before


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        (x509.DNSName("iaas.us-sanjose-1.oraclecloud.com"), True),
        (x509.IPAddress(ip_address("198.18.0.1")), True),
        (x509.DNSName("iaas.us-sanjose-1.example.com"), False),
        (x509.IPAddress(ip_address("198.18.0.2")), False),
    ],
    ids=str,
)
def test_the_authority_is_trusted_with_the_names_of_the_lab_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, name: Name, is_ours: bool
) -> None:
    """As if somebody had made it sign another name: whoever verifies refuses that."""
    monkeypatch.setattr(authority, "endpoint_names", list)
    addresses = x509.SubjectAlternativeName
    monkeypatch.setattr(x509, "SubjectAlternativeName", lambda _: addresses([name]))
    files = files_in(tmp_path)
    authority.ensure(files, REGION)
    roots = x509.load_pem_x509_certificates(files.ca.read_bytes())
    leaf = x509.load_pem_x509_certificate(files.server.read_bytes())
    verifier = PolicyBuilder().store(TrustStore(roots)).build_server_verifier(name)
    if is_ours:
        assert verifier.verify(leaf, [])[-1] == roots[0]
    else:
        with pytest.raises(VerificationError):
            verifier.verify(leaf, [])


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    first = authority.ensure(files, REGION)
    before = files.ca.read_bytes()
    assert authority.ensure(files, REGION).key_id == first.key_id
    assert files.ca.read_bytes() == before


def test_a_damaged_key_is_named(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    authority.ensure(files, REGION)
    files.api_key.write_text("no key")
    with pytest.raises(LabError, match=r"api-key.pem: not a private key \(.*\); remove it to have"):
        authority.ensure(files, REGION)


def test_the_vendors_sdk_takes_the_configuration(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    authority.ensure(files, "us-chicago-1")
    config = oci.config.from_file(str(files.oci_config))
    oci.config.validate_config(config)
    assert config["region"] == "us-chicago-1"


@pytest.mark.parametrize(
    "name",
    [
        "iaas.us-sanjose-1.oraclecloud.com",
        "identity.us-chicago-1.oci.oraclecloud.com",
        "containerengine.eu-frankfurt-1.oci.oraclecloud.com",
        "containerengine.us-ashburn-1.oraclecloud.com",
    ],
)
def test_the_certificate_holds_for_the_vendors_names(made: AuthorityFiles, name: str) -> None:
    roots = x509.load_pem_x509_certificates(made.ca.read_bytes())
    leaf = x509.load_pem_x509_certificate(made.server.read_bytes())
    verifier = PolicyBuilder().store(TrustStore(roots)).build_server_verifier(x509.DNSName(name))
    assert verifier.verify(leaf, [])[-1] == roots[0]


def test_the_trust_file_holds_the_labs_authority(made: AuthorityFiles) -> None:
    assert made.trust.read_text().endswith(made.ca.read_text())


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings(files=files_in(tmp_path), state=None, apis=(("127.0.0.1", port),))
        with pytest.raises(LabError) as fault:
            Running(settings)
    assert str(fault.value) == (
        f"127.0.0.1:{port}: cannot listen (Address already in use); end the program that holds "
        "the port, or the other lab, and run `make up` again"
    )


def test_an_immediate_state_ends_at_the_first_look() -> None:
    record = _vcn()
    record.become("PROVISIONING", "AVAILABLE", immediate())
    record.look()
    assert record.lifecycle_state == "AVAILABLE"


def test_reading_does_not_end_a_state_of_the_hosts() -> None:
    record = _vcn()
    record.become("CREATING", "ACTIVE", hosts())
    record.look()
    before = record.lifecycle_state
    assert (before, record.settle(By.HOSTS), record.lifecycle_state) == (
        "CREATING",
        True,
        "ACTIVE",
    )


class BrokenMachines(RecordedMachines):
    """Machines of which one cannot be made."""

    def apply(self, estate: Estate) -> None:
        super().apply(estate)
        raise LabError("node x: no memory")


def _host(store: Store, state: str, to: str) -> Instance:
    record = Instance(
        region=REGION,
        compartment_id=COMPARTMENT_ID,
        availability_domain="AD-1",
        shape="VM.Standard.E4.Flex",
    )
    record.become(state, to, hosts())
    subnet = store.keep(
        Subnet(region=REGION, compartment_id=COMPARTMENT_ID, vcn_id="v", cidr_block="10.0.0.0/24")
    )
    store.keep(
        Vnic(
            region=REGION,
            compartment_id=COMPARTMENT_ID,
            subnet_id=subnet.id,
            private_ip="10.0.0.2",
            mac_address="02:00:17:00:00:02",
            owner=record.id,
        )
    )
    return store.keep(record)


def test_a_fault_of_one_machine_does_not_hide_that_another_is_ready() -> None:
    store = Store()
    record = _host(store, "PROVISIONING", "RUNNING")
    worker = Worker(store, BrokenMachines(), Webhook(url="", ca_pem=""))
    with pytest.raises(LabError, match="node x: no memory"):
        worker.once()
    assert record.lifecycle_state == "RUNNING"


def test_nothing_is_gone_before_the_machines_say_so() -> None:
    store = Store()
    record = _host(store, "TERMINATING", "TERMINATED")
    worker = Worker(store, BrokenMachines(), Webhook(url="", ca_pem=""))
    with pytest.raises(LabError, match="node x: no memory"):
        worker.once()
    assert record.lifecycle_state == "TERMINATING"


class AwaitedMachines(RecordedMachines):
    """Machines that say when an estate with a DRG has come."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Event()

    def apply(self, estate: Estate) -> None:
        super().apply(estate)
        if estate.drgs:
            self.came.set()


def test_the_worker_follows_a_change_by_itself(tmp_path: Path) -> None:
    machines = AwaitedMachines()
    running = Running(Settings(files=files_in(tmp_path), state=None), machines)
    running.start()
    with running.store.lock:
        running.store.keep(_drg())
    came = machines.came.wait(timeout=10)
    running.stop()
    assert came


def test_a_cloud_that_stops_keeps_its_state(tmp_path: Path) -> None:
    running = Running(Settings(files=files_in(tmp_path), state=tmp_path / "cloud.json"))
    running.listen()
    with running.store.lock:
        record = running.store.keep(_drg())
    running.stop()
    assert Store(tmp_path / "cloud.json", KINDS).records == {record.id: record}
