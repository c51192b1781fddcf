"""Schemas read from the installed SDKs."""

from __future__ import annotations

import pytest

from sdks.reader import Selection, read_package
from sdks.schema import PackageSchema, Property

OCI = Selection(
    package="pulumi_oci",
    resources=("core/vcn.py", "containerengine/node_pool.py"),
    functions=("core/get_services.py",),
)


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


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"^pulumi_nothing: not installed; run "):
        read_package(Selection(package="pulumi_nothing", resources=()))
