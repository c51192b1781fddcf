"""Measures the lab: from nothing to a verified mesh, what does nothing, the way back, and memory.

`python -m bench.lab` needs root and the lab's programs; it runs everything once, side by side in
one run, and prints tables for docs/benchmarks.md. The mesh by the program and the mesh by the first
description's steps (bench/first_description.py) start from the same clusters.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from bench import first_description
from components.config.parse import parse
from components.plan.plan import build_plan
from lab.commands import say
from lab.environment import environment
from lab.paths import LabPaths
from lab.toolchain import build
from lab.toolchain.pins import HELM

ROOT = Path(__file__).resolve().parents[1]
STACK = "lab"
SAMPLE_SECONDS = 0.5


class Memory:
    """The most memory that was in use above the level at the start, in megabytes."""

    def __init__(self) -> None:
        self.level = _used()
        self.peak = 0.0
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._sample, daemon=True)
        self._watch.start()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, _used() - self.level)

    def stop(self) -> float:
        """End the watch and return the peak."""
        self._ended.set()
        self._watch.join()
        return self.peak


def _used() -> float:
    fields = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    kilobytes = [int(fields[name].split()[0]) for name in ("MemTotal", "MemAvailable")]
    return (kilobytes[0] - kilobytes[1]) / 1024


class Clock:
    """Times phases and tells of each as it ends."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what is inside."""
        start = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - start
        print(f"{name}: {self.seconds[name]:.1f} s", file=sys.stderr, flush=True)


def lab(*command: str) -> None:
    """Run a command of the lab."""
    subprocess.run([sys.executable, "-m", "lab", *command], cwd=ROOT, check=True)


def pulumi(*command: str) -> str:
    """Run the engine on the lab's stack and return what it printed."""
    settings = os.environ | environment(LabPaths.locate())
    argv = ["pulumi", *command, "--stack", STACK, "--non-interactive"]
    done = subprocess.run(argv, cwd=ROOT, env=settings, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def up() -> None:
    """Bring the stack to its settings, with its verification as its last step."""
    pulumi("up", "--yes", "--skip-preview")


def with_mesh(*, enabled: bool) -> None:
    """Set whether the next `up` installs the mesh."""
    pulumi("config", "set", "--path", "oke-mesh:mesh.enabled", str(enabled).lower())


def documents() -> Mapping[str, Any]:
    """Return the documents of the lab's description."""
    config = yaml.safe_load((ROOT / "Pulumi.lab.yaml").read_text())["config"]
    return {key.removeprefix("oke-mesh:"): value for key, value in config.items()}


def site(folder: Path) -> first_description.Site:
    """Return the clusters as they are now, for the steps of the first description."""
    settings = parse(documents())
    outputs = json.loads(pulumi("stack", "output", "--json", "--show-secrets"))
    kubeconfig = folder / "kubeconfig"
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(outputs["mergedKubeconfig"])
    paths = LabPaths.locate()
    # The program needs none, and the first description installs its charts with it.
    build.ensure(paths, [HELM], say)
    os.environ.update(environment(paths))
    return first_description.Site(
        settings=settings,
        plan=build_plan(settings),
        outputs=outputs["clusters"],
        kubeconfig=kubeconfig,
    )


def compare(clock: Clock) -> dict[str, float]:
    """Install the mesh both ways on the same clusters; return the seconds of each step."""
    with_mesh(enabled=False)
    with clock.phase("clusters and certificates, without the mesh"):
        up()
    with tempfile.TemporaryDirectory() as folder:
        clusters = site(Path(folder))
        with clock.phase("mesh, the first description's steps one by one"):
            taken = first_description.run(clusters)
        first_description.undo(clusters)
    with_mesh(enabled=True)
    with clock.phase("mesh, by the program, verification included"):
        up()
    return taken


def life(clock: Clock) -> float:
    """Measure a whole life of the lab; return the peak of memory in megabytes."""
    memory = Memory()
    with clock.phase("warm `make up`, to the verified mesh"):
        lab("up")
        up()
    for number in (1, 2, 3):
        with clock.phase(f"preview without a change, {number}"):
            pulumi("preview", "--expect-no-changes")
    with clock.phase("up without a change"):
        pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    with clock.phase("refresh without a change"):
        pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    with clock.phase("destroy"):
        pulumi("destroy", "--yes", "--skip-preview")
    return memory.stop()


def table(title: str, seconds: Mapping[str, float]) -> str:
    """Return timings as a Markdown table."""
    rows = [f"| {name} | {value:.1f} |" for name, value in seconds.items()]
    return "\n".join([f"| {title} | seconds |", "| --- | ---: |", *rows])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.lab", description=__doc__)
    parser.parse_args()
    clock = Clock()
    lab("down")
    try:
        peak = life(clock)
        taken = compare(clock)
    finally:
        lab("down")
    print(table("phase", clock.seconds))
    print(f"\nPeak memory above the machine's own: {peak:.0f} MB.\n")
    print(table("step of the first description", taken))


if __name__ == "__main__":
    main()
