"""Node pools, and labels and tags."""

import pytest

from tests.config.wrong import Wrong, assert_refused, ocid, wrong
from tests.support.documents import flannel

TABLE = [
    wrong(
        "no node at all",
        {"clusters__primary__nodePools__np1__size": 0},
        (
            "clusters.primary.nodePools: have no node for the mesh to run on, got a map; give "
            "one a size of at least 1, or set mesh.enabled to false"
        ),
    ),
    wrong(
        "too little memory",
        {
            "clusters__primary__nodePools__np1__ocpus": 4,
            "clusters__primary__nodePools__np1__memoryGb": 3,
        },
        (
            "clusters.primary.nodePools.np1.memoryGb: is not 1 to 64 GB for each of 4 OCPUs, got "
            "3; choose 4 to 256"
        ),
    ),
    wrong(
        "too much memory",
        {
            "clusters__primary__nodePools__np1__ocpus": 1,
            "clusters__primary__nodePools__np1__memoryGb": 65,
        },
        (
            "clusters.primary.nodePools.np1.memoryGb: is not 1 to 64 GB for each of 1 OCPUs, got "
            "65; choose 1 to 64"
        ),
    ),
    wrong(
        "OCPUs of a fixed shape",
        {
            "clusters__primary__nodePools__np1__shape": "VM.Standard2.4",
            "clusters__primary__nodePools__np1__ocpus": 4,
        },
        (
            "clusters.primary.nodePools.np1.ocpus: has no effect on the fixed shape "
            "VM.Standard2.4, got 4; remove it, or choose a shape that ends in .Flex"
        ),
    ),
    wrong(
        "memory of a fixed shape",
        {
            "clusters__primary__nodePools__np1__shape": "BM.GPU4.8",
            "clusters__primary__nodePools__np1__memoryGb": 60,
        },
        (
            "clusters.primary.nodePools.np1.memoryGb: has no effect on the fixed shape "
            "BM.GPU4.8, got 60; remove it, or choose a shape that ends in .Flex"
        ),
    ),
    wrong(
        "an image and a build",
        {"clusters__primary__nodePools__np1__image": {"id": ocid("image"), "build": 1330}},
        (
            "clusters.primary.nodePools.np1.image.build: has no effect beside image.id, got "
            "1330; remove one of the two"
        ),
    ),
    wrong(
        "an image and a release",
        {"clusters__primary__nodePools__np1__image": {"id": ocid("image"), "osVersion": "8"}},
        (
            "clusters.primary.nodePools.np1.image.osVersion: has no effect beside image.id, got "
            "'8'; remove one of the two"
        ),
    ),
    wrong(
        "an autoscaler upside down",
        {"clusters__primary__nodePools__np1__autoscaler": {"min": 5, "max": 3}},
        (
            "clusters.primary.nodePools.np1.autoscaler.min: is more than autoscaler.max (3), got "
            "5; choose at most that"
        ),
    ),
    wrong(
        "a size outside the autoscaler",
        {"clusters__primary__nodePools__np1__autoscaler": {"min": 3, "max": 5}},
        (
            "clusters.primary.nodePools.np1.size: is outside the autoscaler's 3 to 5, got 2; "
            "choose a size that the autoscaler keeps"
        ),
    ),
    wrong(
        "an autoscaler on a basic cluster",
        {
            "clusters__primary__type": "basic",
            "clusters__primary__nodePools__np1__autoscaler": {"min": 1, "max": 3},
        },
        (
            "clusters.primary.nodePools.np1.autoscaler: is an add-on, which a basic cluster does "
            "not have, got a map; remove it, or set type to enhanced"
        ),
    ),
    wrong(
        "cycling on a basic cluster",
        {
            "clusters__primary__type": "basic",
            "clusters__primary__nodePools__np1__cycling": {"enabled": True},
        },
        (
            "clusters.primary.nodePools.np1.cycling: is not done on a basic cluster, got a map; "
            "remove it, or set type to enhanced"
        ),
    ),
    wrong(
        "tuned cycling on a basic cluster",
        {
            "clusters__primary__type": "basic",
            "clusters__primary__nodePools__np1__cycling": {"maxSurge": 2},
        },
        (
            "clusters.primary.nodePools.np1.cycling: is not done on a basic cluster, got a map; "
            "remove it, or set type to enhanced"
        ),
    ),
    wrong(
        "cycling that cannot move",
        {"clusters__primary__nodePools__np1__cycling": {"maxSurge": 0}},
        (
            "clusters.primary.nodePools.np1.cycling.maxSurge: is 0 as is maxUnavailable, so that "
            "no node could be replaced, got 0; choose at least 1 for one of them"
        ),
    ),
    wrong(
        "an availability domain twice",
        {"clusters__primary__nodePools__np1__availabilityDomains": [1, 2, 1]},
        (
            "clusters.primary.nodePools.np1.availabilityDomains: has a number twice, got 1; "
            "remove one"
        ),
    ),
    wrong(
        "a fault domain twice",
        {"clusters__primary__nodePools__np1__faultDomains": [3, 3]},
        "clusters.primary.nodePools.np1.faultDomains: has a number twice, got 3; remove one",
    ),
    wrong(
        "pods per node with flannel",
        {"clusters__primary": {**flannel(0), "nodePools": {"np1": {"maxPodsPerNode": 31}}}},
        (
            "clusters.primary.nodePools.np1.maxPodsPerNode: has no effect with flannel, got 31; "
            "remove it, or set cni to vcnNative"
        ),
    ),
    wrong(
        "more tags than OCI takes",
        {"tags": {f"t{i}": "x" for i in range(6)}},
        "tags: are more than the 5 that are left of OCI's 10 freeform tags, got 6; remove some",
    ),
    wrong(
        "a tag of the program's",
        {"tags": {"Role": "x"}},
        (
            "tags.Role: is a tag that the program sets, got 'x'; choose another key than "
            "project, stack, mesh, role, cluster"
        ),
    ),
    wrong(
        "a tag key with a period",
        {"tags": {"cost.center": "x"}},
        (
            'tags["cost.center"]: is not a key of at most 100 letters without space and '
            "period, got 'cost.center'; choose another key"
        ),
    ),
    wrong(
        "a tag key with a space",
        {"tags": {"cost center": "x"}},
        (
            'tags["cost center"]: is not a key of at most 100 letters without space and '
            "period, got 'cost center'; choose another key"
        ),
    ),
    wrong(
        "a tag key that is too long",
        {"tags": {"k" * 101: "x"}},
        (
            "tags.kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
            "kkkkkkkkkkkkkkkkkkkkkk: is not a key of at most 100 letters without space and "
            "period, got 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
            "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk'; choose another key"
        ),
    ),
    wrong(
        "a tag that is too long",
        {"tags": {"cost": "x" * 257}},
        "tags.cost: is longer than 256 letters, got a text of 257 letters; shorten it",
    ),
    wrong(
        "a node label key with a space",
        {"clusters__primary__nodePools__np1__labels": {"my label": "x"}},
        (
            'clusters.primary.nodePools.np1.labels["my label"]: is not the key of a Kubernetes '
            "label, got 'my label'; write it as name or example.com/name"
        ),
    ),
    wrong(
        "a node label key with two slashes",
        {"clusters__primary__nodePools__np1__labels": {"a/b/c": "x"}},
        (
            'clusters.primary.nodePools.np1.labels["a/b/c"]: is not the key of a Kubernetes '
            "label, got 'a/b/c'; write it as name or example.com/name"
        ),
    ),
    wrong(
        "a node label without a name",
        {"clusters__primary__nodePools__np1__labels": {"example.com/": "x"}},
        (
            'clusters.primary.nodePools.np1.labels["example.com/"]: is not the key of a '
            "Kubernetes label, got 'example.com/'; write it as name or example.com/name"
        ),
    ),
    wrong(
        "a node label value with a space",
        {"clusters__primary__nodePools__np1__labels": {"pool": "a b"}},
        (
            "clusters.primary.nodePools.np1.labels.pool: is not the value of a Kubernetes label, "
            "got 'a b'; use at most 63 letters, digits and inner -, _ and ."
        ),
    ),
    wrong(
        "a node label value that is too long",
        {"clusters__primary__nodePools__np1__labels": {"pool": "a" * 64}},
        (
            "clusters.primary.nodePools.np1.labels.pool: is not the value of a Kubernetes label, "
            "got 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; use at most "
            "63 letters, digits and inner -, _ and ."
        ),
    ),
    wrong(
        "a node label of Kubernetes",
        {"clusters__primary__nodePools__np1__labels": {"node-role.kubernetes.io/worker": ""}},
        (
            'clusters.primary.nodePools.np1.labels["node-role.kubernetes.io/worker"]: is a '
            "label that a node may not give itself, got ''; choose a prefix of your own, or "
            "node.kubernetes.io"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
