"""The `oci` plugin in front of the lab's cloud, as the engine would run it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lab.cloud.ids import COMPARTMENT_ID
from lab.plugins.oci import provider
from sdks.values import Properties
from tests.lab_unit.cloud_fixtures import OTHER_REGION, REGION, Lab
from tests.lab_unit.plugin_engine import Engine, Kept, serving

VCN = "oci:Core/vcn:Vcn"
SUBNET = "oci:Core/subnet:Subnet"
GROUP = "oci:Core/networkSecurityGroup:NetworkSecurityGroup"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
ROUTES = "oci:Core/routeTable:RouteTable"
DRG = "oci:Core/drg:Drg"
ATTACHMENT = "oci:Core/drgAttachment:DrgAttachment"
PEERING = "oci:Core/remotePeeringConnection:RemotePeeringConnection"
CLUSTER = "oci:ContainerEngine/cluster:Cluster"
POOL = "oci:ContainerEngine/nodePool:NodePool"


@contextmanager
def serving_region(region: str) -> Iterator[Engine]:
    with serving(provider()) as started:
        # A refusal is the fact under test: no second try.
        started.configure(region=region, disableAutoRetries=True)
        yield started


@pytest.fixture(scope="session")
def first_region() -> Iterator[Engine]:
    with serving_region(REGION) as started:
        yield started


@pytest.fixture(scope="session")
def second_region() -> Iterator[Engine]:
    with serving_region(OTHER_REGION) as started:
        yield started


@pytest.fixture
def oci_engine(first_region: Engine, lab: Lab) -> Engine:
    """The plugin of the first region, in front of an empty cloud."""
    return first_region


@pytest.fixture
def other_engine(second_region: Engine, lab: Lab) -> Engine:
    """The plugin of the second region."""
    return second_region


@pytest.fixture
def moving(lab: Lab) -> Iterator[Lab]:
    """A cloud whose machines follow by themselves."""
    done = threading.Event()

    def follow() -> None:
        while not done.wait(0.05):
            lab.settle()

    worker = threading.Thread(target=follow)
    worker.start()
    yield lab
    done.set()
    worker.join()


def made_vcn(engine: Engine, **more: Any) -> Kept:
    return engine.create(VCN, vcn_inputs(**more))


def vcn_inputs(**more: Any) -> Properties:
    return {"compartmentId": COMPARTMENT_ID, "cidrBlocks": ["10.0.0.0/16"], **more}


def made_in(engine: Engine, vcn: Kept, token: str, **more: Any) -> Kept:
    """A resource that lies in a VCN."""
    return engine.create(token, {"compartmentId": COMPARTMENT_ID, "vcnId": vcn.id, **more})


def subnet_inputs(vcn: Kept, **more: Any) -> Properties:
    return {
        "compartmentId": COMPARTMENT_ID,
        "vcnId": vcn.id,
        "cidrBlock": "10.0.0.0/24",
        "dnsLabel": "sub",
        **more,
    }


def cluster_inputs(subnet: Kept, group: Kept, **more: Any) -> Properties:
    return {
        "compartmentId": COMPARTMENT_ID,
        "name": "primary",
        "vcnId": subnet.inputs["vcnId"],
        "kubernetesVersion": "v1.36.3",
        "type": "ENHANCED_CLUSTER",
        "clusterPodNetworkOptions": [{"cniType": "FLANNEL_OVERLAY"}],
        "endpointConfig": {
            "subnetId": subnet.id,
            "isPublicIpEnabled": False,
            "nsgIds": [group.id],
        },
        "options": {
            "serviceLbSubnetIds": [subnet.id],
            "kubernetesNetworkConfig": {
                "podsCidr": "10.244.0.0/16",
                "servicesCidr": "10.96.0.0/16",
            },
        },
        **more,
    }
