"""Slips of the pen and of YAML: each has words of its own, which are true."""

import pytest

from components.config.rules.mesh import LEAST_FOR_EACH_CLUSTER
from ops.verify.answers import REQUESTS_PER_CLUSTER
from tests.config.wrong import CERTIFICATE, PRIVATE_KEY, Wrong, assert_refused, wrong
from tests.support.authority import authority
from tests.support.documents import SSH_KEY

NP1 = "clusters__primary__nodePools__np1"
SSH_PATH = "~/.ssh/id_ed25519.pub"
LEAF = authority("leaf", below="root", may_sign=False).cert_pem
# Digits of another alphabet, which look like 30 to a reader and to nobody else.
THIRTY = "\u0663\u0660"

TEXT = [
    wrong(
        "a revision that is a number",
        {"mesh__istio__revision": 130},
        "mesh.istio.revision: is a number, not text, got 130; put it in quotes",
    ),
    wrong(
        "a name that is a boolean",
        {"clusters__primary__name": True},
        "clusters.primary.name: is true or false, not text, got True; put the text in quotes",
    ),
    wrong(
        "a mode that YAML reads as false",
        {"mesh__mtls": False},
        "mesh.mtls: is true or false, not text, got False; write one of these in quotes: "
        "STRICT, PERMISSIVE",
    ),
    wrong(
        "an amount that is a number",
        {"mesh__istio__cpuRequest": 2},
        "mesh.istio.cpuRequest: is a number, not text, got 2; put it in quotes",
    ),
    wrong(
        "a tag that YAML made shorter",
        {"tags": {"release": 1.3}},
        "tags.release: is a number, not text, got 1.3; put what you meant in quotes",
    ),
    wrong(
        "a whole number with a point",
        {f"{NP1}__size": 3.0},
        f"{NP1.replace('__', '.')}.size: has a decimal point, got 3; write 3",
    ),
    wrong(
        "digits of another alphabet in a version",
        {"mesh__istio__version": f"1.{THIRTY}.3"},
        f"mesh.istio.version: is not a version, got '1.{THIRTY}.3'; write it as 1.31.4",
    ),
    wrong(
        "digits of another alphabet in an amount",
        {"mesh__ingress__memoryRequest": f"{THIRTY}Mi"},
        f"mesh.ingress.memoryRequest: is not an amount of memory, got '{THIRTY}Mi'; write it as "
        "128Mi or 2Gi",
    ),
    wrong(
        "spaces around a value",
        {"mesh__trustDomain": " oke.local "},
        "mesh.trustDomain: is not a trust domain, got ' oke.local '; write oke.local",
    ),
]

CASE = [
    wrong(
        "the key of a region as the console shows it",
        {"clusters__primary__region": "ORD"},
        "clusters.primary.region: is not in lower case, got 'ORD'; write us-chicago-1",
    ),
    wrong(
        "an identifier of a region in capitals",
        {"clusters__primary__region": "US-PHOENIX-1"},
        "clusters.primary.region: is not in lower case, got 'US-PHOENIX-1'; write us-phoenix-1",
    ),
    wrong(
        "a region like no other",
        {"clusters__primary__region": "XYZ"},
        "clusters.primary.region: is not a region of Oracle Cloud, got 'XYZ'; write an identifier "
        "such as us-sanjose-1",
    ),
    wrong(
        "a region of another cloud",
        {"clusters__primary__region": "us-east-1"},
        "clusters.primary.region: is not a region of Oracle Cloud, got 'us-east-1'; write an "
        "identifier such as us-sanjose-1",
    ),
    wrong(
        "a city in another area",
        {"clusters__primary__region": "eu-ashburn-1"},
        "clusters.primary.region: is not a region of Oracle Cloud, got 'eu-ashburn-1'; did you "
        "mean us-ashburn-1?",
    ),
    wrong(
        "a flexible shape in lower case",
        {f"{NP1}__shape": "VM.Standard.E4.flex"},
        f"{NP1.replace('__', '.')}.shape: is not written as Oracle Cloud does, got "
        "'VM.Standard.E4.flex'; write VM.Standard.E4.Flex",
    ),
    wrong(
        "a shape in lower case",
        {f"{NP1}__shape": "vm.standard.a1.flex"},
        f"{NP1.replace('__', '.')}.shape: is not a shape, got 'vm.standard.a1.flex'; write "
        "VM.Standard.A1.Flex",
    ),
    wrong(
        "a trust domain in capitals",
        {"mesh__trustDomain": "OKE.local"},
        "mesh.trustDomain: is not a trust domain, got 'OKE.local'; write oke.local",
    ),
    wrong(
        "an Istio version with v",
        {"mesh__istio__version": "v1.30.3"},
        "mesh.istio.version: is not a version, got 'v1.30.3'; write 1.30.3",
    ),
    wrong(
        "a fingerprint in capitals",
        {"oci__fingerprint": ":".join(["AB"] * 16)},
        f"oci.fingerprint: is not the fingerprint of a key, got '{':'.join(['AB'] * 16)}'; write "
        f"{':'.join(['ab'] * 16)}",
    ),
    wrong(
        "a fingerprint without colons",
        {"oci__fingerprint": "Ab" * 16},
        f"oci.fingerprint: is not the fingerprint of a key, got '{'Ab' * 16}'; write "
        f"{':'.join(['ab'] * 16)}",
    ),
]

AMOUNTS = [
    wrong(
        "memory in thousandths",
        {"mesh__ingress__memoryRequest": "128m"},
        "mesh.ingress.memoryRequest: is in thousandths of a byte, got '128m'; write 128Mi",
    ),
    wrong(
        "memory in bytes",
        {"mesh__ingress__memoryRequest": "128"},
        "mesh.ingress.memoryRequest: is a number of bytes, without a unit, got '128'; write 128Mi, "
        "or what you meant",
    ),
    wrong(
        "memory as people write it",
        {"mesh__istio__memoryRequest": "2 gb"},
        "mesh.istio.memoryRequest: is not an amount of memory, got '2 gb'; write 2Gi",
    ),
    wrong(
        "CPU in the unit of memory",
        {"mesh__istio__cpuRequest": "2Gi"},
        "mesh.istio.cpuRequest: is an amount of memory, not of CPU, got '2Gi'; write it as 500m "
        "or 2",
    ),
    wrong(
        "CPU in a capital",
        {"mesh__istio__cpuRequest": "500M"},
        "mesh.istio.cpuRequest: is an amount of memory, not of CPU, got '500M'; write it as 500m "
        "or 2",
    ),
    wrong(
        "fewer requests than the clusters need",
        {"verification__requests": 35},
        "verification.requests: is less than 18 for each cluster, so that one could be missed, "
        "got 35; write at least 36, or leave it out",
    ),
]

PASTED = [
    wrong(
        "the path of an SSH key",
        {"access__sshPublicKey": SSH_PATH},
        f"access.sshPublicKey: is a path, not the text of the key, got '{SSH_PATH}'; write what "
        "the file holds, ssh-ed25519 AAAA...",
    ),
    wrong(
        "an SSH key cut short",
        {"access__sshPublicKey": SSH_KEY[:-8]},
        "access.sshPublicKey: is a public key of which letters are missing, got <hidden>; paste "
        "the whole line again",
    ),
    wrong(
        "an SSH key that says another kind",
        {"access__sshPublicKey": SSH_KEY.replace("ssh-ed25519", "ssh-rsa")},
        "access.sshPublicKey: is a public key of which letters are missing, got <hidden>; paste "
        "the whole line again",
    ),
    wrong(
        "an SSH key of a kind that is no longer taken",
        {"access__sshPublicKey": "ssh-dss AAAAB3NzaC1kc3MAAACB"},
        "access.sshPublicKey: is not a public key of SSH, got <hidden>; write it as ssh-ed25519 "
        "AAAA...",
    ),
    wrong(
        "two SSH keys",
        {"access__sshPublicKey": f"{SSH_KEY}\n{SSH_KEY}\n"},
        "access.sshPublicKey: has more than one line, got <hidden>; give one key, on one line",
    ),
    wrong(
        "the text of a key in place of its path",
        {"access__sshPrivateKeyPath": SSH_KEY},
        f"access.sshPrivateKeyPath: is the text of a key, not the path of its file, got "
        f"'{SSH_KEY}'; write where the file is",
    ),
    wrong(
        "a certificate without its second line",
        {
            "pki__rootCertPem": "\n".join(
                CERTIFICATE.splitlines()[:1] + CERTIFICATE.splitlines()[2:]
            )
        },
        "pki.rootCertPem: is a certificate of which letters are missing or wrong, got a text of "
        f"{len(CERTIFICATE) - 66} letters; paste the whole file again",
    ),
    wrong(
        "a certificate and the one that signed it",
        {"pki__rootCertPem": CERTIFICATE * 2},
        "pki.rootCertPem: holds 2 certificates, got a text of "
        f"{2 * len(CERTIFICATE)} letters; give one alone, without those that signed it",
    ),
    wrong(
        "the certificate of a server",
        {"pki__intermediates": {"primary": LEAF}},
        "pki.intermediates.primary: is not the certificate of an authority, got a text of "
        f"{len(LEAF)} letters; give that of a certificate authority, which may sign others",
    ),
    wrong(
        "a certificate with its key",
        {"pki__rootCertPem": PRIVATE_KEY + CERTIFICATE},
        "pki.rootCertPem: holds a private key, got <hidden>; make a new key, as this one has "
        "leaked, and give the certificate alone",
    ),
    wrong(
        "an OCID that is to be filled in",
        {"clusters__primary__compartmentId": "ocid1.compartment.oc1..Replace-me"},
        "clusters.primary.compartmentId: is a placeholder, got 'ocid1.compartment.oc1..Replace-me';"
        " put an OCID in its place that begins with ocid1.compartment or ocid1.tenancy",
    ),
    wrong(
        "one's own address with the prefix of its network",
        {"clusters__primary__allowedCidrs": ["198.51.100.7/24"]},
        "clusters.primary.allowedCidrs[0]: has bits set right of its prefix, got "
        "'198.51.100.7/24'; write 198.51.100.7/32 for that address alone, or 198.51.100.0/24 for "
        "all 256 of its network",
    ),
]

CHARTS = [
    wrong(
        f"charts by {scheme}",
        {"mesh__istio__charts": f"{scheme}//charts.example.com/istio"},
        f"mesh.istio.charts: is not a place of charts that is safe to read, got "
        f"'{scheme}//charts.example.com/istio'; write it as https://..., oci://... or the path of "
        "a folder",
    )
    for scheme in ("http:", "git+https:", "file:", "S3:")
]
CHARTS += [
    wrong(
        "charts by HTTPS in capitals",
        {"mesh__istio__charts": "HTTPS://charts.example.com"},
        "mesh.istio.charts: is not a place of charts that is safe to read, got "
        "'HTTPS://charts.example.com'; write https://charts.example.com",
    ),
    wrong(
        "charts of no host",
        {"mesh__istio__charts": "https://"},
        "mesh.istio.charts: is not a place of charts, got 'https://'; write it as https://..., "
        "oci://... or the path of a folder",
    ),
]

INDENTATION = [
    wrong(
        "fields of a cluster beside it",
        {"clusters": {"blue": None, "region": "us-sanjose-1", "nodePools": {"np1": {}}}},
        "clusters.blue: has nothing below it, got nothing; indent its settings below it",
        "clusters.nodePools: is a setting of a cluster, not the key of one, got 'nodePools'; "
        "indent it below the key of its cluster",
        "clusters.region: is a setting of a cluster, not the key of one, got 'region'; indent it "
        "below the key of its cluster",
    ),
    wrong(
        "fields of a node pool beside it",
        {"clusters__primary__nodePools": {"np1": None, "size": 3}},
        "clusters.primary.nodePools.np1: has nothing below it, got nothing; indent its settings "
        "below it, or write {}",
        "clusters.primary.nodePools.size: is a setting of a node pool, not the key of one, got "
        "'size'; indent it below the key of its node pool",
    ),
    wrong(
        "a cluster whose key is the name of a setting",
        {"clusters": {"primary": None}},
        "clusters.primary: has nothing below it, got nothing; indent its settings below it",
    ),
    wrong(
        "a setting one level too deep",
        {"mesh__istio__mtls": "STRICT"},
        "mesh.istio.mtls: is a setting of mesh, got 'mtls'; move it to mesh.mtls",
    ),
    wrong(
        "a setting one level too high",
        {"mesh__charts": "./charts"},
        "mesh.charts: is a setting of mesh.istio, got 'charts'; move it to mesh.istio.charts",
    ),
    wrong(
        "a setting of a node pool in its cluster",
        {"clusters__primary__shape": "VM.Standard.E5.Flex"},
        "clusters.primary.shape: is a setting of clusters.primary.nodePools.<name>, got 'shape'; "
        "move it to clusters.primary.nodePools.<name>.shape",
    ),
    wrong(
        "a document inside another",
        {"oci__tags": {"a": "b"}},
        "oci.tags: is a document of its own, got 'tags'; move it to tags",
    ),
]

NETWORKS = [
    wrong(
        "an autoscaler without a node to run on",
        {f"{NP1}__size": 0, f"{NP1}__autoscaler": {"min": 0, "max": 5}},
        "clusters.primary.nodePools: keep no node for the autoscaler itself to run on, got a map; "
        "give one a min of at least 1, or add a pool without autoscaler",
    ),
    wrong(
        "days of a root that is one's own",
        {"pki": {"rootCertPem": CERTIFICATE, "rootValidityDays": 4000}},
        "pki.rootValidityDays: has no effect beside pki.rootCertPem, got 4000; remove it; the "
        "certificate has an end of its own",
        ca_root_key=True,
    ),
    wrong(
        "intermediates that outlive a root of one's own",
        {"pki": {"rootCertPem": CERTIFICATE, "intermediateValidityDays": 7300}},
        "pki.intermediateValidityDays: is not less than the days of pki.rootCertPem (7300), got "
        "7300; choose fewer days, as no certificate outlives its root",
        ca_root_key=True,
    ),
]

TABLE = [*TEXT, *CASE, *AMOUNTS, *PASTED, *CHARTS, *INDENTATION, *NETWORKS]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)


def test_the_least_requests_are_those_that_the_proof_sends() -> None:
    assert LEAST_FOR_EACH_CLUSTER == REQUESTS_PER_CLUSTER
