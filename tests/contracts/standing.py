"""The program, `__main__.py` itself, where it does not stand alone.

A second time beside itself, under other names, or inside of a component. Nothing of its wiring is
said here again: what a stage is given is changed on its way into the SDK.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pulumi
import pytest

from tests.contracts.test_style import COMPONENTS
from tests.support.documents import CALLERS, SSH_KEY, changed, cluster, documents
from tests.support.program import OBSERVED, PAGES


def described(first: int, regions: Mapping[str, str], *, issuer: str) -> dict[str, Any]:
    """Return the documents of primaries, by key, that need every stage.

    Their endpoints are private behind an operator host, and their east-west gateways public.
    """
    asked: dict[str, Any] = {"flowLogDays": 30, "addons": {"CertManager": {}}}
    clusters = {
        key: cluster(number, region=region, endpoint="private", allowedCidrs=[], **asked)
        for number, (key, region) in enumerate(regions.items(), first)
    }
    access = {
        "cluster": next(iter(regions)),
        "allowedCidrs": [CALLERS],
        "sshPublicKey": SSH_KEY,
    }
    page, server = regions
    shop = {"service": "shop/frontend", "port": 80}
    clusters[server]["nodePools"] = {"gpu": {"shape": "VM.GPU.A10.1", "size": 1}}
    return changed(
        documents(clusters=clusters),
        access=access,
        mesh__eastWest__exposure="public",
        mesh__istio__egress=True,
        mesh__loadBalancers="internal",
        mesh__egress__hosts=["https://api.example.com"],
        mesh__ingress__hosts={
            "shop": shop,
            "www": {**shop, "names": [f"{page}.example.com"]},
            **PAGES,
        },
        mesh__ingress__dns={"zone": "example.com", "region": regions[page]},
        mesh__ingress__https={"issuer": issuer},
        demos={"bookinfo": {"page": page}, "chat": {"page": page, "server": server}},
        observability={**OBSERVED, "home": page},
        gitops={"namespaces": ["shop"]},
        budget={"monthly": 500, "recipients": ["ops@example.com"]},
        alarms={"recipients": ["ops@example.com"]},
    )


class Box(pulumi.ComponentResource):
    """Holds the stages of a program, as somebody else's component would."""

    def __init__(self) -> None:
        super().__init__("okemesh:test:Box", "box")
        self.register_outputs({})


Init = Callable[..., None]
Given = dict[str, Any]


@contextmanager
def inside(box: Box) -> Iterator[None]:
    """Put everything that names no parent into the box."""

    def put(given: Given) -> None:
        parent = pulumi.ResourceOptions(parent=box)
        given["opts"] = pulumi.ResourceOptions.merge(given.get("opts"), parent)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulumi.Resource, "__init__", _changed(pulumi.Resource.__init__, put))
        yield


@contextmanager
def renamed(prefix: str) -> Iterator[None]:
    """Give another name to every provider and every stage."""

    def rename(given: Given) -> None:
        given["name"] = prefix + given["name"]

    with pytest.MonkeyPatch.context() as patch:
        for resource in (pulumi.ProviderResource, *COMPONENTS):
            original = resource.__init__  # type: ignore[misc] # of the class that is patched
            patch.setattr(resource, "__init__", _changed(original, rename))
        yield


def _changed(original: Init, change: Callable[[Given], None]) -> Init:
    """Return a constructor whose arguments are changed where they name no parent."""
    signature = inspect.signature(original)

    def init(*args: Any, **kwargs: Any) -> None:
        given = signature.bind(*args, **kwargs)
        opts = given.arguments.get("opts")
        if opts is None or opts.parent is None:
            change(given.arguments)
        original(*given.args, **given.kwargs)

    return init


@contextmanager
def watched() -> Iterator[list[pulumi.ComponentResource]]:
    """Yield a list of every component that is made in this block."""
    seen: list[pulumi.ComponentResource] = []
    original = pulumi.ComponentResource.__init__

    def init(self: pulumi.ComponentResource, *args: Any, **kwargs: Any) -> None:
        seen.append(self)
        original(self, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulumi.ComponentResource, "__init__", init)
        yield seen
