"""What asks a tenancy leaves nothing in it, whatever it answers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "try-oracle-cloud"
PLACE = ("--compartment", "ocid1.compartment.oc1..a", "--region", "us-sanjose-1")

# Stands in for the OCI command line: refuses the connection after `LIMIT`, and knows what is left.
OCI = """\
#!/usr/bin/env bash
world=$(dirname "$0")/world
echo "$*" >> "$world.calls"
touch "$world"
case "$*" in
  *"drg create"*) echo drg >> "$world"; echo drg ;;
  *"connection create"*)
    count=$(grep -c rpc "$world")
    if [ "$count" -ge "${LIMIT:?}" ]; then echo 'LimitExceeded: no more' >&2; exit 1; fi
    echo "rpc$count" | tee -a "$world" ;;
  *"connection delete"*) [ -z "${STUCK:-}" ] || exit 1; sed -i "/^$7\\$/d" "$world" ;;
  *"drg delete"*) sed -i '/^drg$/d' "$world" ;;
  *"tag-default"*) echo 'NotAuthorized' >&2; exit 1 ;;
  *) echo '[ "found" ]' ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    (tmp_path / "oci").write_text(OCI)
    (tmp_path / "oci").chmod(0o755)
    return tmp_path


def ran(machine: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": f"{machine}:{os.environ['PATH']}", "LIMIT": "99", **variables}
    return subprocess.run(  # noqa: S603 the script under test
        [SCRIPT, *arguments], cwd=machine, env=env, text=True, capture_output=True, check=False
    )


def answers(machine: Path) -> dict[str, Any]:
    lines = (machine / "oracle-cloud-answers.tsv").read_text().splitlines()
    return dict(line.split("\t") for line in lines)


def test_the_plan_asks_nothing_of_the_tenancy(machine: Path) -> None:
    done = ran(machine, *PLACE, "--plan")
    assert done.returncode == 0
    assert "makes one DRG" in done.stdout
    assert sorted(path.name for path in machine.iterdir()) == ["oci"]


def test_the_limit_is_found_and_nothing_is_left(machine: Path) -> None:
    done = ran(machine, *PLACE, LIMIT="3")
    assert (done.returncode, done.stderr) == (0, "")
    assert answers(machine) == {
        "limits-network": '[ "found" ] ',
        "limits-cores": '[ "found" ] ',
        "images-oke": '[ "found" ] ',
        "images-platform": '[ "found" ] ',
        "tag-defaults": "refused: NotAuthorized ",
        "rpcs-per-drg": "3, then refused: LimitExceeded: no more ",
    }
    assert (machine / "world").read_text() == ""


def test_a_limit_beyond_what_matters_is_said_to_be_so(machine: Path) -> None:
    ran(machine, *PLACE)
    assert answers(machine)["rpcs-per-drg"] == "at least 16"
    assert (machine / "world").read_text() == ""


def test_what_could_not_be_deleted_is_named(machine: Path) -> None:
    done = ran(machine, *PLACE, LIMIT="1", STUCK="yes")
    assert done.returncode == 1
    assert done.stderr == "not deleted, delete it by hand: rpc0\n"


@pytest.mark.parametrize(
    "arguments", [(), PLACE[:2], (*PLACE, "--delete-everything"), ("--region",)]
)
def test_it_says_how_it_is_called(machine: Path, arguments: tuple[str, ...]) -> None:
    done = ran(machine, *arguments)
    assert done.returncode == 2
    assert "--compartment OCID --region REGION" in done.stderr
