"""Keys that are unknown, missing or of the wrong form."""

import pytest

from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import DROP, cluster

TABLE = [
    wrong(
        "a misspelt key of a cluster",
        {"clusters__primary__vcnCdir": "10.0.0.0/16"},
        (
            "clusters.primary.vcnCdir: is not a setting, got 'vcnCdir'; did you mean vcnCidr? "
            "the settings here are addons, allowedCidrs, cni, compartmentId, egress, enabled, "
            "endpoint, existing, extraRoutes, extraRules, flowLogDays, imageKeyIds, kmsKeyId, "
            "kubernetesVersion, name, network, nodePools, podsCidr, primary, region, role, "
            "sampleVersion, servicesCidr, subnets, type, vcnCidr"
        ),
    ),
    wrong(
        "a misspelt key of a node pool",
        {"clusters__primary__nodePools__np1__siez": 3},
        (
            "clusters.primary.nodePools.np1.siez: is not a setting, got 'siez'; did you mean "
            "size? the settings here are autoscaler, availabilityDomains, bootVolumeGb, "
            "bootVolumeKeyId, capacityReservationId, cloudInit, cycling, encryptInTransit, "
            "evictionGraceMinutes, faultDomains, image, kubeletArguments, kubernetesVersion, "
            "labels, maxPodsPerNode, memoryGb, ocpus, podsReachMetadata, preemptible, shape, "
            "size, taints"
        ),
    ),
    wrong(
        "a key in snake case",
        {"clusters__primary__allowed_cidrs": []},
        (
            "clusters.primary.allowed_cidrs: is not a setting, got 'allowed_cidrs'; did you mean "
            "allowedCidrs? the settings here are addons, allowedCidrs, cni, compartmentId, "
            "egress, enabled, endpoint, existing, extraRoutes, extraRules, flowLogDays, "
            "imageKeyIds, kmsKeyId, kubernetesVersion, name, network, nodePools, podsCidr, "
            "primary, region, role, sampleVersion, servicesCidr, subnets, type, vcnCidr"
        ),
    ),
    wrong(
        "a key like no other",
        {"mesh__zzz": 1},
        (
            "mesh.zzz: is not a setting, got 'zzz'; the settings here are acceptOutage, "
            "authorization, dnsCapture, drainSeconds, eastWest, egress, enabled, exports, id, "
            "ingress, istio, loadBalancers, mtls, podSecurity, readerTokenDays, registry, samples, "
            "trustDomain"
        ),
    ),
    wrong(
        "a key below a list of ranges",
        {"clusters__primary__subnets__lb": "10.0.1.0/24"},
        (
            "clusters.primary.subnets.lb: is not a setting, got 'lb'; the settings here are api, "
            "internalLb, operator, pods, publicLb, workers"
        ),
    ),
    wrong(
        "a misspelt document",
        {"clusers": {}},
        (
            "clusers: is not a setting, got 'clusers'; did you mean clusters? the settings here "
            "are access, alarms, backbone, budget, clusters, definedTags, demos, gitops, mesh, "
            "observability, oci, "
            "pki, protection, tags, traffic, verification"
        ),
    ),
    wrong(
        "a secret under an unknown key",
        {"oci__apiToken": "hunter2"},
        (
            "oci.apiToken: is not a setting, got 'apiToken'; the settings here are auth, "
            "compartmentId, fingerprint, ignoreDefinedTags, privateKeyPath, profile, "
            "tenancyId, userId"
        ),
    ),
    wrong(
        "a cluster without region",
        {"clusters__primary__region": DROP},
        "clusters.primary.region: is missing, got nothing; add it, such as us-sanjose-1",
    ),
    wrong(
        "a cluster without VCN range",
        {"clusters__primary__vcnCidr": DROP},
        "clusters.primary.vcnCidr: is missing, got nothing; add it, such as 10.0.0.0/16",
    ),
    wrong(
        "a cluster without services range",
        {"clusters__primary__servicesCidr": DROP},
        "clusters.primary.servicesCidr: is missing, got nothing; add it, such as 10.96.0.0/16",
    ),
    wrong(
        "no compartment",
        {"oci__compartmentId": DROP},
        ("oci.compartmentId: is missing, got nothing; add it, such as ocid1.compartment.oc1..aaaa"),
    ),
    wrong("no sign-in", {"oci": DROP}, "oci: is missing, got nothing; add it"),
    wrong("no clusters", {"clusters": DROP}, "clusters: is missing, got nothing; add it"),
    wrong(
        "an empty map of clusters",
        {"clusters": {}},
        "clusters: has no entries, got an empty map; add one",
    ),
    wrong(
        "a list of clusters",
        {"clusters": []},
        "clusters: is not a map, got []; write its keys below it, each with its value",
    ),
    wrong(
        "a cluster that is text",
        {"clusters__primary": "primary"},
        (
            "clusters.primary: is not a map, got 'primary'; write its keys below it, each with "
            "its value"
        ),
    ),
    wrong(
        "a cluster key in upper case",
        {"clusters__Third": cluster(2)},
        ("clusters.Third: is not a key, got 'Third'; write third"),
    ),
    wrong(
        "a cluster key that is too long",
        {"clusters__aaaaaaaaaaaaaaaaaaaaa": cluster(2)},
        (
            "clusters.aaaaaaaaaaaaaaaaaaaaa: is longer than 20 letters, got "
            "'aaaaaaaaaaaaaaaaaaaaa'; shorten it"
        ),
    ),
    wrong(
        "a cluster key with an underscore",
        {"clusters": {"us_1": cluster(0)}},
        ("clusters.us_1: is not a key, got 'us_1'; write us-1"),
    ),
    wrong(
        "a node pool key with a period",
        {"clusters__primary__nodePools": {"np.1": {}}},
        ("clusters.primary.nodePools[\"np.1\"]: is not a key, got 'np.1'; write np-1"),
    ),
    wrong(
        "no node pools",
        {"clusters__primary__nodePools": {}},
        "clusters.primary.nodePools: has no entries, got an empty map; add one",
    ),
    wrong(
        "a list of node pools",
        {"clusters__primary__nodePools": [{"size": 2}]},
        (
            "clusters.primary.nodePools: is not a map, got a list; write its keys below it, each "
            "with its value"
        ),
    ),
    wrong(
        "a node pool without a value",
        {"clusters__primary__nodePools__np1": None},
        (
            "clusters.primary.nodePools.np1: has nothing below it, got nothing; indent its "
            "settings below it, or write {}"
        ),
    ),
    wrong(
        "autoscaler without bounds",
        {"clusters__primary__nodePools__np1__autoscaler": {}},
        (
            "clusters.primary.nodePools.np1.autoscaler.max: is missing, got nothing; add it, "
            "such as 5"
        ),
        (
            "clusters.primary.nodePools.np1.autoscaler.min: is missing, got nothing; add it, "
            "such as 1"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
