"""What holds for every component, wherever it stands and however often."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pytest

from tests.contracts.standing import Box, described, inside, renamed, watched
from tests.contracts.test_style import COMPONENTS
from tests.support.harness import Deployment, deploy
from tests.support.program import main

IN_THE_BOX = "okemesh:test:Box$"
CREDENTIALS = ("PRIVATE KEY", "token-of-", "kind: Config")

STAGES = [
    "okemesh:access:Access",
    "okemesh:backbone:Backbone",
    "okemesh:cluster:Cluster",
    "okemesh:gitops:Account",
    "okemesh:ingress:HostNames",
    "okemesh:ingress:Hosts",
    "okemesh:mesh:Drains",
    "okemesh:mesh:Mesh",
    "okemesh:network:ClusterVcn",
    "okemesh:network:PublicGatewayRules",
    "okemesh:notices:Alarms",
    "okemesh:notices:Budget",
    "okemesh:observability:Observability",
    "okemesh:pki:Pki",
    "okemesh:samples:Bookinfo",
    "okemesh:samples:Chat",
    "okemesh:samples:Samples",
    "okemesh:traffic:Traffic",
    "okemesh:verification:Verification",
]


def exportable(value: Any) -> Any:
    """Return a component's attribute in a form that an export takes."""
    if isinstance(value, pulumi.Resource):
        return value.urn
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: exportable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): exportable(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [exportable(item) for item in value]
    return value


def program() -> None:
    """The program twice, side by side, and the first once more inside of another component."""
    here = described(0, {"a": "us-sanjose-1", "b": "us-chicago-1"}, issuer="stack")
    there = described(2, {"c": "eu-frankfurt-1", "d": "uk-london-1"}, issuer="ca")
    with watched() as components:
        main(here)
    with renamed("other-"):
        main(there)
    with inside(Box()):
        main(here)
    for component in components:
        for name in type(component).__annotations__:
            if not name.startswith("_"):
                value = exportable(getattr(component, name))
                pulumi.export(f"{type(component).__name__} {component._name} {name}", value)


@pytest.fixture(scope="module")
def made() -> Deployment:
    return deploy(program)


def types_of(deployment: Deployment) -> Counter[str]:
    return Counter(r.type for r in deployment.resources if IN_THE_BOX not in r.urn)


def test_two_of_each_stage_coexist(made: Deployment) -> None:
    """The harness refuses a URN that is taken twice."""
    counts = types_of(made)
    assert {stage: counts[stage] >= 2 for stage in STAGES} == dict.fromkeys(STAGES, True)


def test_every_component_takes_part_in_these_tests(made: Deployment) -> None:
    nouns = {r.type.split(":")[2] for r in made.resources if not r.custom}
    assert nouns == {component.__name__ for component in (*COMPONENTS, Box)}


def test_inside_of_another_component_each_keeps_its_children_under_itself(
    made: Deployment,
) -> None:
    """With `merge(opts)` the caller's parent would win, and children would be its own."""
    inside = {r.urn.replace(IN_THE_BOX, "") for r in made.resources if IN_THE_BOX in r.urn}
    outside = {r.urn for r in made.resources}
    assert inside - outside == set()


def test_only_stages_stand_directly_in_the_component_around_them(made: Deployment) -> None:
    direct = {r.type for r in made.resources if r.parent.endswith("okemesh:test:Box::box")}
    assert sorted(t for t in direct if not t.startswith("pulumi:providers:")) == STAGES


def test_every_component_has_children_of_its_own(made: Deployment) -> None:
    parents = {resource.parent for resource in made.resources}
    childless = {r.type for r in made.resources if not r.custom and r.urn not in parents}
    assert childless == set()


def credentials(deployment: Deployment) -> set[str]:
    """Return the exported attributes that carry one."""
    return {
        name
        for name, value in deployment.exports.items()
        if " " in name and any(mark in str(value) for mark in CREDENTIALS)
    }


def test_an_attribute_that_carries_a_credential_is_secret(made: Deployment) -> None:
    assert credentials(made) - made.secret_exports == set()


def test_the_attributes_that_carry_credentials_are_these(made: Deployment) -> None:
    """The test above would also hold if it recognised nothing."""
    kinds = {tuple(name.split(" ")[::2]) for name in credentials(made)}
    assert kinds == {
        ("Account", "argo_cd_secret"),
        ("Account", "kubeconfig"),
        ("Cluster", "kubeconfig"),
        ("ControlPlane", "reader_kubeconfig"),
        ("IntermediateCa", "bundle"),
        ("Mesh", "reader_kubeconfigs"),
        ("Pki", "bundles"),
        ("Reader", "kubeconfig"),
        ("RootCa", "key_pem"),
    }


def test_what_a_component_registers_as_output_shows_no_credential(made: Deployment) -> None:
    shown = {
        urn: values
        for urn, (values, secrets) in made.outputs.items()
        if any(m in str({k: v for k, v in values.items() if k not in secrets}) for m in CREDENTIALS)
    }
    assert shown == {}
