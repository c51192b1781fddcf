"""Certificates, the mesh and limits of the whole plan."""

import pytest

from tests.config.wrong import CERTIFICATE, Wrong, assert_refused, wrong
from tests.support.documents import cluster

TABLE = [
    wrong(
        "what crosses without the samples",
        {"mesh__eastWest__hosts": ["*.shop.svc.cluster.local", "helloworld.sample.svc"]},
        (
            "mesh.eastWest.hosts: leaves out the samples, which the verification asks across "
            "networks, got a list; add '*.sample.svc.cluster.local', or set verification.enabled "
            "to false"
        ),
    ),
    wrong(
        "everything crosses",
        {"mesh__eastWest__hosts": ["*"]},
        (
            "mesh.eastWest.hosts[0]: is not a host of services, got '*'; write it as "
            "*.shop.svc.cluster.local or one service's full name"
        ),
    ),
    wrong(
        "nothing crosses",
        {"mesh__eastWest__hosts": []},
        (
            "mesh.eastWest.hosts: has no entries, which no gateway may have, got []; name the "
            "services that cross, or leave it out"
        ),
    ),
    wrong(
        "a word of Istio's for the mode",
        {"mesh__authorization": "ALLOW_NOTHING"},
        (
            "mesh.authorization: is not one of the choices, got 'ALLOW_NOTHING'; the choices are "
            "allowByDefault, denyByDefault"
        ),
    ),
    wrong(
        "renewal longer than validity",
        {"pki__earlyRenewalDays": 180},
        (
            "pki.earlyRenewalDays: is not less than pki.intermediateValidityDays (180), got 180; "
            "choose fewer days, or every update would renew"
        ),
    ),
    wrong(
        "an intermediate that outlives the root",
        {"pki__rootValidityDays": 100},
        (
            "pki.intermediateValidityDays: is not less than pki.rootValidityDays (100), got 180; "
            "choose fewer days, as no certificate outlives its root"
        ),
    ),
    wrong(
        "a root without its key",
        {"pki__rootCertPem": CERTIFICATE},
        (
            "caRootKey: is missing beside pki.rootCertPem, got nothing; `pulumi config set "
            "--secret caRootKey`, or give every primary an intermediate"
        ),
    ),
    wrong(
        "a root key without its certificate",
        {},
        (
            "pki.rootCertPem: is missing beside the secret caRootKey, got nothing; give the "
            "certificate of the key, or remove the key"
        ),
        ca_root_key=True,
    ),
    wrong(
        "intermediates without their root",
        {"pki__intermediates": {"primary": CERTIFICATE}},
        (
            "pki.rootCertPem: is missing beside pki.intermediates, got nothing; give the root "
            "that signed them"
        ),
        ca_intermediate_keys=frozenset({"primary"}),
    ),
    wrong(
        "an intermediate without its key",
        {"pki__rootCertPem": CERTIFICATE, "pki__intermediates": {"primary": CERTIFICATE}},
        (
            "caIntermediateKeys.primary: is missing beside pki.intermediates.primary, got "
            "nothing; `pulumi config set --secret --path caIntermediateKeys.primary`"
        ),
        ca_root_key=True,
    ),
    wrong(
        "an intermediate key without its certificate",
        {},
        (
            "caIntermediateKeys.primary: is the key of no certificate in pki.intermediates, got "
            "<hidden>; give pki.intermediates.primary, or remove the key"
        ),
        ca_intermediate_keys=frozenset({"primary"}),
    ),
    wrong(
        "an intermediate of an unknown cluster",
        {"pki__rootCertPem": CERTIFICATE, "pki__intermediates": {"primry": CERTIFICATE}},
        (
            "pki.intermediates.primry: is for no enabled primary, got a text of "
            f"{len(CERTIFICATE)} letters; did you mean primary? the enabled primaries are "
            "primary, secondary"
        ),
        ca_root_key=True,
        ca_intermediate_keys=frozenset({"primry"}),
    ),
    wrong(
        "an intermediate of a remote",
        {
            "pki__rootCertPem": CERTIFICATE,
            "pki__intermediates": {"secondary": CERTIFICATE},
            "clusters__secondary__role": "remote",
            "clusters__secondary__primary": "primary",
        },
        (
            "pki.intermediates.secondary: is for no enabled primary, got a text of "
            f"{len(CERTIFICATE)} letters; the enabled primaries are primary"
        ),
        ca_root_key=True,
        ca_intermediate_keys=frozenset({"secondary"}),
    ),
    wrong(
        "bandwidth upside down",
        {"mesh__ingress__minMbps": 200},
        "mesh.ingress.minMbps: is more than maxMbps (100), got 200; choose at most that",
    ),
    wrong(
        "east-west bandwidth upside down",
        {"mesh__eastWest": {"minMbps": 50, "maxMbps": 20}},
        "mesh.eastWest.minMbps: is more than maxMbps (20), got 50; choose at most that",
    ),
    wrong(
        "chart values with the mesh id",
        {"mesh__istio__values": {"global": {"meshID": "x"}}},
        (
            "mesh.istio.values.global.meshID: is set by the program, got 'x'; remove it and use "
            "mesh.id"
        ),
    ),
    wrong(
        "chart values with a network",
        {"mesh__istio__values": {"global": {"network": "x"}}},
        (
            "mesh.istio.values.global.network: is set by the program, got 'x'; remove it and use "
            "clusters.<key>.network"
        ),
    ),
    wrong(
        "chart values with a cluster name",
        {"mesh__istio__values": {"global": {"multiCluster": {"clusterName": "x"}}}},
        (
            "mesh.istio.values.global.multiCluster.clusterName: is set by the program, got 'x'; "
            "remove it and use clusters.<key>.name"
        ),
    ),
    wrong(
        "chart values with the trust domain",
        {"mesh__istio__values": {"meshConfig": {"trustDomain": "x"}}},
        (
            "mesh.istio.values.meshConfig.trustDomain: is set by the program, got 'x'; remove it "
            "and use mesh.trustDomain"
        ),
    ),
    wrong(
        "chart values with the revision",
        {"mesh__istio__values": {"revision": "x"}},
        (
            "mesh.istio.values.revision: is set by the program, got 'x'; remove it and use "
            "mesh.istio.revision"
        ),
    ),
    wrong(
        "chart values with the profile",
        {"mesh__istio__values": {"profile": "remote"}},
        (
            "mesh.istio.values.profile: is set by the program, got 'remote'; remove it and use "
            "clusters.<key>.role"
        ),
    ),
    wrong(
        "chart values with the log level",
        {"mesh__istio__values": {"global": {"logging": {"level": "default:debug"}}}},
        (
            "mesh.istio.values.global.logging.level: is set by the program, got 'default:debug'; "
            "remove it and use mesh.istio.logLevel"
        ),
    ),
    wrong(
        "chart values with the replicas",
        {"mesh__istio__values": {"replicaCount": 3}},
        (
            "mesh.istio.values.replicaCount: is set by the program, got 3; remove it and use "
            "mesh.istio.replicas"
        ),
    ),
    wrong(
        "chart values with an autoscaler",
        {"mesh__istio__values": {"autoscaleEnabled": True}},
        (
            "mesh.istio.values.autoscaleEnabled: is set by the program, got True; remove it and "
            "use mesh.istio.replicas"
        ),
    ),
    wrong(
        "chart values with the CNI plugin",
        {"mesh__istio__values": {"cni": {"enabled": True}}},
        (
            "mesh.istio.values.cni.enabled: is set by the program, got True; remove it and use "
            "mesh.istio.cni"
        ),
    ),
    wrong(
        "chart values with a CPU request",
        {"mesh__istio__values": {"resources": {"requests": {"cpu": "1"}}}},
        (
            "mesh.istio.values.resources.requests.cpu: is set by the program, got '1'; remove it "
            "and use mesh.istio.cpuRequest"
        ),
    ),
    wrong(
        "chart values with no agent for two roots",
        {
            "mesh__istio__values": {
                "meshConfig": {
                    "defaultConfig": {"proxyMetadata": {"PROXY_CONFIG_XDS_AGENT": "false"}}
                }
            }
        },
        (
            "mesh.istio.values.meshConfig.defaultConfig.proxyMetadata.PROXY_CONFIG_XDS_AGENT: is "
            "set by the program, got 'false'; remove it so that the root can be replaced"
        ),
    ),
    wrong(
        "chart values with the pilot address",
        {"mesh__istio__values": {"global": {"remotePilotAddress": "1.2.3.4"}}},
        (
            "mesh.istio.values.global.remotePilotAddress: is set by the program, got '1.2.3.4'; "
            "remove it and use clusters.<key>.primary"
        ),
    ),
    wrong(
        "chart values with no multi-root",
        {"mesh__istio__values": {"env": {"ISTIO_MULTIROOT_MESH": "false"}}},
        (
            "mesh.istio.values.env.ISTIO_MULTIROOT_MESH: is set by the program, got 'false'; "
            "remove it so that the root can be replaced"
        ),
    ),
    *(
        wrong(
            f"chart values with {name}",
            {"mesh__istio__values": values},
            f"mesh.istio.values.{place}: is set by the program, got {got}; remove it {instead}",
        )
        for name, values, place, got, instead in (
            (
                "another profile",
                {"global": {"profile": "remote"}},
                "global.profile",
                "'remote'",
                "and use clusters.<key>.role",
            ),
            (
                "another namespace",
                {"global": {"istioNamespace": "istio"}},
                "global.istioNamespace",
                "'istio'",
                "and leave Istio in istio-system",
            ),
            (
                "no mesh configuration",
                {"configMap": False},
                "configMap",
                "False",
                "so that every cluster has the mesh's configuration",
            ),
            (
                "another name by the environment",
                {"env": {"CLUSTER_ID": "x"}},
                "env.CLUSTER_ID",
                "'x'",
                "and use clusters.<key>.name",
            ),
            (
                "another mesh by the proxies",
                {"meshConfig": {"defaultConfig": {"meshId": "x"}}},
                "meshConfig.defaultConfig.meshId",
                "'x'",
                "and use mesh.id",
            ),
            (
                "another network by the proxies",
                {"meshConfig": {"defaultConfig": {"proxyMetadata": {"ISTIO_META_NETWORK": "x"}}}},
                "meshConfig.defaultConfig.proxyMetadata.ISTIO_META_NETWORK",
                "'x'",
                "and use clusters.<key>.network",
            ),
            (
                "another root namespace",
                {"meshConfig": {"rootNamespace": "x"}},
                "meshConfig.rootNamespace",
                "'x'",
                "and leave what is for the whole mesh in istio-system",
            ),
        )
    ),
    *(
        wrong(
            f"chart values below {road}",
            {"mesh__istio__values": {road: {"env": {"CLUSTER_ID": "x"}}}},
            (
                f"mesh.istio.values.{road}: is merged with all other values, got a map; write its "
                "keys beside it, as the chart of today has them"
            ),
        )
        for road in ("pilot", "defaults", "_internal_defaults_do_not_set")
    ),
    *(
        wrong(
            f"chart values with the path {place}",
            {"mesh__istio__values": values},
            (
                f"mesh.istio.values{place}: is a path where the chart has keys, got 'x'; write "
                "its keys below each other"
            ),
        )
        for place, values in (
            ('["global.meshID"]', {"global.meshID": "x"}),
            ('["pilot.env.CLUSTER_ID"]', {"pilot.env.CLUSTER_ID": "x"}),
            ('.global["multiCluster.clusterName"]', {"global": {"multiCluster.clusterName": "x"}}),
        )
    ),
    wrong(
        "chart values with text for a map",
        {"mesh__istio__values": {"global": "x"}},
        (
            "mesh.istio.values.global: is not a map, as the chart has it, got 'x'; write its "
            "keys below it"
        ),
    ),
    wrong(
        "chart values with nothing for a map",
        {"mesh__istio__values": {"meshConfig": None}},
        (
            "mesh.istio.values.meshConfig: is not a map, as the chart has it, got nothing; write "
            "its keys below it"
        ),
    ),
    wrong(
        "more rules than a group takes",
        {"clusters__primary": cluster(0, allowedCidrs=[f"192.{i}.2.0/24" for i in range(130)])},
        (
            "clusters.primary: needs more rules in its api group than the 120 that OCI takes, "
            "got 142; have fewer clusters in the mesh, or fewer ranges in allowedCidrs"
        ),
    ),
    wrong(
        "more clusters than a group has rules for",
        {"clusters": {f"c{number}": cluster(number) for number in range(60)}},
        (
            "clusters.c0: needs more rules in its internalLb group than the 120 that OCI takes, "
            "got 122; have fewer clusters in the mesh, or fewer ranges in allowedCidrs"
        ),
        (
            "clusters.c0: needs more rules in its pods group than the 120 that OCI takes, got "
            "129; have fewer clusters in the mesh, or fewer ranges in allowedCidrs"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
