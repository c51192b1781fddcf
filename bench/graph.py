"""Measures the building of the graph under mocks: time, peak memory and number of resources.

`python -m bench.graph` runs each size in a process of its own, all of them in every round, and
takes the median; it prints a table for docs/benchmarks.md and draws docs/benchmarks/graph.svg.
Made of: this program and the Pulumi SDK. Not in it: the engine, plugins, clouds and clusters.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TypedDict

import matplotlib.pyplot as plt

from tests.support.documents import documents
from tests.support.program import run

SIZES = (2, 5, 10, 20, 50)
PLOT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "graph.svg"
REGIONS = ("us-sanjose-1", "us-chicago-1", "us-ashburn-1")


class Measured(TypedDict):
    """One run of one size."""

    clusters: int
    resources: int
    seconds: float
    """Of the processor; other work on the machine changes it less than the clock's."""
    elapsed: float
    """Seconds on the clock."""
    megabytes: float


def mesh_of(size: int) -> dict[str, Any]:
    """Return the documents of `size` primaries over three regions, on flat or own networks."""
    clusters = {
        f"c{number}": {
            "region": REGIONS[number % len(REGIONS)],
            "vcnCidr": f"10.{number}.0.0/16",
            "servicesCidr": "172.16.0.0/16",
            "endpoint": "public",
            "allowedCidrs": ["198.51.100.0/24"],
        }
        for number in range(size)
    }
    return documents(clusters=clusters)


def measure(size: int) -> Measured:
    """Build the graph once, in this process, after everything has been imported."""
    configuration = mesh_of(size)
    run(mesh_of(1))
    gc.collect()
    start, busy = time.perf_counter(), time.process_time()
    made = run(configuration)
    elapsed, seconds = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(
        clusters=size,
        resources=len(made.resources),
        seconds=seconds,
        elapsed=elapsed,
        megabytes=peak,
    )


def measure_apart(size: int) -> Measured:
    """Measure in a process of its own."""
    argv = [sys.executable, "-m", "bench.graph", "--one", str(size)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    found: Measured = json.loads(done.stdout)
    return found


def medians(rounds: int) -> list[Measured]:
    """Return the median of every size; each round runs all sizes, side by side."""
    seen = [[measure_apart(size) for size in SIZES] for _ in range(rounds)]
    return [
        Measured(
            clusters=runs[0]["clusters"],
            resources=runs[0]["resources"],
            seconds=statistics.median(r["seconds"] for r in runs),
            elapsed=statistics.median(r["elapsed"] for r in runs),
            megabytes=statistics.median(r["megabytes"] for r in runs),
        )
        for runs in zip(*seen, strict=True)
    ]


def table(found: list[Measured]) -> str:
    """Return the results as a Markdown table."""
    first = found[0]["seconds"] / found[0]["resources"]
    lines = [
        "| clusters | resources | CPU s | clock s | CPU ms per resource | against 2 | peak MB |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for m in found:
        each = m["seconds"] / m["resources"]
        lines.append(
            f"| {m['clusters']} | {m['resources']} | {m['seconds']:.2f} | {m['elapsed']:.2f} "
            f"| {each * 1000:.2f} | {each / first:.2f} | {m['megabytes']:.0f} |"
        )
    return "\n".join(lines)


def draw(found: list[Measured]) -> None:
    """Draw time and memory over the number of resources."""
    plt.rcParams["svg.hashsalt"] = "oke-mesh"
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    counts = [m["resources"] for m in found]
    for axes, key, title, unit, marks in (
        (left, "seconds", "Time to build the graph", "CPU seconds", (1, 3, 10, 30, 100)),
        (right, "megabytes", "Peak memory", "MB", (200, 500, 1000, 2000)),
    ):
        values = [m[key] for m in found]  # type: ignore[literal-required] # the two keys above
        axes.plot(counts, values, marker="o", color="#1f6f8b")
        axes.set(title=title, xlabel="resources (clusters)", ylabel=unit)
        axes.set(xscale="log", yscale="log")
        axes.set_xticks(counts, [f"{m['resources']}\n({m['clusters']})" for m in found])
        axes.set_yticks(marks, [str(mark) for mark in marks])
        axes.minorticks_off()
        axes.grid(visible=True, alpha=0.3)
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PLOT, metadata={"Date": None})


def main() -> None:
    """Measure one size for the parent process, or all of them for a reader."""
    parser = argparse.ArgumentParser(prog="python -m bench.graph", description=__doc__)
    parser.add_argument("--one", type=int, metavar="CLUSTERS", help="measure one size, once")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one)))
        return
    found = medians(asked.rounds)
    draw(found)
    print(table(found))


if __name__ == "__main__":
    main()
