"""Alert rules, judged by promtool on recorded series; no lab runs for it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.observability.alerts import Alert, rules_file
from lab.paths import LabPaths
from lab.toolchain.unpacked import program
from tests.observability.alert_cases import CASES, Case, alerts

pytestmark = pytest.mark.lab

LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")


@pytest.fixture(scope="module")
def promtool() -> Path:
    return program(LabPaths.locate(), "prometheus", "promtool")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("alerts") / "rules.yaml"
    file.write_text(yaml.safe_dump(rules_file(alerts())))
    return file


def run(promtool: Path, *arguments: object) -> None:
    command = [str(promtool), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 ours
    assert done.returncode == 0, done.stdout + done.stderr


def expected(alert: Alert, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return an alert as it is told, with its labels in its words."""
    rule = alert.written()
    words = {
        name: LABEL.sub(lambda found: labels[found[1]], text)
        for name, text in rule["annotations"].items()
    }
    return {"exp_labels": {**rule["labels"], **labels}, "exp_annotations": words}


def judged(case: Case) -> dict[str, Any]:
    """Return the case as promtool reads it."""
    alert = next(found for found in alerts() if found.name == case.alert)
    told = [] if case.raised is None else [expected(_of(alert, case), case.raised)]
    return {
        "interval": "30s",
        "input_series": [{"series": name, "values": text} for name, text in case.series.items()],
        "alert_rule_test": [{"eval_time": case.after, "alertname": case.alert, "exp_alerts": told}],
    }


def _of(alert: Alert, case: Case) -> Alert:
    """Return the one of several alerts of a name whose words have the labels of the case."""
    named = [found for found in alerts() if found.name == case.alert]
    words = [*(case.raised or {}).values()]
    return next((found for found in named if any(w in found.summary for w in words)), alert)


def test_the_rules_are_rules(promtool: Path, rules: Path) -> None:
    run(promtool, "check", "rules", rules)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}: {case.what}")
def test_an_alert_is_raised_when_it_should_be(promtool: Path, rules: Path, case: Case) -> None:
    file = rules.with_name("test.yaml")
    asked = {
        "rule_files": [rules.name],
        "evaluation_interval": "30s",
        "tests": [judged(case)],
    }
    file.write_text(yaml.safe_dump(asked))
    run(promtool, "test", "rules", file)
