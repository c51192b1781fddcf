"""Runs the whole program, `__main__.py` itself, for the descriptions that the tests know."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.brought import brought_cluster
from tests.support.documents import (
    CALLERS,
    COMPARTMENT,
    SSH_KEY,
    cluster,
    documents,
    flannel,
)
from tests.support.harness import PROJECT, Deployment, deploy, set_config

ROOT = Path(__file__).resolve().parents[2]


# What Pulumi.dev.yaml and Pulumi.primary-remote.yaml leave to be filled in.
_FILLED_IN = {
    "ocid1.compartment.oc1..replace-with-your-compartment": COMPARTMENT,
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIreplaceThisWithYourOwnPublicKey000000000000 you": SSH_KEY,
    "203.0.113.0/24": CALLERS,
}


def committed_documents(stack: str) -> dict[str, Any]:
    """Return the documents of `Pulumi.<stack>.yaml` as they are."""
    return _documents((ROOT / f"Pulumi.{stack}.yaml").read_text())


def stack_documents(stack: str) -> dict[str, Any]:
    """Return the documents of `Pulumi.<stack>.yaml`, with what its user has to fill in."""
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
    for placeholder, own in _FILLED_IN.items():
        text = text.replace(placeholder, own)
    return _documents(text)


def _documents(text: str) -> dict[str, Any]:
    values = yaml.safe_load(text)["config"]
    return {key.removeprefix(f"{PROJECT}:"): value for key, value in values.items()}


def ten_clusters() -> dict[str, Any]:
    """Return ten primaries in three regions."""
    return documents(clusters={f"c{number}": cluster(number) for number in range(10)})


def way_in() -> dict[str, Any]:
    """Return a primary and its remote with hosts, hosts outside, both demos and a GitOps tool."""
    books = {"service": "bookinfo/productpage", "port": 9080}
    return documents(
        clusters={
            "fra": cluster(0, egress={"ports": [80, 443]}),
            "ash": cluster(
                1,
                role="remote",
                primary="fra",
                egress={"ports": [80, 443]},
                nodePools={"gpu": {"shape": "VM.GPU.A10.1", "size": 1}},
            ),
        },
        mesh={
            "id": "oke-mesh",
            "trustDomain": "oke.local",
            "istio": {"egress": True},
            "egress": {"hosts": ["https://api.example.com", "http://feed.example.com"]},
            "ingress": {"hosts": {"books": books}, "https": {"issuer": "selfSigned"}},
        },
        demos={"bookinfo": {"page": "fra"}, "chat": {"page": "fra", "server": "ash"}},
        gitops={"namespaces": ["shop"], "from": "ash"},
    )


def one_name() -> dict[str, Any]:
    """Return two primaries whose host has one name, which leads to the second when one fails."""
    shop = {"service": "shop/frontend", "port": 80, "names": ["shop.example.com"]}
    return documents(
        clusters={"fra": cluster(0), "ash": cluster(1)},
        mesh__samples=False,
        mesh__ingress={
            "hosts": {"shop": shop},
            "https": {},
            "dns": {
                "zone": "example.com",
                "region": "eu-frankfurt-1",
                "steering": "failover",
                "order": ["fra", "ash"],
            },
        },
    )


def told() -> dict[str, Any]:
    """Return two primaries of whose cost and failures Oracle tells by mail."""
    ops = {"recipients": ["ops@example.com"]}
    return documents(
        clusters={"fra": cluster(0), "ash": cluster(1)},
        mesh__samples=False,
        budget={"monthly": 500, **ops},
        alarms=ops,
    )


PAGES = {
    "grafana": {"service": "observability/grafana", "port": 80},
    "kiali": {"service": "observability/kiali", "port": 20001},
}
"""Hosts that lead to the pages of observability."""

OBSERVED = {
    "home": "fra",
    "grafana": {"host": "grafana"},
    "kiali": {
        "host": "kiali",
        "openId": {"issuer": "https://id.example.com", "clientId": "kiali"},
    },
    "tracing": {"sampling": "5%"},
}
"""All of observability."""


def observed() -> dict[str, Any]:
    """Return two primaries and a remote that are watched, with pages and traces."""
    return documents(
        clusters={
            "fra": cluster(0),
            "lhr": cluster(1),
            "ash": cluster(2, role="remote", primary="lhr"),
        },
        mesh__samples=False,
        mesh__ingress={"hosts": PAGES, "https": {}},
        traffic={"services": {"shop/cart": {"connectionPool": {"maxConnections": 100}}}},
        observability=OBSERVED,
    )


CASES: Mapping[str, Mapping[str, Any]] = {
    "dev": stack_documents("dev"),
    "primary-remote": stack_documents("primary-remote"),
    "single-network": documents(
        clusters__primary__network="flat", clusters__secondary__network="flat"
    ),
    "three-in-two-regions": documents(
        clusters={
            "blue": cluster(0, region="us-sanjose-1"),
            "green": flannel(1, region="us-sanjose-1"),
            "red": cluster(2, region="us-chicago-1"),
        }
    ),
    "two-primaries-and-a-remote": documents(
        clusters__third=flannel(2, role="remote", primary="secondary")
    ),
    "remote-over-the-backbone": documents(
        clusters__secondary=cluster(1, role="remote", primary="primary")
    ),
    "existing-network": documents(
        clusters={"brought": brought_cluster(), "away": cluster(1, region="us-chicago-1")}
    ),
    "way-in": way_in(),
    "one-name": one_name(),
    "told": told(),
    "observed": observed(),
    "ten": ten_clusters(),
}
"""The configuration documents of every description that has an inventory."""


def inventory_run(case: str) -> Deployment:
    """Return the run of a case; the same one each time, so it is not to be changed."""
    return same_run(CASES[case])


def same_run(configuration: Mapping[str, Any]) -> Deployment:
    """Return the run of these documents; the same one each time, so it is not to be changed."""
    return _same_run(json.dumps(configuration))


@cache
def _same_run(configuration: str) -> Deployment:
    return run(json.loads(configuration))


def run(configuration: Mapping[str, Any], **options: Any) -> Deployment:
    """Run the program with these documents; `options` are those of `deploy`."""
    return deploy(_main, config=configuration, **options)


def main(configuration: Mapping[str, Any]) -> None:
    """Run the program as a part of another one, which a test deploys."""
    set_config(configuration, {})
    _main()


def _main() -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
