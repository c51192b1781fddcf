"""What the inventories say of the order is what the engine is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pulumi
import pytest

from tests.support.graph import order, waited_for
from tests.support.harness import Deployment, deploy
from tests.support.thing import Thing


class Provider(pulumi.ProviderResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("test", name, {}, opts)


def after(
    *those: pulumi.Resource,
    parent: pulumi.Resource | None = None,
    provider: pulumi.ProviderResource | None = None,
) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(depends_on=[*those], parent=parent, provider=provider)


def waits(program: Callable[[], object]) -> dict[str, list[str]]:
    """Return by name what each resource of the program waits for."""
    deployment = deploy(program)
    found = waited_for(deployment)
    return {resource.name: found[resource.urn] for resource in deployment.resources}


def test_a_dependency_and_an_input_are_waited_for() -> None:
    def program() -> None:
        first, second = Thing("first"), Thing("second")
        Thing("third", after(second), value=first.id)

    assert waits(program)["third"] == ["first", "second"]


def test_what_another_one_waits_for_is_left_out() -> None:
    def program() -> None:
        first = Thing("first")
        second = Thing("second", after(first))
        third = Thing("third", after(second))
        Thing("fourth", after(first, second, third))

    assert waits(program)["fourth"] == ["third"]


def test_what_the_parent_waits_for_is_left_out() -> None:
    def program() -> None:
        first = Thing("first")
        parent = Thing("parent", after(first))
        Thing("child", after(first, parent=parent))

    assert waits(program)["child"] == []


def test_what_the_provider_waits_for_is_left_out() -> None:
    def program() -> None:
        first = Thing("first")
        provider = Provider("provider", after(first))
        Thing("second", after(first, provider=provider))

    found = waits(program)
    assert (found["provider"], found["second"]) == (["first"], [])


@pytest.fixture
def family() -> Callable[[Iterable[str]], dict[str, list[str]]]:
    """Return what a resource waits for that names some of a parent and its two children."""

    def of(names: Iterable[str]) -> dict[str, list[str]]:
        def program() -> None:
            parent = Thing("parent")
            children = {name: Thing(name, after(parent=parent)) for name in ("a", "b")}
            # By an input: `depends_on` a parent would mean its children as well.
            Thing("last", value=[children[name].id for name in names])

        return waits(program)

    return of


def test_a_parent_with_all_of_its_children_is_one_name(
    family: Callable[[Iterable[str]], dict[str, list[str]]],
) -> None:
    assert family(["a", "b"])["last"] == ["parent/*"]


def test_a_parent_with_some_of_its_children_is_not(
    family: Callable[[Iterable[str]], dict[str, list[str]]],
) -> None:
    assert family(["b"])["last"] == ["b"]


@pytest.fixture(scope="module")
def chain() -> Deployment:
    def program() -> None:
        first = Thing("first")
        provider = Provider("provider", after(first))
        Thing("last", after(provider=provider))

    return deploy(program)


def test_order_is_over_any_number_of_steps(chain: Deployment) -> None:
    assert order(chain, "first", "last")


def test_order_has_a_direction(chain: Deployment) -> None:
    assert not order(chain, "last", "first")
