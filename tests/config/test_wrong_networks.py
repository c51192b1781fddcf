"""Ranges that must not meet, and subnets that are too small."""

import pytest

from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import cluster, flannel

TABLE = [
    wrong(
        "a VCN range that is too large",
        {"clusters__primary__vcnCidr": "10.128.0.0/15"},
        (
            "clusters.primary.vcnCidr: is not from /16 to /22, got 10.128.0.0/15; choose a range "
            "that OCI takes and that has room for the subnets"
        ),
    ),
    wrong(
        "a VCN range that is too small",
        {"clusters__primary__vcnCidr": "10.0.0.0/23"},
        (
            "clusters.primary.vcnCidr: is not from /16 to /22, got 10.0.0.0/23; choose a range "
            "that OCI takes and that has room for the subnets"
        ),
    ),
    wrong(
        "equal VCN ranges",
        {"clusters__secondary__vcnCidr": "10.0.0.0/16"},
        (
            "clusters.secondary.vcnCidr: overlaps clusters.primary.vcnCidr (10.0.0.0/16), got "
            "10.0.0.0/16; choose a range outside every other VCN"
        ),
    ),
    wrong(
        "a VCN range inside another",
        {"clusters__secondary__vcnCidr": "10.0.128.0/20"},
        (
            "clusters.secondary.vcnCidr: overlaps clusters.primary.vcnCidr (10.0.0.0/16), got "
            "10.0.128.0/20; choose a range outside every other VCN"
        ),
    ),
    wrong(
        "a services range too large",
        {"clusters__primary__servicesCidr": "100.64.0.0/10"},
        (
            "clusters.primary.servicesCidr: is not from /12 to /29, got 100.64.0.0/10; choose a "
            "range that Kubernetes takes, such as a /16"
        ),
    ),
    wrong(
        "a services range too small",
        {"clusters__primary__servicesCidr": "172.16.0.0/30"},
        (
            "clusters.primary.servicesCidr: is not from /12 to /29, got 172.16.0.0/30; choose a "
            "range that Kubernetes takes, such as a /16"
        ),
    ),
    wrong(
        "services in the own VCN",
        {"clusters__primary__servicesCidr": "10.0.0.0/20"},
        (
            "clusters.primary.servicesCidr: overlaps clusters.primary.vcnCidr (10.0.0.0/16), got "
            "10.0.0.0/20; choose a range outside every VCN"
        ),
    ),
    wrong(
        "services in a peer's VCN",
        {"clusters__primary__servicesCidr": "10.1.0.0/20"},
        (
            "clusters.primary.servicesCidr: overlaps clusters.secondary.vcnCidr (10.1.0.0/16), "
            "got 10.1.0.0/20; choose a range outside every VCN"
        ),
    ),
    wrong(
        "a peer's VCN inside the services",
        {"clusters__primary__servicesCidr": "10.0.0.0/12"},
        (
            "clusters.primary.servicesCidr: overlaps clusters.primary.vcnCidr (10.0.0.0/16) and "
            "clusters.secondary.vcnCidr (10.1.0.0/16), got 10.0.0.0/12; choose a range outside "
            "every VCN"
        ),
    ),
    wrong(
        "flannel without pods range",
        {"clusters__primary__cni": "flannel"},
        (
            "clusters.primary.podsCidr: is missing for flannel, got nothing; add it, such as "
            "10.244.0.0/16"
        ),
    ),
    wrong(
        "VCN-native with a pods range",
        {"clusters__primary__podsCidr": "10.244.0.0/16"},
        (
            "clusters.primary.podsCidr: has no effect on VCN-native pods, got 10.244.0.0/16; "
            "remove it, or set cni to flannel"
        ),
    ),
    wrong(
        "flannel pods in the own VCN",
        {"clusters__primary": {**flannel(0), "podsCidr": "10.0.64.0/18"}},
        (
            "clusters.primary.podsCidr: overlaps clusters.primary.vcnCidr (10.0.0.0/16), got "
            "10.0.64.0/18; choose a range outside every VCN"
        ),
    ),
    wrong(
        "flannel pods in a peer's VCN",
        {"clusters__primary": {**flannel(0), "podsCidr": "10.1.64.0/18"}},
        (
            "clusters.primary.podsCidr: overlaps clusters.secondary.vcnCidr (10.1.0.0/16), got "
            "10.1.64.0/18; choose a range outside every VCN"
        ),
    ),
    wrong(
        "flannel pods among the own services",
        {"clusters__primary": {**flannel(0), "podsCidr": "172.16.128.0/17"}},
        (
            "clusters.primary.podsCidr: overlaps clusters.primary.servicesCidr (172.16.0.0/16), "
            "got 172.16.128.0/17; choose a range outside the services"
        ),
    ),
    wrong(
        "flannel pods too few for the nodes",
        {
            "clusters__primary": {
                **flannel(0),
                "podsCidr": "172.20.0.0/24",
                "nodePools": {"np1": {"size": 3}},
            }
        },
        (
            "clusters.primary.podsCidr: has too little room for 4 nodes, each of which takes a "
            "/25, got 172.20.0.0/24; choose a larger range, or fewer nodes"
        ),
    ),
    wrong(
        "flannel pods for no node at all",
        {"clusters__primary": {**flannel(0), "podsCidr": "172.20.0.0/26"}},
        (
            "clusters.primary.podsCidr: has too little room for 3 nodes, each of which takes a "
            "/25, got 172.20.0.0/26; choose a larger range, or fewer nodes"
        ),
    ),
    wrong(
        "one network over flannel",
        {
            "clusters__primary": {**flannel(0), "network": "flat"},
            "clusters__secondary": {**flannel(1), "network": "flat", "podsCidr": "172.21.0.0/16"},
        },
        (
            "clusters.primary.network: is shared with secondary, which flannel's pods cannot be, "
            "got 'flat'; give the cluster a network of its own, or set cni to vcnNative"
        ),
        (
            "clusters.secondary.network: is shared with primary, which flannel's pods cannot be, "
            "got 'flat'; give the cluster a network of its own, or set cni to vcnNative"
        ),
    ),
    wrong(
        "one network over flannel with equal pod ranges",
        {
            "clusters__primary": {**flannel(0), "network": "flat"},
            "clusters__secondary": {**flannel(1), "network": "flat"},
        },
        (
            "clusters.primary.network: is shared with secondary, which flannel's pods cannot be, "
            "got 'flat'; give the cluster a network of its own, or set cni to vcnNative"
        ),
        (
            "clusters.secondary.network: is shared with primary, which flannel's pods cannot be, "
            "got 'flat'; give the cluster a network of its own, or set cni to vcnNative"
        ),
        (
            "clusters.secondary.podsCidr: overlaps clusters.primary.podsCidr (172.20.0.0/16) on "
            "network 'flat', got 172.20.0.0/16; choose another range, or another network"
        ),
    ),
    wrong(
        "one network of flannel and VCN-native",
        {
            "clusters__primary": {**flannel(0), "network": "flat"},
            "clusters__secondary": cluster(1, network="flat"),
        },
        (
            "clusters.primary.network: is shared with secondary, which flannel's pods cannot be, "
            "got 'flat'; give the cluster a network of its own, or set cni to vcnNative"
        ),
    ),
    wrong(
        "a subnet outside the VCN",
        {"clusters__primary__subnets__api": "10.9.0.0/28"},
        (
            "clusters.primary.subnets.api: is outside clusters.primary.vcnCidr (10.0.0.0/16), "
            "got 10.9.0.0/28; choose a range inside the VCN"
        ),
    ),
    wrong(
        "a subnet larger than the VCN",
        {"clusters__primary__subnets__workers": "10.0.0.0/15"},
        (
            "clusters.primary.subnets.workers: is outside clusters.primary.vcnCidr "
            "(10.0.0.0/16), got 10.0.0.0/15; choose a range inside the VCN"
        ),
    ),
    wrong(
        "a chosen subnet over a computed one",
        {"clusters__primary__subnets__workers": "10.0.0.0/24"},
        (
            "clusters.primary.subnets.workers: overlaps the api subnet (10.0.0.0/28) and the "
            "internalLb subnet (10.0.0.64/26) and the publicLb subnet (10.0.0.128/26), got "
            "10.0.0.0/24; choose a range outside the other subnets"
        ),
    ),
    wrong(
        "two chosen subnets over each other",
        {
            "clusters__primary__subnets__internalLb": "10.0.32.0/24",
            "clusters__primary__subnets__publicLb": "10.0.32.128/25",
        },
        (
            "clusters.primary.subnets.publicLb: overlaps the internalLb subnet (10.0.32.0/24), "
            "got 10.0.32.128/25; choose a range outside the other subnets"
        ),
    ),
    wrong(
        "a pods subnet with flannel",
        {"clusters__primary": {**flannel(0), "subnets": {"pods": "10.0.128.0/17"}}},
        (
            "clusters.primary.subnets.pods: is for a subnet that this cluster does not have, got "
            "10.0.128.0/17; remove it, or set cni to vcnNative"
        ),
    ),
    wrong(
        "an operator subnet without operator host",
        {"clusters__primary__subnets__operator": "10.0.32.0/28"},
        (
            "clusters.primary.subnets.operator: is for a subnet that this cluster does not have, "
            "got 10.0.32.0/28; remove it, or set access.cluster to primary"
        ),
    ),
    wrong(
        "a workers subnet too small for its nodes",
        {
            "clusters__primary__subnets__workers": "10.0.32.0/29",
            "clusters__primary__nodePools__np1__size": 5,
        },
        (
            "clusters.primary.subnets.workers: has 5 free addresses but needs 6 for nodes, got "
            "10.0.32.0/29; choose a larger range, or fewer of them"
        ),
    ),
    wrong(
        "a workers subnet too small while cycling",
        {
            "clusters__primary__subnets__workers": "10.0.32.0/29",
            "clusters__primary__nodePools__np1__size": 5,
            "clusters__primary__nodePools__np1__cycling": {"maxSurge": 3},
        },
        (
            "clusters.primary.subnets.workers: has 5 free addresses but needs 8 for nodes, got "
            "10.0.32.0/29; choose a larger range, or fewer of them"
        ),
    ),
    wrong(
        "a workers subnet too small when scaled out",
        {
            "clusters__primary__subnets__workers": "10.0.32.0/28",
            "clusters__primary__nodePools__np1__autoscaler": {"min": 1, "max": 20},
        },
        (
            "clusters.primary.subnets.workers: has 13 free addresses but needs 21 for nodes, got "
            "10.0.32.0/28; choose a larger range, or fewer of them"
        ),
    ),
    wrong(
        "a VCN too small for its nodes",
        {
            "clusters__primary__vcnCidr": "10.0.0.0/22",
            "clusters__primary__nodePools__np1__size": 260,
            "clusters__primary__nodePools__np1__maxPodsPerNode": 1,
        },
        (
            "clusters.primary.vcnCidr: leaves the workers subnet (10.0.1.0/24) 253 free "
            "addresses, which needs 261 for nodes, got 10.0.0.0/22; choose a larger range, give "
            "subnets.workers, or have fewer of them"
        ),
    ),
    wrong(
        "a VCN too small for its pods",
        {
            "clusters__primary__vcnCidr": "10.0.0.0/21",
            "clusters__primary__nodePools__np1__size": 40,
        },
        (
            "clusters.primary.vcnCidr: leaves the pods subnet (10.0.4.0/22) 1021 free addresses, "
            "which needs 1271 for pods, got 10.0.0.0/21; choose a larger range, give "
            "subnets.pods, or have fewer of them"
        ),
    ),
    wrong(
        "a pods subnet too small for its pods",
        {"clusters__primary__subnets__pods": "10.0.128.0/26"},
        (
            "clusters.primary.subnets.pods: has 61 free addresses but needs 93 for pods, got "
            "10.0.128.0/26; choose a larger range, or fewer of them"
        ),
    ),
    wrong(
        "a load balancer subnet too small",
        {"clusters__primary__subnets__publicLb": "10.0.32.0/30"},
        (
            "clusters.primary.subnets.publicLb: has 1 free addresses but needs 3 for load "
            "balancers, got 10.0.32.0/30; choose a larger range, or fewer of them"
        ),
    ),
    wrong(
        "an API subnet without an address",
        {"clusters__primary__subnets__api": "10.0.32.0/31"},
        (
            "clusters.primary.subnets.api: has 0 free addresses but needs 1 for the Kubernetes "
            "API, got 10.0.32.0/31; choose a larger range, or fewer of them"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
