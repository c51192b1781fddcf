"""The harness keeps what the SDK's mocks drop, and never lets a fault pass silently."""

import pulumi
import pulumi_oci as oci
import pytest

from tests.support.harness import deploy


class Outer(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("okemesh:test:Outer", name)
        own = pulumi.ResourceOptions(parent=self)
        oci.core.Drg(f"{name}-drg", compartment_id="c", opts=own)
        self.register_outputs({})


def test_a_child_is_recorded_under_its_parent() -> None:
    deployment = deploy(lambda: Outer("a"))
    child = deployment.one("oci:Core/drg:Drg", "a-drg")
    assert child.urn == ("urn:pulumi:test::oke-mesh::okemesh:test:Outer$oci:Core/drg:Drg::a-drg")
    assert child.inputs == {"compartmentId": "c"}


def test_an_exception_in_an_apply_reaches_the_test() -> None:
    def program() -> None:
        made = oci.core.Drg("a", compartment_id="c")
        made.id.apply(lambda _: pytest.fail("seen"))

    with pytest.raises(pytest.fail.Exception, match="seen"):
        deploy(program)


def test_exports_and_their_secrets_are_recorded() -> None:
    def program() -> None:
        pulumi.export("open", 1)
        pulumi.export("hidden", pulumi.Output.secret("x"))

    deployment = deploy(program)
    assert deployment.exports == {"open": 1, "hidden": "x"}
    assert deployment.secret_exports == {"hidden"}


def test_a_name_taken_twice_is_refused() -> None:
    def program() -> None:
        oci.core.Drg("a", compartment_id="c")
        oci.core.Drg("a", compartment_id="c")

    with pytest.raises(AssertionError, match="registered twice"):
        deploy(program)


def test_configuration_reaches_the_program() -> None:
    seen: list[object] = []

    def program() -> None:
        config = pulumi.Config("oke-mesh")
        seen.extend([config.get_object("doc"), config.get_secret("key")])

    deploy(program, config={"doc": {"a": 1}}, secrets={"key": "x"})
    assert seen[0] == {"a": 1}
    assert isinstance(seen[1], pulumi.Output)


def test_a_lookup_without_an_answer_is_refused() -> None:
    def program() -> pulumi.Output[object]:
        return pulumi.Output.from_input(pulumi.runtime.invoke("none:of:these", {}).value)

    with pytest.raises(Exception, match=r"no answer in tests/support/outputs\.py"):
        deploy(program)
