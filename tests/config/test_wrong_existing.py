"""Networks of one's own."""

import pytest

from tests.config.wrong import Wrong, assert_refused, ocid, wrong
from tests.support.documents import SSH_KEY, cluster, flannel

SUBNETS = {
    role: ocid("subnet", "us-sanjose-1", role)
    for role in ("api", "workers", "pods", "internalLb", "publicLb")
}
RANGES = {
    "api": "10.0.0.0/28",
    "workers": "10.0.64.0/18",
    "pods": "10.0.128.0/17",
    "internalLb": "10.0.0.64/26",
    "publicLb": "10.0.0.128/26",
}

BROUGHT = {
    "clusters__primary__existing": {"vcnId": ocid("vcn", "us-sanjose-1"), "subnets": SUBNETS},
    "clusters__primary__subnets": RANGES,
}

TABLE = [
    wrong(
        "a VCN whose calls public gateways would not know",
        {**BROUGHT, "mesh__eastWest__exposure": "public"},
        (
            "clusters.primary.existing.egressCidrs: is missing while mesh.eastWest.exposure is "
            "public, got nothing; give the address of the VCN's NAT gateway, which other clusters "
            "let in"
        ),
    ),
    wrong(
        "calls from the whole world",
        {**BROUGHT, "clusters__primary__existing__egressCidrs": ["0.0.0.0/0"]},
        (
            "clusters.primary.existing.egressCidrs: opens east-west gateways to strangers, got "
            "0.0.0.0/0; narrow it to the ranges of those who need it"
        ),
    ),
    wrong(
        "addresses of a VCN that the program makes",
        {"clusters__primary__existing": {"egressCidrs": ["192.0.2.9/32"]}},
        (
            "clusters.primary.existing.egressCidrs: is of a VCN that is not given, got "
            "[192.0.2.9/32]; remove it; the NAT gateway that the program makes is known"
        ),
    ),
    wrong(
        "a VCN without its subnets",
        {
            "clusters__primary__existing": {
                "vcnId": ocid("vcn", "us-sanjose-1"),
                "subnets": {k: v for k, v in SUBNETS.items() if k != "pods"},
            },
            "clusters__primary__subnets": RANGES,
        },
        (
            "clusters.primary.existing.subnets.pods: is missing beside existing.vcnId, got "
            "nothing; give the OCID of the subnet"
        ),
    ),
    wrong(
        "existing subnets without ranges",
        {
            "clusters__primary__existing": {
                "vcnId": ocid("vcn", "us-sanjose-1"),
                "subnets": SUBNETS,
            },
            "clusters__primary__subnets": {k: v for k, v in RANGES.items() if k != "api"},
        },
        (
            "clusters.primary.subnets.api: is missing for an existing subnet, got nothing; give "
            "the range of the subnet, which the rules of the peers need"
        ),
    ),
    wrong(
        "an existing subnet without its VCN",
        {"clusters__primary__existing": {"subnets": {"api": SUBNETS["api"]}}},
        (
            "clusters.primary.existing.subnets.api: is of a VCN that is not given, got "
            "'ocid1.subnet.oc1.us-sanjose-1.api'; give existing.vcnId too, or remove it"
        ),
    ),
    wrong(
        "an existing pods subnet with flannel",
        {
            "clusters__primary": {
                **flannel(0),
                "existing": {"vcnId": ocid("vcn", "us-sanjose-1"), "subnets": SUBNETS},
                "subnets": {k: v for k, v in RANGES.items() if k != "pods"},
            }
        },
        (
            "clusters.primary.existing.subnets.pods: is a subnet that this cluster does not use, "
            "got 'ocid1.subnet.oc1.us-sanjose-1.pods'; remove it, or set cni to vcnNative"
        ),
    ),
    wrong(
        "one subnet for two purposes",
        {
            "clusters__primary__existing": {
                "vcnId": ocid("vcn", "us-sanjose-1"),
                "subnets": {**SUBNETS, "workers": SUBNETS["api"]},
            },
            "clusters__primary__subnets": RANGES,
        },
        (
            "clusters.primary.existing.subnets.workers: is the same as "
            "clusters.primary.existing.subnets.api, got 'ocid1.subnet.oc1.us-sanjose-1.api'; "
            "give each its own"
        ),
    ),
    wrong(
        "one VCN for two clusters",
        {
            "clusters__primary": cluster(
                0,
                existing={
                    "vcnId": ocid("vcn"),
                    "subnets": {k: ocid("subnet", "", k + "1") for k in SUBNETS},
                },
                subnets=RANGES,
            ),
            "clusters__secondary": cluster(
                1,
                region="us-sanjose-1",
                existing={
                    "vcnId": ocid("vcn"),
                    "subnets": {k: ocid("subnet", "", k + "2") for k in SUBNETS},
                },
                subnets={k: v.replace("10.0", "10.1", 1) for k, v in RANGES.items()},
            ),
        },
        (
            "clusters.secondary.existing.vcnId: is the same as clusters.primary.existing.vcnId, "
            "got 'ocid1.vcn.oc1..aaaa'; give each its own"
        ),
    ),
    wrong(
        "two DRGs in one region",
        {
            "clusters__primary__existing": {"drgId": ocid("drg", "", "a")},
            "clusters__secondary__region": "us-sanjose-1",
            "clusters__secondary__existing": {"drgId": ocid("drg", "", "b")},
        },
        (
            "clusters.secondary.existing.drgId: differs from clusters.primary.existing.drgId in "
            "us-sanjose-1, got 'ocid1.drg.oc1..b'; give the one DRG of the region, in which its "
            "clusters meet"
        ),
    ),
    wrong(
        "one DRG in two regions",
        {
            "clusters__primary__existing": {"drgId": ocid("drg", "", "a")},
            "clusters__secondary__existing": {"drgId": ocid("drg", "", "a")},
        },
        (
            "clusters.secondary.existing.drgId: is the DRG of clusters.primary in us-sanjose-1, "
            "got 'ocid1.drg.oc1..a'; give a DRG in us-chicago-1"
        ),
    ),
    wrong(
        "a DRG of another region",
        {"clusters__primary__existing": {"drgId": ocid("drg", "us-chicago-1")}},
        (
            "clusters.primary.existing.drgId: is in us-chicago-1, but the cluster is in "
            "us-sanjose-1, got 'ocid1.drg.oc1.us-chicago-1.aaaa'; give an OCID of the cluster's "
            "region"
        ),
    ),
    wrong(
        "a key of another region",
        {"clusters__primary__kmsKeyId": ocid("key", "iad")},
        (
            "clusters.primary.kmsKeyId: is in us-ashburn-1, but the cluster is in us-sanjose-1, "
            "got 'ocid1.key.oc1.iad.aaaa'; give an OCID of the cluster's region"
        ),
    ),
    wrong(
        "an image of another region",
        {"clusters__primary__nodePools__np1__image__id": ocid("image", "phx")},
        (
            "clusters.primary.nodePools.np1.image.id: is in us-phoenix-1, but the cluster is in "
            "us-sanjose-1, got 'ocid1.image.oc1.phx.aaaa'; give an OCID of the cluster's region"
        ),
    ),
    wrong(
        "an operator's image of another region",
        {
            "access": {
                "cluster": "secondary",
                "allowedCidrs": ["192.0.2.0/24"],
                "sshPublicKey": SSH_KEY,
                "imageId": ocid("image", "us-sanjose-1"),
            }
        },
        (
            "access.imageId: is in us-sanjose-1, but the cluster is in us-chicago-1, got "
            "'ocid1.image.oc1.us-sanjose-1.aaaa'; give an OCID of the cluster's region"
        ),
    ),
    wrong(
        "a route table of a DRG that is not given",
        {"clusters__primary__existing": {"drgRouteTableId": ocid("drgroutetable")}},
        (
            "clusters.primary.existing.drgRouteTableId: is of a DRG that is not given, got "
            "'ocid1.drgroutetable.oc1..aaaa'; give existing.drgId too, or remove it"
        ),
    ),
    wrong(
        "a route table for an attachment of one's own",
        {
            "clusters__primary__existing": {
                "vcnId": ocid("vcn", "us-sanjose-1"),
                "drgId": ocid("drg", "us-sanjose-1"),
                "drgRouteTableId": ocid("drgroutetable"),
                "subnets": SUBNETS,
            },
            "clusters__primary__subnets": RANGES,
        },
        (
            "clusters.primary.existing.drgRouteTableId: is for an attachment that the program "
            "does not make, got 'ocid1.drgroutetable.oc1..aaaa'; set it at the attachment of your "
            "VCN, and remove it here"
        ),
    ),
    wrong(
        "regions that nobody joins",
        {
            "backbone": "none",
            "clusters__primary__existing": {"drgId": ocid("drg", "us-sanjose-1")},
        },
        (
            "clusters.secondary.existing.drgId: is missing with backbone none, got nothing; give "
            "the DRG of us-chicago-1 that is joined to the others, or set backbone to peerings"
        ),
    ),
    wrong(
        "one region without peerings",
        {"backbone": "none", "clusters__secondary__region": "us-sanjose-1"},
        "backbone: has no effect in a mesh of one region, got 'none'; remove it",
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
