"""Schemas read from the installed SDKs, and inputs judged by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.plugins.base import store
from lab.plugins.base.checking import Checker, parse_config
from lab.plugins.base.schema import PackageSchema, Property
from lab.plugins.base.sdk import Selection, read_package
from lab.plugins.base.values import UNKNOWN

OCI = Selection(
    package="pulumi_oci",
    resources=("core/vcn.py", "containerengine/node_pool.py"),
    functions=("core/get_services.py",),
)
POOL = "oci:ContainerEngine/nodePool:NodePool"


@pytest.fixture(scope="module")
def package() -> PackageSchema:
    return read_package(OCI)


def test_an_input_has_its_wire_name_type_and_marks(package: PackageSchema) -> None:
    inputs = package.resources["oci:Core/vcn:Vcn"].inputs
    assert inputs["compartmentId"] == Property("str", required=True, updatable=True)
    assert inputs["cidrBlocks"] == Property(["list", "str"], updatable=True)
    assert inputs["dnsLabel"] == Property("str")


def test_computed_outputs_are_those_that_are_no_inputs(package: PackageSchema) -> None:
    assert package.resources["oci:Core/vcn:Vcn"].computed == {
        "byoipv6cidrBlocks",
        "defaultDhcpOptionsId",
        "defaultRouteTableId",
        "defaultSecurityListId",
        "ipv6cidrBlocks",
        "state",
        "timeCreated",
        "vcnDomainName",
    }


def test_nested_types_are_followed_to_the_end(package: PackageSchema) -> None:
    details = package.types["containerengine/NodePoolNodeConfigDetailsArgs"]
    assert details["placementConfigs"].type == [
        "list",
        ["ref", "containerengine/NodePoolNodeConfigDetailsPlacementConfigArgs"],
    ]
    assert details["size"] == Property("int", required=True, updatable=True)


def test_a_functions_arguments_and_result_are_read(package: PackageSchema) -> None:
    function = package.functions["oci:Core/getServices:getServices"]
    assert list(function.inputs) == ["filters"]
    assert function.outputs["services"].type == ["list", ["ref", "core/GetServicesServiceResult"]]


def test_a_required_argument_of_a_function_is_known_where_the_sdk_says_it() -> None:
    selection = Selection(
        package="pulumi_command", resources=("local/command.py",), functions=("local/run.py",)
    )
    inputs = read_package(selection).functions["command:local:run"].inputs
    assert [name for name, item in inputs.items() if item.required] == ["command"]


def test_secret_outputs_are_marked() -> None:
    package = read_package(Selection(package="pulumi_tls", resources=("private_key.py",)))
    secrets = package.resources["tls:index/privateKey:PrivateKey"].secrets
    assert secrets == {"privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"}


def test_types_of_a_neighbouring_package_are_found() -> None:
    package = read_package(
        Selection(package="pulumi_kubernetes", resources=("core/v1/Service.py",))
    )
    assert "labels" in package.types["meta/v1/ObjectMetaArgs"]


def test_a_schema_survives_its_cache(package: PackageSchema) -> None:
    assert PackageSchema.from_json(package.to_json()) == package


def test_a_cached_schema_is_not_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    selection = Selection(package="pulumi_tls", resources=("private_key.py",))
    first = store.load_package(selection)
    monkeypatch.setattr(store, "read_package", lambda _: pytest.fail("read again"))
    assert store.load_package(selection) == first


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"^pulumi_nothing: not installed; run "):
        read_package(Selection(package="pulumi_nothing", resources=()))


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


def test_a_providers_settings_come_as_json(package: PackageSchema) -> None:
    parsed = parse_config(
        package.config.inputs,
        {"ignoreDefinedTags": '["a.b"]', "region": "7", "version": "4.20.0"},
    )
    assert parsed == {"ignoreDefinedTags": ["a.b"], "region": "7"}
