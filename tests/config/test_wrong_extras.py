"""Faults of what nodes, clusters and gateways are given beyond the usual."""

from __future__ import annotations

import pytest

from tests.config.wrong import Wrong, assert_refused, ocid, wrong
from tests.support.documents import SSH_KEY

NP1 = "clusters__primary__nodePools__np1"
AT_NP1 = "clusters.primary.nodePools.np1"
RESERVED = ocid("capacityreservation")
HOST = {
    "access__cluster": "primary",
    "access__allowedCidrs": ["192.0.2.0/24"],
    "access__sshPublicKey": SSH_KEY,
}

CASES = [
    wrong(
        "a taint without effect",
        {f"{NP1}__taints": ["dedicated=gateways"]},
        (
            f"{AT_NP1}.taints[0]: is not a taint, got 'dedicated=gateways'; write it as "
            "dedicated=gateways:NoSchedule"
        ),
    ),
    wrong(
        "no node without taints",
        {f"{NP1}__taints": ["dedicated=gateways:NoSchedule"]},
        (
            "clusters.primary.nodePools: have no node without taints, which Istio's pods do not "
            "tolerate, got a map; add a pool without taints"
        ),
    ),
    wrong(
        "an argument of kubelet that another setting is for",
        {f"{NP1}__kubeletArguments": {"node-labels": "a=b"}},
        (
            f"{AT_NP1}.kubeletArguments.node-labels: is set in another way, got 'a=b'; remove it; "
            "use labels"
        ),
    ),
    wrong(
        "an argument of kubelet with a space",
        {f"{NP1}__kubeletArguments": {"v": "4 --x"}},
        (
            f"{AT_NP1}.kubeletArguments.v: is not a value without spaces and quotes, got '4 --x'; "
            "write it as memory.available<500Mi"
        ),
    ),
    wrong(
        "a cloud-config in place of a script",
        {f"{NP1}__cloudInit": "#cloud-config\n"},
        (
            f"{AT_NP1}.cloudInit: is not a shell script, got '#cloud-config\\n'; begin it with a "
            "line such as #!/bin/bash"
        ),
    ),
    wrong(
        "a script that metadata has no room for",
        {f"{NP1}__cloudInit": "#!/bin/sh\n" + "x" * 12_000},
        (
            f"{AT_NP1}.cloudInit: is longer than 12000 bytes, got a text of 12010 letters; let it "
            "fetch what is long"
        ),
    ),
    wrong(
        "preemptible nodes out of a reservation",
        {
            "clusters__primary__nodePools": {
                "np1": {},
                "np2": {
                    "preemptible": True,
                    "capacityReservationId": RESERVED,
                    "availabilityDomains": [1],
                },
            }
        },
        (
            "clusters.primary.nodePools.np2.preemptible: is not possible with nodes out of a "
            "capacity reservation, got True; remove one of the two"
        ),
    ),
    wrong(
        "a reservation without its domain",
        {f"{NP1}__capacityReservationId": RESERVED},
        (
            f"{AT_NP1}.availabilityDomains: are not the one in which the capacity reservation "
            "lies, got nothing; name that one alone"
        ),
    ),
    wrong(
        "nothing but preemptible nodes",
        {f"{NP1}__preemptible": True},
        (
            f"{AT_NP1}.preemptible: would let the mesh run on nothing but nodes that may end at "
            "any time, got True; add a pool whose nodes stay"
        ),
    ),
    wrong(
        "add-ons of a basic cluster",
        {"clusters__primary__type": "basic", "clusters__primary__addons": {"CertManager": {}}},
        (
            "clusters.primary.addons: are add-ons, which a basic cluster does not have, got a map; "
            "remove them, or set type to enhanced"
        ),
    ),
    wrong(
        "a second Istio",
        {"clusters__primary__addons": {"Istio": {}}},
        (
            "clusters.primary.addons.Istio: is no add-on of the settings' own, got a map; remove "
            "it; the mesh is the program's own"
        ),
    ),
    wrong(
        "a host too large for its OCPUs",
        {**HOST, "access__memoryGb": 65},
        "access.memoryGb: is not 1 to 64 GB for each of 1 OCPUs, got 65; choose 1 to 64",
    ),
    wrong(
        "a shielded host on Arm",
        {**HOST, "access__shape": "VM.Standard.A1.Flex", "access__shielded": True},
        (
            "access.shielded: is not possible with the shape VM.Standard.A1.Flex, got True; choose "
            "one such as VM.Standard.E4.Flex or VM.Standard3.Flex, or remove it"
        ),
    ),
    wrong(
        "a shape without a host",
        {"access__shape": "VM.Standard.E5.Flex"},
        (
            "access.shape: has no effect without access.cluster, got 'VM.Standard.E5.Flex'; remove "
            "it, or name a cluster for the operator host"
        ),
    ),
    wrong(
        "addresses kept by a load balancer that keeps none",
        {"mesh__ingress__clientAddresses": "kept"},
        (
            "mesh.ingress.clientAddresses: are not kept by a loadBalancer, got 'kept'; set "
            "balancer to networkLoadBalancer, or use proxyProtocol"
        ),
    ),
    wrong(
        "bandwidth of a network load balancer",
        {"mesh__ingress": {"balancer": "networkLoadBalancer", "maxMbps": 200}},
        ("mesh.ingress.maxMbps: has no effect on a networkLoadBalancer, got 200; remove it"),
    ),
    wrong(
        "a reserved address of an internal gateway",
        {"mesh__eastWest__reservedAddress": True},
        (
            "mesh.eastWest.reservedAddress: is a public address, but mesh.eastWest.exposure is "
            "internal, got True; remove it, or set exposure to public"
        ),
    ),
    wrong(
        "a Service of the gateway's chart",
        {"mesh__eastWest__values": {"service": {"type": "NodePort"}}},
        (
            "mesh.eastWest.values.service: is set by the program, got a map; remove it since the "
            "Service is a resource of the program's own"
        ),
    ),
    wrong(
        "a scheme before a registry",
        {"mesh__registry__place": "https://fra.ocir.io/acme"},
        (
            "mesh.registry.place: is not a registry and a folder in it, without a scheme, got "
            "'https://fra.ocir.io/acme'; write it as fra.ocir.io/mytenancy/mirror"
        ),
    ),
    wrong(
        "who pulls without a registry",
        {"mesh__registry__username": "acme/robot"},
        (
            "mesh.registry.username: is of a registry that is not given, got 'acme/robot'; give "
            "mesh.registry.place too, or remove it"
        ),
    ),
    wrong(
        "who pulls without a token",
        {"mesh__registry": {"place": "fra.ocir.io/acme", "username": "acme/robot"}},
        (
            "registryToken: is missing beside mesh.registry.username, got nothing; `pulumi config "
            "set --secret registryToken`"
        ),
    ),
    wrong(
        "a token of nobody",
        {},
        (
            "mesh.registry.username: is missing beside the secret registryToken, got nothing; say "
            "whose token it is, or `pulumi config rm registryToken`"
        ),
        registry_token=True,
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused(case: Wrong) -> None:
    assert_refused(case)
