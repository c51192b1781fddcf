"""What looks like a fault and is none."""

from typing import Any

import pytest
from oci.regions_definitions import REGION_REALMS

from components.config.parse import parse
from components.config.rules.given import GivenSecrets
from tests.config.wrong import CERTIFICATE, FINGERPRINT, ocid
from tests.support.brought import RANGES, brought_cluster
from tests.support.documents import SSH_KEY, cluster, documents, flannel

# As ssh-keygen writes them, for a security token and of RSA.
SK_SSH_KEY = (
    "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAECAwQFBgcICQoL"
    "DA0ODxAREhMUFRYXGBkaGxwdHh8gAAAABHNzaDo="
)
RSA_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAEAECAwQFBgcICQoLDA0ODxA="
NP1 = "clusters__primary__nodePools__np1"
ACCESS = {"cluster": "primary", "allowedCidrs": ["192.0.2.0/24"], "sshPublicKey": SSH_KEY}
CREDENTIALS = {
    "oci__tenancyId": ocid("tenancy"),
    "oci__userId": ocid("user"),
    "oci__fingerprint": FINGERPRINT,
}

LEGAL: dict[str, dict[str, Any]] = {
    "equal flannel ranges on different networks": {
        "clusters__primary": flannel(0),
        "clusters__secondary": flannel(1),
    },
    "equal services ranges on one network": {
        "clusters__primary__network": "flat",
        "clusters__secondary__network": "flat",
    },
    "services ranges that overlap a peer's flannel range": {
        "clusters__primary": flannel(0),
        "clusters__secondary": cluster(1, servicesCidr="172.20.0.0/16"),
    },
    "flannel beside VCN-native on different networks": {"clusters__primary": flannel(0)},
    "two clusters in one region": {"clusters__secondary__region": "us-sanjose-1"},
    "a single cluster": {"clusters": {"only": cluster(0)}},
    "a remote on the network of its primary": {
        "clusters__primary__network": "flat",
        "clusters__secondary": cluster(1, network="flat", role="remote", primary="primary"),
    },
    "a remote over an internal east-west gateway": {
        "clusters__secondary": cluster(1, role="remote", primary="primary"),
    },
    "several primaries, each with a remote": {
        "clusters__third": cluster(2, role="remote", primary="primary"),
        "clusters__fourth": cluster(3, role="remote", primary="secondary"),
    },
    "a faulty place of a disabled cluster": {
        "clusters__third": cluster(0, enabled=False, cni="flannel", role="remote"),
    },
    "equal sample versions without samples": {
        "mesh__samples": False,
        "clusters__primary__sampleVersion": "v1",
        "clusters__secondary__sampleVersion": "v1",
    },
    "a VCN of /16": {"clusters__primary__vcnCidr": "10.0.0.0/16"},
    "a VCN of /22": {
        "clusters__primary__vcnCidr": "10.0.0.0/22",
        f"{NP1}__size": 1,
    },
    "a range of RFC 6598": {"clusters__primary__vcnCidr": "100.64.0.0/16"},
    "a short name of a region": {"clusters__primary__region": "sanjose"},
    "the key of a region": {"clusters__primary__region": "sjc"},
    "a private endpoint behind an operator host": {
        "clusters__primary": cluster(0, endpoint="private", allowedCidrs=[]),
        "access": ACCESS,
    },
    "an operator host beside public endpoints": {"access": ACCESS},
    "istioctl one minor ahead": {"access": {**ACCESS, "istioctl": "1.32.0"}},
    "nodes three minors behind": {f"{NP1}__kubernetesVersion": "v1.31.4"},
    "no nodes without a mesh": {"mesh__enabled": False, f"{NP1}__size": 0},
    "nodes by the autoscaler alone": {
        f"{NP1}__size": 1,
        f"{NP1}__autoscaler": {"min": 1, "max": 3},
    },
    "a pool that the autoscaler empties beside another": {
        "clusters__primary__nodePools": {
            "np1": {},
            "more": {"size": 0, "autoscaler": {"min": 0, "max": 3}},
        },
    },
    "a basic cluster": {"clusters__primary__type": "basic"},
    "a basic cluster that says not to cycle": {
        "clusters__primary__type": "basic",
        f"{NP1}__cycling": {"enabled": False},
    },
    "cycling that is off and could not move": {
        f"{NP1}__cycling": {"enabled": False, "maxSurge": 0},
    },
    "a fixed shape": {f"{NP1}__shape": "BM.GPU4.8"},
    "a shape with a hyphen": {f"{NP1}__shape": "BM.GPU.A100-v2.8"},
    "a key of fifteen letters and its hyphens": {"clusters__aaaaa-bbbbb-ccccc": cluster(2)},
    "half an OCPU beside whole ones": {f"{NP1}__ocpus": 2.5},
    "a label for nodes of Kubernetes": {f"{NP1}__labels": {"node.kubernetes.io/pool": "a"}},
    "an empty label": {f"{NP1}__labels": {"example.com/spot": ""}},
    "defined tags, of the host and of everything": {
        "definedTags": {"Operations.CostCenter": "42"},
        "oci__ignoreDefinedTags": ["Finance.Budget"],
        "access": {
            **ACCESS,
            "definedTags": {"Mesh.Role": "operator"},
            "dynamicGroupId": ocid("dynamicgroup"),
            "clusterRole": "view",
        },
    },
    "as many tags as OCI takes": {"tags": {f"tag-{number}": "x" for number in range(5)}},
    "a profile for a session token": {"oci__auth": "securityToken", "oci__profile": "SESSION"},
    "an instance principal": {"oci__auth": "instancePrincipal"},
    "a key by its path": {**CREDENTIALS, "oci__privateKeyPath": "~/.oci/key.pem"},
    "the tenancy as compartment": {"oci__compartmentId": ocid("tenancy")},
    "a DRG that two clusters share": {
        "clusters__primary__existing": {"drgId": ocid("drg", "us-sanjose-1")},
        "clusters__secondary__region": "us-sanjose-1",
        "clusters__secondary__existing": {"drgId": ocid("drg", "us-sanjose-1")},
    },
    "a chosen subnet between the computed ones": {
        "clusters__primary__subnets__api": "10.0.32.0/28",
    },
    "a key of a security token": {"access": {**ACCESS, "sshPublicKey": SK_SSH_KEY}},
    "an RSA key with a comment": {"access": {**ACCESS, "sshPublicKey": f"{RSA_KEY} lea@acme\n"}},
    "a certificate with the line ends of Windows": {
        "pki__rootCertPem": CERTIFICATE.replace("\n", "\r\n"),
        "pki__intermediates": {"primary": CERTIFICATE, "secondary": CERTIFICATE},
    },
    "intermediates that end before a long-lived root": {
        "pki__rootCertPem": CERTIFICATE,
        "pki__intermediateValidityDays": 4000,
    },
    "an intermediate of a cluster that is switched off": {
        "clusters__third": cluster(2, enabled=False),
        "pki__rootCertPem": CERTIFICATE,
        "pki__intermediates": {"third": CERTIFICATE},
    },
    "pods in a further range of an existing VCN": {
        "clusters__primary": {
            **brought_cluster(),
            "subnets": {**RANGES, "pods": "100.64.0.0/17"},
        },
    },
    "requests for each cluster": {"verification__requests": 36},
    "few requests that nobody sends": {"verification": {"requests": 1, "enabled": False}},
    "an amount of half a CPU": {"mesh__istio__cpuRequest": "0.5"},
    "charts of a folder": {"mesh__istio__charts": "./charts"},
    "charts of a registry": {"mesh__istio__charts": "oci://registry.example.com/charts"},
    "chart values of one's own": {
        "mesh__istio__values": {
            "global": {"hub": "registry.example.com/istio", "proxy": {"logLevel": "debug"}},
            "env": {"PILOT_ENABLE_ALPN_FILTER": "false"},
            "telemetry": {"enabled": False},
        },
    },
    "chart values with names that have a dot": {
        "mesh__istio__values": {
            "podAnnotations": {"prometheus.io/scrape": "true"},
            "nodeSelector": {"kubernetes.io/arch": "arm64"},
            "meshConfig": {"defaultConfig": {"tracing": {"sampling": 1.5}}},
        },
    },
    "a revision": {"mesh__istio__revision": "1-30-3"},
    "clusters without a mesh": {"mesh__enabled": False},
}


@pytest.mark.parametrize("changes", LEGAL.values(), ids=list(LEGAL))
def test_it_is_legal(changes: dict[str, Any]) -> None:
    keys = frozenset(changes.get("pki__intermediates", {}))
    has_root = "pki__rootCertPem" in changes
    parse(documents(**changes), GivenSecrets(ca_root_key=has_root, ca_intermediate_keys=keys))


@pytest.mark.parametrize("region", sorted(REGION_REALMS))
def test_every_region_that_the_vendors_own_library_knows_is_taken(region: str) -> None:
    """Of every realm, and more than the table of short names has."""
    compartment = f"ocid1.compartment.{REGION_REALMS[region]}..aaaa"
    only = {"only": cluster(0, region=region)}
    settings = parse(documents(clusters=only, oci={"compartmentId": compartment}))
    assert settings.clusters["only"].region == region


@pytest.mark.parametrize("realm", ["oc1", "oc99"])
def test_a_region_that_is_newer_than_the_tables_is_of_any_realm(realm: str) -> None:
    oci = {"compartmentId": f"ocid1.compartment.{realm}..aaaa"}
    parse(documents(clusters={"only": cluster(0, region="us-newtown-1")}, oci=oci))


def test_a_secret_key_takes_the_place_of_its_path() -> None:
    parse(documents(**CREDENTIALS), GivenSecrets(private_key=True, private_key_passphrase=True))


def test_a_root_of_ones_own_comes_with_its_key() -> None:
    parse(documents(pki__rootCertPem=CERTIFICATE), GivenSecrets(ca_root_key=True))


def test_the_key_of_a_root_stays_offline_where_every_primary_has_an_intermediate() -> None:
    pki = {
        "rootCertPem": CERTIFICATE,
        "intermediates": {"primary": CERTIFICATE, "secondary": CERTIFICATE},
    }
    keys = frozenset({"primary", "secondary"})
    parse(documents(pki=pki), GivenSecrets(ca_intermediate_keys=keys))


def test_what_is_disabled_has_no_part_in_the_settings() -> None:
    settings = parse(documents(clusters__secondary__enabled=False))
    assert list(settings.enabled_clusters) == ["primary"]


def test_names_are_taken_from_the_key() -> None:
    primary = parse(documents()).clusters["primary"]
    assert (primary.name, primary.network, primary.sample_version) == (
        "primary-cluster",
        "primary-network",
        "primary",
    )


def test_short_region_names_become_identifiers() -> None:
    settings = parse(
        documents(clusters__primary__region="sydney", clusters__secondary__region="iad")
    )
    assert settings.clusters["primary"].region == "ap-sydney-1"
    assert settings.clusters["secondary"].region == "us-ashburn-1"


def test_a_basic_cluster_does_not_cycle_its_nodes() -> None:
    settings = parse(documents(clusters__primary__type="basic"))
    basic, enhanced = settings.clusters["primary"], settings.clusters["secondary"]
    pool = basic.node_pools["np1"]
    assert (basic.cycles(pool), enhanced.cycles(pool)) == (False, True)
    assert (basic.most_nodes(pool), enhanced.most_nodes(pool)) == (2, 3)
