"""`ops traffic explain SERVICE`: where requests go, for each cluster's clients and in what order.

It is read from the stack's settings, as the next update carries them out. Exit code 1: they could
not be read.
"""

import argparse
import dataclasses
import json
from typing import Any, Final

from pydantic import ValidationError

from components.config import report
from components.config.parse import read_documents
from components.errors import ConfigError
from components.plan.plan import build_plan
from components.plan.traffic.explain import Step, Way, explain
from components.plan.traffic.names import host_of
from components.settings.stack import NAMESPACE, Settings
from ops.errors import OpsError
from ops.pulumi import run_pulumi

_PREFIX: Final = f"{NAMESPACE}:"


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `traffic`."""
    parser = commands.add_parser("traffic", help="say where requests go", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    one = verbs.add_parser("explain", help="of one service")
    one.add_argument("service", help="namespace/name or its full host")
    one.add_argument("--stack", required=True, help="whose settings are read")
    one.add_argument("--config-file", metavar="FILE", help="with its settings, as Pulumi takes it")
    one.add_argument("--json", action="store_true", help="JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show what becomes of requests to the service."""
    settings = _settings(_documents(arguments.stack, arguments.config_file))
    found = explain(arguments.service, settings, build_plan(settings))
    if arguments.json:
        print(json.dumps(document(arguments.service, found)))
    else:
        print("\n".join(_lines(arguments.service, settings, found)))
    return 0


def document(service: str, found: dict[str, tuple[Way, ...]]) -> dict[str, Any]:
    """Return the explanation as JSON has it."""
    ways = {key: [dataclasses.asdict(way) for way in seen] for key, seen in found.items()}
    return {"host": host_of(service), "clients": ways}


def _lines(service: str, settings: Settings, found: dict[str, tuple[Way, ...]]) -> list[str]:
    lines = [f"{service} is {host_of(service)}"]
    for key, ways in found.items():
        lines += ["", f"from {key} ({settings.clusters[key].region})"]
        for way in ways:
            lines.append(f"  {'; '.join([way.requests, *way.also])}")
            for choice in way.choices:
                order = ", then ".join(_step(step) for step in choice.steps) or "nobody"
                lines.append(f"    {choice.weight:3}%  {choice.subset or 'all pods'}: {order}")
    return lines


def _step(step: Step) -> str:
    shares = [f"{weight}% {region}" for region, weight in step.shares.items()]
    return " and ".join(step.clusters) + (f" ({', '.join(shares)})" if shares else "")


def _settings(documents: dict[str, object]) -> Settings:
    try:
        return Settings.model_validate(documents)
    except ValidationError as error:
        raise OpsError(str(ConfigError(report.problems(error, documents)))) from error


def _documents(stack: str, file: str | None) -> dict[str, object]:
    """Return the documents of a stack's configuration, without its secrets."""
    other = ("--config-file", file) if file else ()
    asked = run_pulumi("config", "--json", "--stack", stack, *other)
    if asked.returncode != 0:
        raise OpsError(f"stack {stack}: has no settings to read, got {asked.stderr.strip()!r}")
    texts = {
        key.removeprefix(_PREFIX): entry["value"]
        for key, entry in json.loads(asked.stdout).items()
        if key.startswith(_PREFIX) and not entry["secret"]
    }
    # What is malformed is told as a value of the wrong type.
    return read_documents(texts)[0]
