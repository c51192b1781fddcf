"""Inputs judged by a schema."""

from __future__ import annotations

import pytest

from sdks.checking import Checker
from sdks.reader import Selection, read_package
from sdks.schema import PackageSchema
from sdks.values import UNKNOWN

POOL = "oci:ContainerEngine/nodePool:NodePool"


@pytest.fixture(scope="module")
def package() -> PackageSchema:
    return read_package(
        Selection(package="pulumi_oci", resources=("containerengine/node_pool.py",))
    )


def faults(package: PackageSchema, **inputs: object) -> dict[str, str]:
    shape = package.resources[POOL].inputs
    good = {"clusterId": "c", "compartmentId": "d", "nodeShape": "s"}
    found = Checker(package.types).failures(shape, {**good, **inputs})
    return {item.property: item.reason for item in found}


def test_good_inputs_have_no_fault(package: PackageSchema) -> None:
    assert faults(package, nodeShapeConfig={"ocpus": 1.5}, nodeMetadata={"a": "b"}) == {}


def test_a_missing_input_is_named(package: PackageSchema) -> None:
    assert faults(package, clusterId=None) == {"clusterId": "required property is missing"}


def test_an_unknown_input_is_named_with_those_that_exist(package: PackageSchema) -> None:
    assert faults(package, nodeShapeConfig={"ocpu": 1}) == {
        "nodeShapeConfig.ocpu": "unknown property; known are memoryInGbs, ocpus"
    }


@pytest.mark.parametrize(
    ("inputs", "path", "reason"),
    [
        ({"nodeShape": 3}, "nodeShape", "must be a string, got int"),
        ({"quantityPerSubnet": "3"}, "quantityPerSubnet", "must be an integer, got str"),
        ({"quantityPerSubnet": True}, "quantityPerSubnet", "must be an integer, got bool"),
        ({"subnetIds": "a"}, "subnetIds", "must be a list, got str"),
        ({"nodeMetadata": ["a"]}, "nodeMetadata", "must be a map, got list"),
        ({"nodeShapeConfig": "big"}, "nodeShapeConfig", "must be an object, got str"),
        ({"subnetIds": ["a", 1]}, "subnetIds[1]", "must be a string, got int"),
        (
            {"initialNodeLabels": [{"key": "a", "vlue": "b"}]},
            "initialNodeLabels[0].vlue",
            "unknown property; known are key, value",
        ),
    ],
)
def test_a_wrong_type_is_refused_at_its_path(
    inputs: dict[str, object], path: str, reason: str, *, package: PackageSchema
) -> None:
    assert faults(package, **inputs) == {path: reason}


def test_an_unknown_value_fits_every_type(package: PackageSchema) -> None:
    assert faults(package, clusterId=UNKNOWN, subnetIds=UNKNOWN, nodeShapeConfig=UNKNOWN) == {}
