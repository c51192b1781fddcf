"""The files that a command leaves and that become assets, chosen by glob rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from lab.plugins.base.values import ARCHIVE, ASSET, SIGNATURE
from sdks.values import Asset

TOKENS = re.compile(r"\*\*|\*|\?|\[!?[^]]+\]|\{[^}]*\}|.", re.DOTALL)


def assets(folder: Path, rules: Sequence[str]) -> dict[str, Asset]:
    """The chosen files by their path relative to the folder."""
    return {name: _asset(folder / name) for name in _chosen(folder, rules)}


def archive(folder: Path, rules: Sequence[str]) -> Asset:
    """The chosen files as one archive."""
    members = {name: dict(asset.fields) for name, asset in assets(folder, rules).items()}
    return Asset({SIGNATURE: ARCHIVE, "assets": members})


def _asset(file: Path) -> Asset:
    digest = sha256(file.read_bytes()).hexdigest()
    return Asset({SIGNATURE: ASSET, "path": str(file), "hash": digest})


def _chosen(folder: Path, rules: Sequence[str]) -> list[str]:
    # Rules apply in order: a later one takes away what an earlier one gave, or gives it back.
    compiled = [(not rule.startswith("!"), _pattern(rule.removeprefix("!"))) for rule in rules]
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return [name for name in names if _is_chosen(name, compiled)]


def _is_chosen(name: str, rules: Sequence[tuple[bool, re.Pattern[str]]]) -> bool:
    chosen = False
    for includes, pattern in rules:
        if pattern.fullmatch(name):
            chosen = includes
    return chosen


def _pattern(rule: str) -> re.Pattern[str]:
    return re.compile("".join(_translate(token) for token in TOKENS.findall(rule)), re.DOTALL)


def _translate(token: str) -> str:
    simple = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    if token in simple:
        return simple[token]
    if len(token) > 1 and token.startswith("["):
        return token.replace("[!", "[^")
    if len(token) > 1 and token.startswith("{"):
        options = token[1:-1].split(",")
        return "(?:" + "|".join(_pattern(option).pattern for option in options) + ")"
    return re.escape(token)
