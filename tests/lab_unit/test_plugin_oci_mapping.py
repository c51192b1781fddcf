"""Between Pulumi's properties and the SDK's models, and which changes replace."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import oci
import pytest

from lab.plugins.base.errors import PluginError
from lab.plugins.oci import kinds
from lab.plugins.oci.drift import Projection, without_ignored_tags
from lab.plugins.oci.kinds import Kind
from lab.plugins.oci.mapping import Mapper
from lab.plugins.oci.names import attribute_of
from lab.plugins.oci.plugin import RESOURCES, Oci
from lab.plugins.oci.replacing import forces_replace
from lab.plugins.oci.session import Session, config_file
from sdks.schema import Property
from sdks.values import Properties

NETWORK = Mapper(models=oci.core.models, types={})
ENGINE = Mapper(models=oci.container_engine.models, types={})


@pytest.fixture(scope="module")
def package() -> Oci:
    return Oci()


@pytest.mark.parametrize(
    ("name", "attributes", "attribute"),
    [
        ("isIpv6enabled", ["is_ipv6_enabled"], "is_ipv6_enabled"),
        ("ipv4cidrBlocks", ["cidr_block", "ipv4_cidr_blocks"], "ipv4_cidr_blocks"),
        ("metadatas", ["metadata"], "metadata"),
        ("openIdConnectDiscoveries", ["open_id_connect_discovery"], "open_id_connect_discovery"),
        ("state", ["lifecycle_state"], "lifecycle_state"),
        ("nothing", ["something"], None),
    ],
)
def test_a_property_finds_its_attribute(
    name: str, attributes: list[str], *, attribute: str | None
) -> None:
    assert attribute_of(name, attributes, {}) == attribute


def test_a_polymorphic_model_is_chosen_by_its_discriminator() -> None:
    made = ENGINE.to_model(
        "NodeSourceDetails",
        {"sourceType": "IMAGE", "imageId": "i", "bootVolumeSizeInGbs": "50"},
    )
    assert isinstance(made, oci.container_engine.models.NodeSourceViaImageDetails)
    assert (made.image_id, made.boot_volume_size_in_gbs) == ("i", 50)


def test_nested_models_lists_and_tags_are_built() -> None:
    made = ENGINE.to_model(
        "CreateClusterDetails",
        {
            "clusterPodNetworkOptions": [{"cniType": "OCI_VCN_IP_NATIVE"}],
            "options": {"kubernetesNetworkConfig": {"podsCidr": "10.244.0.0/16"}},
            "definedTags": {"ops.owner": "mesh"},
        },
    )
    assert made.cluster_pod_network_options[0].cni_type == "OCI_VCN_IP_NATIVE"
    assert made.options.kubernetes_network_config.pods_cidr == "10.244.0.0/16"
    assert made.defined_tags == {"ops": {"owner": "mesh"}}


def test_a_property_that_the_api_lacks_is_refused() -> None:
    fault = "^peerId: the API has no such field in CreateRemotePeeringConnectionDetails$"
    with pytest.raises(PluginError, match=fault):
        NETWORK.to_model("CreateRemotePeeringConnectionDetails", {"peerId": "x"})


def test_an_update_leaves_out_what_only_a_creation_takes() -> None:
    options = {"serviceLbSubnetIds": ["s"], "serviceLbConfig": {"backendNsgIds": ["n"]}}
    made = ENGINE.to_model("UpdateClusterDetails", {"options": options}, partial=True)
    assert made.options.service_lb_config.backend_nsg_ids == ["n"]


def test_a_defined_tag_without_a_namespace_is_refused() -> None:
    with pytest.raises(PluginError, match=r"^definedTags: must be `namespace.key`, got 'owner'$"):
        NETWORK.to_model("CreateVcnDetails", {"definedTags": {"owner": "x"}})


def test_a_model_becomes_properties_of_the_shapes_types() -> None:
    shape = {
        "id": Property("str"),
        "timeCreated": Property("str"),
        "definedTags": Property(["map", "str"]),
        "cidrBlocks": Property(["list", "str"]),
        "displayName": Property("str"),
    }
    model = oci.core.models.Vcn(
        id="v",
        time_created=datetime(2026, 11, 21, 1, 2, 3, 450000, tzinfo=UTC),
        defined_tags={"ops": {"cost": 42}},
        cidr_blocks=["10.0.0.0/16"],
    )
    assert NETWORK.to_properties(shape, model) == {
        "id": "v",
        "timeCreated": "2026-11-21 01:02:03.45 +0000 UTC",
        "definedTags": {"ops.cost": "42"},
        "cidrBlocks": ["10.0.0.0/16"],
    }


def test_one_object_of_the_api_is_a_list_of_one_where_the_package_says_so() -> None:
    types = {"e": {"publicEndpoint": Property("str")}}
    mapper = Mapper(models=oci.container_engine.models, types=types)
    endpoints = oci.container_engine.models.ClusterEndpoints(public_endpoint="1.2.3.4:6443")
    model = oci.container_engine.models.Cluster(endpoints=endpoints)
    told = mapper.to_properties({"endpoints": Property(["list", ["ref", "e"]])}, model)
    assert told == {"endpoints": [{"publicEndpoint": "1.2.3.4:6443"}]}


@pytest.mark.parametrize(
    ("kind", "path", "replaces"),
    [
        (kinds.VCN, ("dnsLabel",), True),
        (kinds.VCN, ("cidrBlocks", 1), False),
        (kinds.VCN, ("freeformTags", "a"), False),
        (kinds.SUBNET, ("vcnId",), True),
        (kinds.SUBNET, ("availabilityDomain",), True),
        (kinds.SUBNET, ("prohibitPublicIpOnVnic",), True),
        (kinds.SUBNET, ("cidrBlock",), False),
        (kinds.SECURITY_RULE, ("tcpOptions", "destinationPortRange", "min"), False),
        (kinds.SECURITY_RULE, ("direction",), False),
        (kinds.SECURITY_RULE, ("networkSecurityGroupId",), True),
        (kinds.DRG_ATTACHMENT, ("drgId",), True),
        (kinds.DRG_ATTACHMENT, ("networkDetails", "id"), True),
        (kinds.DRG_ATTACHMENT, ("networkDetails", "vcnRouteType"), False),
        (kinds.PEERING, ("drgId",), True),
        (kinds.PEERING, ("peerId",), True),
        (kinds.PEERING, ("peerRegionName",), True),
        (kinds.CLUSTER, ("compartmentId",), True),
        (kinds.CLUSTER, ("kubernetesVersion",), False),
        (kinds.CLUSTER, ("type",), False),
        (kinds.CLUSTER, ("endpointConfig", "subnetId"), True),
        (kinds.CLUSTER, ("endpointConfig", "nsgIds", 0), False),
        (kinds.CLUSTER, ("endpointConfig", "isPublicIpEnabled"), False),
        (kinds.CLUSTER, ("clusterPodNetworkOptions", 0, "cniType"), True),
        (kinds.CLUSTER, ("options", "serviceLbSubnetIds", 0), True),
        (kinds.CLUSTER, ("options", "kubernetesNetworkConfig", "servicesCidr"), True),
        (kinds.NODE_POOL, ("clusterId",), True),
        (kinds.NODE_POOL, ("nodeImageId",), True),
        (kinds.NODE_POOL, ("kubernetesVersion",), False),
        (kinds.NODE_POOL, ("nodeShape",), False),
        (kinds.NODE_POOL, ("nodeMetadata", "user_data"), False),
        (kinds.NODE_POOL, ("nodeConfigDetails", "computeClusterId"), True),
        (kinds.NODE_POOL, ("nodeConfigDetails", "placementConfigs", 0, "subnetId"), False),
        (kinds.INSTANCE, ("availabilityDomain",), True),
        (kinds.INSTANCE, ("preserveBootVolume",), False),
    ],
)
def test_a_change_replaces_as_with_the_real_plugin(
    kind: Kind, path: tuple[str | int, ...], *, replaces: bool, package: Oci
) -> None:
    shape = package.schema.resources[kind.type].inputs
    assert forces_replace(kind, shape, path, types=package.schema.types) is replaces


@pytest.mark.parametrize("kind", [item.kind for item in RESOURCES], ids=lambda kind: kind.noun)
def test_every_exception_of_a_kind_names_an_input(kind: Kind, *, package: Oci) -> None:
    inputs = package.schema.resources[kind.type].inputs
    named = {path.partition(".")[0] for path in kind.in_place | kind.replacing | kind.apart}
    assert named <= inputs.keys()


SHAPE = {
    "name": Property("str"),
    "tags": Property(["map", "str"]),
    "rules": Property(["list", ["ref", "rule"]]),
    "config": Property(["ref", "config"]),
}
TYPES = {
    "rule": {"to": Property("str"), "via": Property("str")},
    "config": {"size": Property("int"), "kind": Property("str")},
}


def drift(inputs: Properties, live: Properties) -> Properties:
    return Projection(TYPES).inputs(SHAPE, inputs, live)


def test_what_the_api_adds_to_an_object_is_no_drift() -> None:
    live = {"config": {"size": 1, "kind": "default"}, "name": "given by the API"}
    assert drift({"config": {"size": 1}}, live) == {"config": {"size": 1}}


def test_a_tag_that_somebody_added_is_drift() -> None:
    assert drift({"tags": {"a": "1"}}, {"tags": {"a": "1", "b": "2"}}) == {
        "tags": {"a": "1", "b": "2"}
    }


def test_rules_in_another_order_with_more_fields_are_no_drift() -> None:
    inputs = {"rules": [{"to": "b"}, {"to": "a"}]}
    live = {"rules": [{"to": "a", "via": "x"}, {"to": "b", "via": "y"}]}
    assert drift(inputs, live) == inputs


def test_a_rule_that_somebody_added_is_drift() -> None:
    live = {"rules": [{"to": "z", "via": "x"}, {"to": "a", "via": "y"}]}
    assert drift({"rules": [{"to": "a"}]}, live) == {
        "rules": [{"to": "a"}, {"to": "z", "via": "x"}]
    }


def test_tags_that_the_provider_ignores_are_not_seen() -> None:
    live = {"definedTags": {"Oracle-Tags.CreatedBy": "x", "ops.owner": "y"}}
    left = without_ignored_tags(live, ["Oracle-Tags.CreatedBy"])
    assert left == {"definedTags": {"ops.owner": "y"}}


def test_the_configuration_file_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OCI_CLI_CONFIG_FILE", "/there/config")
    assert config_file() == Path("/there/config")


def test_a_profile_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "config"
    file.write_text("[DEFAULT]\nregion=us-sanjose-1\n")
    monkeypatch.setenv("OCI_CLI_CONFIG_FILE", str(file))
    session = Session({"configFileProfile": "nobody"})
    with pytest.raises(PluginError, match=r"^configFileProfile: .*nobody"):
        session.client(kinds.NETWORK)


def test_an_incomplete_sign_in_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCI_CLI_CONFIG_FILE", str(tmp_path / "none"))
    session = Session({"region": "us-sanjose-1", "tenancyOcid": "ocid1.tenancy.oc1..a"})
    with pytest.raises(PluginError, match=r"^provider: the sign-in is not complete: "):
        session.client(kinds.NETWORK)


def test_another_way_to_sign_in_is_refused(package: Oci) -> None:
    [fault] = package.check_config({"auth": "SecurityToken"}).failures
    assert fault.property == "auth"
    assert fault.reason == "the lab's plugin signs in with ApiKey only, got 'SecurityToken'"


def test_another_region_replaces_the_provider(package: Oci) -> None:
    diff = package.diff_config({"region": "a", "auth": "x"}, {"region": "b", "auth": "y"})
    assert {str(change.path[0]): change.replace for change in diff.changes} == {
        "auth": False,
        "region": True,
    }
