"""Takes the place of kubectl on PATH: answers from the file `world.json` in its own folder.

For each context it holds answers by a part of the command line; the longest part that is there
wins. A list of answers is given one after the other, the last again and again.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[0]).resolve().parent


def main(words: list[str]) -> int:
    line = " ".join(words)
    kubeconfig = Path(os.environ["KUBECONFIG"])
    answer = chosen(words[1], line)
    with (FOLDER / "calls").open("a") as calls:
        mode = oct(kubeconfig.stat().st_mode & 0o777)
        entry = {"line": line, "kubeconfig": kubeconfig.read_text(), "mode": mode}
        calls.write(json.dumps(entry) + "\n")
    time.sleep(answer.get("seconds", 0))
    sys.stdout.write(answer.get("out", ""))
    sys.stderr.write(answer.get("err", ""))
    return int(answer.get("code", 0))


def chosen(context: str, line: str) -> dict[str, Any]:
    known = json.loads((FOLDER / "world.json").read_text())[context]
    parts = [part for part in known if part in line]
    if not parts:
        return {"err": f"the stand-in has no answer to {line}\n", "code": 9}
    part = max(parts, key=len)
    answers = known[part]
    if isinstance(answers, dict):
        return dict(answers)
    return dict(answers[min(turn(f"{context} {part}"), len(answers) - 1)])


def turn(name: str) -> int:
    """Return how often this was asked before."""
    with (FOLDER / "turns").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        turns = json.loads(file.read() or "{}")
        before = int(turns.get(name, 0))
        file.truncate(0)
        file.write(json.dumps({**turns, name: before + 1}))
    return before


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
