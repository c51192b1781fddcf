"""What an installation of Debian's packages leaves on the machine: nothing that starts."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.toolchain.pins import SYSTEM
from lab.toolchain.system import OF_COMPUTERS, SERVICES, masked, no_services

POLICY = "usr/sbin/policy-rc.d"
FORBIDDEN = 101

KILLED = """
import os, signal, sys
from pathlib import Path
from lab.toolchain.system import no_services
with no_services(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def asked(root: Path) -> int:
    """What Debian is told that wants to start a service of a package."""
    done = subprocess.run([root / POLICY, "etcd", "start"], check=False)  # noqa: S603 ours
    return done.returncode


def test_services_of_the_packages_are_masked_before_they_are_there(tmp_path: Path) -> None:
    masked([*SYSTEM.values(), *OF_COMPUTERS.values()], tmp_path)
    units = {
        unit.name: str(unit.readlink()) for unit in (tmp_path / "etc/systemd/system").iterdir()
    }
    assert units == dict.fromkeys(SERVICES.values(), "/dev/null")


def test_what_was_installed_before_is_left_alone(tmp_path: Path) -> None:
    masked(["iproute2", "etcd-server"], tmp_path)
    folder = tmp_path / "etc/systemd/system"
    assert [unit.name for unit in folder.iterdir()] == ["etcd.service"]


def test_a_unit_of_somebody_elses_stays(tmp_path: Path) -> None:
    unit = tmp_path / "etc/systemd/system/etcd.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\n")
    masked(["etcd-server"], tmp_path)
    assert unit.read_text() == "[Service]\n"


def test_nothing_starts_while_packages_are_installed(tmp_path: Path) -> None:
    with no_services(tmp_path):
        assert asked(tmp_path) == FORBIDDEN
    assert not (tmp_path / POLICY).exists()


def test_a_failed_installation_leaves_no_policy(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), no_services(tmp_path):
        raise RuntimeError
    assert not (tmp_path / POLICY).exists()


def test_the_policy_of_a_killed_installation_allows_all_and_goes(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 our own program
        [sys.executable, "-c", KILLED, tmp_path], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / POLICY).exists()
    assert asked(tmp_path) == 0
    assert not (tmp_path / POLICY).exists()


def test_the_next_installation_takes_the_place_of_a_killed_one(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False)  # noqa: S603 likewise
    with no_services(tmp_path):
        assert asked(tmp_path) == FORBIDDEN
    assert not (tmp_path / POLICY).exists()


def test_a_policy_of_the_machine_stays_as_it_is(tmp_path: Path) -> None:
    policy = tmp_path / POLICY
    policy.parent.mkdir(parents=True)
    policy.write_text("#!/bin/sh\nexit 104\n")
    with no_services(tmp_path):
        assert policy.read_text() == "#!/bin/sh\nexit 104\n"
    assert policy.exists()
