"""Digests of images that are none, or not of what runs."""

from __future__ import annotations

from typing import Any

import pytest

from components.config.parse import parse
from components.config.rules.given import GivenSecrets
from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import documents

SHA = "sha256:" + "ab" * 32
ISTIO = f"1.31.4@{SHA}"
NO_FORM = "is not a version and its digest"
FORM = "write it as 1.31.4@sha256: and the 64 digits of its digest"


def digests(**pins: str) -> dict[str, Any]:
    return {"mesh__registry__digests": {name.replace("_", "-"): pin for name, pin in pins.items()}}


def beside(**values: Any) -> dict[str, Any]:
    return {**digests(proxyv2=ISTIO), "mesh__istio__values": values}


CASES = [
    wrong(
        "a digest without its version",
        digests(pilot=SHA),
        f"mesh.registry.digests.pilot: {NO_FORM}, got '{SHA}'; {FORM}",
    ),
    wrong(
        "a digest that is cut short",
        digests(pilot="1.31.4@sha256:abc"),
        f"mesh.registry.digests.pilot: {NO_FORM}, got '1.31.4@sha256:abc'; {FORM}",
    ),
    wrong(
        "a version without a digest",
        digests(pilot="1.31.4"),
        f"mesh.registry.digests.pilot: {NO_FORM}, got '1.31.4'; {FORM}",
    ),
    wrong(
        "an image of no such name",
        digests(proxy=ISTIO),
        (
            "mesh.registry.digests.proxy: is no image of the program, got 'proxy'; did you mean "
            "proxyv2? the images are curl, examples-bookinfo-details-v1, "
            "examples-bookinfo-productpage-v1, examples-bookinfo-ratings-v1, "
            "examples-bookinfo-reviews-v1, examples-bookinfo-reviews-v2, "
            "examples-bookinfo-reviews-v3, examples-helloworld-v1, install-cni, open-webui, pilot, "
            "proxyv2, sglang"
        ),
    ),
    wrong(
        "a digest that stayed while Istio's version changed",
        digests(pilot=f"1.31.3@{SHA}"),
        (
            "mesh.registry.digests.pilot: is the digest of another version than the one that runs, "
            f"1.31.4, got '1.31.3@{SHA}'; give that of 1.31.4, or set mesh.istio.version to its "
            "version"
        ),
    ),
    wrong(
        "a digest that stayed while the program's version changed",
        digests(curl=f"8.0.0@{SHA}"),
        (
            "mesh.registry.digests.curl: is the digest of another version than the one that runs, "
            f"8.16.0, got '8.0.0@{SHA}'; give that of 8.16.0"
        ),
    ),
    wrong(
        "a digest of what does not run",
        digests(install_cni=ISTIO, sglang=f"v0.5.18@{SHA}"),
        (
            f"mesh.registry.digests.install-cni: is of an image that nothing runs, got '{ISTIO}'; "
            "remove it, or set mesh.istio.cni to true"
        ),
        (
            "mesh.registry.digests.sglang: is of an image that nothing runs, got "
            f"'v0.5.18@{SHA}'; remove it, or describe demos.chat"
        ),
    ),
    wrong(
        "digests without a mesh",
        {**digests(pilot=ISTIO), "mesh__enabled": False},
        (
            f"mesh.registry.digests.pilot: is of an image that nothing runs, got '{ISTIO}'; remove "
            "it, or set mesh.enabled to true"
        ),
    ),
    wrong(
        "another registry in the values",
        beside(**{"global": {"hub": "registry.example.com/istio"}}),
        (
            "mesh.istio.values.global.hub: names an image beside mesh.registry.digests.proxyv2, "
            "got 'registry.example.com/istio'; remove it and use mesh.registry.place, or remove "
            "the digest"
        ),
    ),
    wrong(
        "another image in the values",
        beside(image="registry.example.com/mine:1", variant="distroless"),
        (
            "mesh.istio.values.image: names an image beside mesh.registry.digests.proxyv2, got "
            "'registry.example.com/mine:1'; remove it and use mesh.registry.place, or remove the "
            "digest"
        ),
        (
            "mesh.istio.values.variant: names an image beside mesh.registry.digests.proxyv2, got "
            "'distroless'; remove it and use mesh.registry.place, or remove the digest"
        ),
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused(case: Wrong) -> None:
    assert_refused(case)


LEGAL: dict[str, dict[str, Any]] = {
    "digests beside other values": beside(**{"global": {"proxy": {"logLevel": "debug"}}}),
    "a registry in the values beside digests of others": {
        **digests(curl=f"8.16.0@{SHA}"),
        "mesh__istio__values": {"global": {"hub": "registry.example.com/istio"}},
    },
    "a digest of an older Istio that runs": {
        **digests(pilot=f"1.31.3@{SHA}"),
        "mesh__istio__version": "1.31.3",
    },
}


@pytest.mark.parametrize("changes", LEGAL.values(), ids=list(LEGAL))
def test_it_is_legal(changes: dict[str, Any]) -> None:
    parse(documents(**changes), GivenSecrets())
