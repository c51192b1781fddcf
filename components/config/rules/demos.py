"""Demos: that their clusters are there, can run them, and reach each other."""

from collections.abc import Iterator
from typing import Final

from components.config.rules.given import Given, Rule, not_enabled, problem, without_mesh
from components.errors import Problem
from components.plan.traffic.names import covers_namespace

_DEMOS: Final = ("bookinfo", "chat")
"""By the name of its setting and of its namespace."""


def _places(given: Given) -> dict[str, str]:
    """Return the keys of clusters that the demos name, by the path of the setting."""
    demos = given.settings.demos
    found: dict[str, str] = {}
    if demos.bookinfo:
        found["demos.bookinfo.page"] = demos.bookinfo.page
    if demos.chat:
        found["demos.chat.page"] = demos.chat.page
        found["demos.chat.server"] = demos.chat.server
    return found


def _clusters(given: Given) -> Iterator[Problem]:
    for location, key in _places(given).items():
        yield from not_enabled(given, location, key)


def _gpus(given: Given) -> Iterator[Problem]:
    chat = given.settings.demos.chat
    cluster = given.clusters.get(chat.server) if chat else None
    if chat and cluster and not any(pool.is_gpu for pool in cluster.node_pools.values()):
        yield problem(
            "demos.chat.server",
            "is a cluster without a node pool that has GPUs",
            got=chat.server,
            remedy=f"add one to clusters.{chat.server}.nodePools, such as shape VM.GPU.A10.1",
        )


def _mesh(given: Given) -> Iterator[Problem]:
    for location, key in _places(given).items():
        yield from without_mesh(given, location, got=key, what="the demo")


def _crossing(given: Given) -> Iterator[Problem]:
    mesh, demos = given.settings.mesh, given.settings.demos
    hosts = mesh.east_west.hosts
    for demo in (name for name in _DEMOS if getattr(demos, name)):
        crosses = any(covers_namespace(host, demo) for host in hosts)
        if given.spans_networks and hosts and not crosses:
            yield problem(
                "mesh.eastWest.hosts",
                f"leaves out demos.{demo}, which calls across networks",
                got=list(hosts),
                remedy=f"add '*.{demo}.svc.cluster.local', or remove the demo",
            )


def _token(given: Given) -> Iterator[Problem]:
    if given.secrets.hugging_face_token and not given.settings.demos.chat:
        yield problem(
            "demos.chat",
            "is missing beside the secret huggingFaceToken",
            got=None,
            remedy="describe the demo, or `pulumi config rm huggingFaceToken`",
        )


RULES: Final[tuple[Rule, ...]] = (_clusters, _gpus, _mesh, _crossing, _token)
