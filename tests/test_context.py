"""What the settings mean for whole stages."""

from __future__ import annotations

from typing import Any, cast

import pytest

from components.cloud.owner import Owner
from components.config.secrets import Secrets
from components.context import Context
from components.plan.plan import build_plan
from components.providers import Providers
from tests.support.documents import flannel, settings

PUBLIC = {"mesh__eastWest": {"exposure": "public"}}
FLAT = {"clusters__primary__network": "flat", "clusters__secondary__network": "flat"}


def context(**changes: Any) -> Context:
    """Return the context of a program that makes nothing."""
    chosen = settings(**changes)
    return Context(
        settings=chosen,
        secrets=cast(Secrets, None),
        plan=build_plan(chosen),
        owner=Owner(project="oke-mesh", stack="test", mesh="oke-mesh"),
        providers=cast(Providers, None),
        kubernetes={},
    )


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        (PUBLIC, ("primary", "secondary")),
        ({}, ()),
        ({**PUBLIC, "mesh__enabled": False}, ()),
        ({**PUBLIC, **FLAT}, ()),
        # On one network only the primary of a remote has such a gateway.
        (
            {
                **PUBLIC,
                "clusters": {
                    "fra": flannel(0, network="flat"),
                    "ash": flannel(1, network="flat", role="remote", primary="fra"),
                },
            },
            ("fra",),
        ),
    ],
    ids=["public", "internal", "no mesh", "one network", "one network with a remote"],
)
def test_a_gateway_with_a_public_address_has_rules_of_its_own(
    changes: dict[str, Any], keys: tuple[str, ...]
) -> None:
    assert context(**changes).public_gateways == keys


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({}, ("primary", "secondary")),
        ({"mesh__samples": False}, ()),
        ({"mesh__enabled": False}, ()),
    ],
    ids=["default", "no samples", "no mesh"],
)
def test_samples_run_on_every_cluster_of_a_mesh(
    changes: dict[str, Any], keys: tuple[str, ...]
) -> None:
    assert context(**changes).sampled == keys
