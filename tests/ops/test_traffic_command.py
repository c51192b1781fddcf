"""`ops traffic explain`, with a stand-in for Pulumi that tells a stack's settings."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from tests.support.documents import documents

WORDS = ["traffic", "explain", "shop/cart", "--stack", "dev"]
SPLIT = [{"cluster": "primary", "weight": 80}, {"version": "v2", "weight": 20}]


@pytest.fixture
def tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a `pulumi` on PATH that answers with these documents, as `pulumi config --json` does."""

    def put(documents: dict[str, Any], code: int = 0) -> Path:
        config = {
            f"oke-mesh:{key}": {"value": json.dumps(value), "secret": False}
            | ({"objectValue": value} if isinstance(value, dict) else {})
            for key, value in documents.items()
        }
        config["oke-mesh:privateKey"] = {"secret": True}
        config["other:key"] = {"value": "x", "secret": False}
        answer, asked = tmp_path / "answer.json", tmp_path / "asked"
        answer.write_text(json.dumps(config))
        program = tmp_path / "pulumi"
        program.write_text(
            f"#!{sys.executable}\nimport pathlib, sys\n"
            f"pathlib.Path({str(asked)!r}).write_text(' '.join(sys.argv[1:]))\n"
            f"sys.stdout.write(pathlib.Path({str(answer)!r}).read_text())\n"
            f"sys.stderr.write('no stack named dev')\nsys.exit({code})\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        return asked

    return put


def test_it_says_for_each_cluster_where_a_request_goes(
    tells: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    service = {"routes": [{"to": SPLIT}], "timeout": "10s"}
    asked = tells(documents(traffic__services={"shop/cart": service}, protection=False))
    assert main(WORDS) == 0
    assert asked.read_text() == "config --json --stack dev"
    assert capsys.readouterr().out == (
        "shop/cart is cart.shop.svc.cluster.local\n"
        "\n"
        "from primary (us-sanjose-1)\n"
        "  every request; given up after 10s\n"
        "     80%  in-primary: primary\n"
        "     20%  v2: primary, then secondary\n"
        "\n"
        "from secondary (us-chicago-1)\n"
        "  every request; given up after 10s\n"
        "     80%  in-primary: primary\n"
        "     20%  v2: secondary, then primary\n"
    )


def test_it_tells_shares_of_regions_and_takes_a_file(
    tells: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    to = [{"region": "us-sanjose-1", "weight": 70}, {"region": "us-chicago-1", "weight": 30}]
    locality = {"distribute": [{"from": "us-sanjose-1", "to": to}]}
    asked = tells(documents(traffic__services={"shop/cart": {"locality": locality}}))
    assert main([*WORDS, "--config-file", "other.yaml"]) == 0
    assert asked.read_text().endswith("--config-file other.yaml")
    shown = "    100%  all pods: primary and secondary (70% us-sanjose-1, 30% us-chicago-1)\n"
    assert shown in capsys.readouterr().out


def test_programs_read_it_as_json(tells: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tells(documents())
    assert main([*WORDS, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["host"] == "cart.shop.svc.cluster.local"
    (way,) = found["clients"]["secondary"]
    (choice,) = way["choices"]
    assert [step["clusters"] for step in choice["steps"]] == [["secondary"], ["primary"]]


def test_settings_that_are_wrong_are_told(tells: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tells(documents(traffic__services={"shop/cart": {"timeout": 10}}))
    assert main(WORDS) == 1
    assert 'traffic.services["shop/cart"].timeout: has no unit, got 10' in capsys.readouterr().err


def test_a_stack_that_is_not_there_is_told(tells: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tells(documents(), code=1)
    assert main(WORDS) == 1
    assert "stack dev: has no settings to read, got 'no stack named dev'" in capsys.readouterr().err


def test_pulumi_has_to_be_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(WORDS) == 1
    assert "pulumi is not on PATH" in capsys.readouterr().err
