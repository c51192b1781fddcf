"""Realms of regions and OCIDs, and defined tags."""

import pytest

from tests.config.wrong import Wrong, assert_refused, ocid, wrong
from tests.support.documents import COMPARTMENT, SSH_KEY

ACCESS = {"cluster": "primary", "allowedCidrs": ["192.0.2.0/24"], "sshPublicKey": SSH_KEY}

TABLE = [
    wrong(
        "a region of another realm",
        {"clusters__primary__region": "us-gov-ashburn-1"},
        (
            "clusters.primary.region: is in realm oc3, but oci.compartmentId is in oc1, got "
            "'us-gov-ashburn-1'; give a region that the tenancy has, or a compartment of that "
            "realm"
        ),
    ),
    wrong(
        "a cluster's compartment of another realm",
        {"clusters__primary__compartmentId": "ocid1.compartment.oc2..aaaa"},
        (
            "clusters.primary.compartmentId: is in realm oc2, but oci.compartmentId is in oc1, "
            "got 'ocid1.compartment.oc2..aaaa'; give an OCID of the same tenancy"
        ),
    ),
    wrong(
        "a key of another realm",
        {"clusters__primary__kmsKeyId": "ocid1.key.oc4..aaaa"},
        (
            "clusters.primary.kmsKeyId: is in realm oc4, but oci.compartmentId is in oc1, got "
            "'ocid1.key.oc4..aaaa'; give an OCID of the same tenancy"
        ),
    ),
    wrong(
        "a defined tag without its namespace",
        {"definedTags": {"CostCenter": "42"}},
        (
            "definedTags.CostCenter: is not a defined tag, got 'CostCenter'; write it as "
            "namespace.key"
        ),
    ),
    wrong(
        "a defined tag of Oracle's",
        {"definedTags": {"Oracle-Tags.CreatedBy": "me"}},
        (
            'definedTags["Oracle-Tags.CreatedBy"]: is in a namespace in which Oracle alone sets '
            "tags, got 'Oracle-Tags.CreatedBy'; choose one of your own"
        ),
    ),
    wrong(
        "one defined tag in two spellings",
        {"definedTags": {"Ops.Cost": "1", "ops.cost": "2"}},
        (
            "definedTags[\"ops.cost\"]: is the same tag as Ops.Cost, got 'ops.cost'; keep one of "
            "them"
        ),
    ),
    wrong(
        "a long value of a defined tag",
        {"definedTags": {"Ops.Cost": "x" * 257}},
        (
            'definedTags["Ops.Cost"]: is longer than 256 letters, got a text of 257 letters; '
            "shorten it"
        ),
    ),
    wrong(
        "more defined tags than OCI takes",
        {"definedTags": {f"Ops.t{number}": "x" for number in range(65)}},
        "definedTags: are more than the 64 defined tags that OCI takes, got 65; remove some",
    ),
    wrong(
        "a tag of the host that everything has",
        {"definedTags": {"Ops.Role": "x"}, "access": {**ACCESS, "definedTags": {"Ops.Role": "y"}}},
        (
            'access.definedTags["Ops.Role"]: is a tag that every resource has, so that nodes would '
            "be in the host's group, got 'Ops.Role'; choose another one for the host"
        ),
    ),
    wrong(
        "a tag that is set and ignored",
        {"definedTags": {"Ops.Cost": "1"}, "oci__ignoreDefinedTags": ["Ops.Cost"]},
        (
            "oci.ignoreDefinedTags[0]: is ignored although the settings set it, got 'Ops.Cost'; "
            "take it out here or under definedTags"
        ),
    ),
    wrong(
        "a tag of a host that is not there",
        {"access__definedTags": {"Ops.Role": "y"}},
        (
            "access.definedTags: has no effect without access.cluster, got a map; remove it, "
            "or name a cluster for the operator host"
        ),
    ),
    wrong(
        "a group of another kind",
        {"access": {**ACCESS, "dynamicGroupId": ocid("group")}},
        (
            "access.dynamicGroupId: begins with ocid1.group, got 'ocid1.group.oc1..aaaa'; give one "
            "that begins with ocid1.dynamicgroup"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused(case: Wrong) -> None:
    assert_refused(case)


def test_the_documents_of_the_tests_are_of_the_realm_that_the_table_means() -> None:
    assert COMPARTMENT.split(".")[2] == "oc1"
