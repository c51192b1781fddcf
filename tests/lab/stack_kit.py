"""The lab's stack as a user has it: commands of the checkout, the vendor's client, kubectl."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oci
import yaml

from lab.environment import environment
from lab.paths import LabPaths
from lab.stack import STACK

REGIONS = {"primary": "us-sanjose-1", "secondary": "us-chicago-1"}
KEYS = tuple(REGIONS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def run(paths: LabPaths, *command: str | Path, given: str = "") -> Said:
    """A command in the checkout, pointed at the lab; without a terminal, as in CI.

    `given` is its standard input.
    """
    answer = subprocess.run(  # noqa: S603 programs of the lab's
        command,
        env=os.environ | environment(paths),
        cwd=paths.root,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    return Said(code=answer.returncode, out=answer.stdout, err=answer.stderr)


def lab(paths: LabPaths, *words: str) -> Said:
    return run(paths, sys.executable, "-m", "lab", *words)


def git_status(paths: LabPaths) -> str:
    said = run(paths, "git", "status", "--porcelain")
    assert said.code == 0, said.err
    return said.out


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab whose stack is up."""

    paths: LabPaths
    first: Said
    """What the first deployment said."""
    status_before: str
    """Of git, before anything was started."""

    def __call__(self, *words: str) -> Said:
        return lab(self.paths, *words)

    def outputs(self, *, with_secrets: bool = False) -> dict[str, Any]:
        shown = ("--show-secrets",) if with_secrets else ()
        found: dict[str, Any] = json.loads(
            self.pulumi("stack", "output", "--json", "--stack", STACK, *shown).out
        )
        return found

    def pulumi(self, *words: str) -> Said:
        return run(self.paths, self.paths.wrappers / "pulumi", *words)

    def kubectl(self, key: str, *words: str) -> str:
        """The output of kubectl in a cluster, which must succeed."""
        said = self.try_kubectl(key, *words)
        assert said.code == 0, said.err
        return said.out

    def try_kubectl(self, key: str, *words: str) -> Said:
        program = self.paths.tool("kubectl")
        return run(self.paths, program, "--context", f"{key}-cluster", *words)

    def start_client(self, key: str, namespace: str, name: str, *rights: str) -> None:
        """A pod with the curl of the samples in a container of its own name, once it is ready."""
        path = "jsonpath={.spec.template.spec.containers[0].image}"
        image = self.kubectl(key, "-n", "sample", "get", "deployment", "curl", "-o", path)
        place = (*rights, "--namespace", namespace)
        words = (f"--image={image}", "--command", "--", "sleep", "infinity")
        self.kubectl(key, *place, "run", name, *words)
        self.kubectl(key, *place, "wait", "--for=condition=Ready", f"pod/{name}", "--timeout=180s")

    def verify(self, *words: str) -> Said:
        return self.ops("verify", *words)

    def ops(self, command: str, *words: str) -> Said:
        """What a command of `ops` says of the stack."""
        program = (sys.executable, "-m", "ops", command)
        return run(self.paths, *program, "--stack", STACK, *words)

    @property
    def compartment_id(self) -> str:
        settings = yaml.safe_load(self.paths.stack_settings.read_text())
        return str(settings["config"]["oke-mesh:oci"]["compartmentId"])

    def client(self, kind: Any, place: str) -> Any:
        """One of the vendor's clients for a region, or for that of a cluster."""
        config = oci.config.from_file(str(self.paths.oci_config))
        made = kind(
            {**config, "region": REGIONS.get(place, place)},
            retry_strategy=oci.retry.NoneRetryStrategy(),
        )
        found, session = environment(self.paths), made.base_client.session
        # This process has the machine's own environment.
        session.trust_env = False
        session.proxies = {"https": found["HTTPS_PROXY"]}
        session.verify = found["REQUESTS_CA_BUNDLE"]
        return made

    def changed_settings(self, folder: Path, at: Sequence[str], value: Any) -> Path:
        """The stack's settings with one changed."""
        return self.settings_with(folder, {tuple(at): value})

    def settings_with(self, folder: Path, changes: Mapping[tuple[str, ...], Any]) -> Path:
        """The stack's settings with all of these in them, by their places."""
        settings = yaml.safe_load(self.paths.stack_settings.read_text())
        for at, value in changes.items():
            inner = settings["config"]
            for key in at[:-1]:
                inner = inner.setdefault(key, {})
            inner[at[-1]] = value
        file = folder / "Pulumi.lab.yaml"
        file.write_text(yaml.safe_dump(settings))
        return file


def steps(said: Said) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What a preview in JSON would do: by resource the operation and the properties."""
    found = {}
    for step in json.loads(said.out)["steps"]:
        if step["op"] != "same":
            name = step["urn"].rpartition("::")[2]
            found[name] = (step["op"], tuple(sorted(step.get("detailedDiff") or ())))
    return found
