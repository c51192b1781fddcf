"""Access to clusters and to Oracle Cloud."""

import pytest

from tests.config.wrong import FINGERPRINT, Wrong, assert_refused, ocid, wrong
from tests.support.documents import SSH_KEY

SUM = "ab" * 32
WITH_HOST = {"cluster": "primary", "sshPublicKey": SSH_KEY, "allowedCidrs": ["192.0.2.0/24"]}

TABLE = [
    wrong(
        "a public endpoint for nobody",
        {"clusters__primary__allowedCidrs": []},
        (
            "clusters.primary.allowedCidrs: is missing for a public endpoint, got nothing; list "
            "the ranges that may reach the Kubernetes API"
        ),
    ),
    wrong(
        "a public endpoint for everybody",
        {"clusters__primary__allowedCidrs": ["0.0.0.0/0"]},
        (
            "clusters.primary.allowedCidrs: opens the Kubernetes API to strangers, got "
            "0.0.0.0/0; narrow it to the ranges of those who need it"
        ),
    ),
    wrong(
        "a public endpoint for half of everybody",
        {"clusters__primary__allowedCidrs": ["0.0.0.0/1", "128.0.0.0/1"]},
        (
            "clusters.primary.allowedCidrs: opens the Kubernetes API to strangers, got "
            "0.0.0.0/1; narrow it to the ranges of those who need it"
        ),
        (
            "clusters.primary.allowedCidrs: opens the Kubernetes API to strangers, got "
            "128.0.0.0/1; narrow it to the ranges of those who need it"
        ),
    ),
    wrong(
        "a private endpoint with allowed ranges",
        {
            "access": {
                "cluster": "primary",
                "allowedCidrs": ["192.0.2.0/24"],
                "sshPublicKey": SSH_KEY,
            },
            "clusters__primary__endpoint": "private",
        },
        (
            "clusters.primary.allowedCidrs: has no effect on a private endpoint, got "
            "[198.51.100.0/24]; remove it, or set endpoint to public"
        ),
    ),
    wrong(
        "private endpoints without a way in",
        {
            "clusters__primary__endpoint": "private",
            "clusters__primary__allowedCidrs": [],
            "clusters__secondary__endpoint": "private",
            "clusters__secondary__allowedCidrs": [],
        },
        (
            "access.cluster: is missing although the endpoint of primary and secondary is "
            "private, got nothing; name the cluster whose VCN is to hold the operator host"
        ),
    ),
    wrong(
        "private endpoints that nobody calls directly",
        {
            "access": {"mode": "direct"},
            "clusters__primary__endpoint": "private",
            "clusters__primary__allowedCidrs": [],
        },
        (
            "access.apiCallers: is missing although the endpoint of primary is called directly, "
            "got nothing; list the ranges that you and your CI come from, as the VCN sees them"
        ),
    ),
    wrong(
        "direct callers from the internet",
        {
            "access": {"mode": "direct", "apiCallers": ["198.51.100.0/24"]},
            "clusters__primary__endpoint": "private",
            "clusters__primary__allowedCidrs": [],
        },
        (
            "access.apiCallers[0]: is not a private range, got '198.51.100.0/24'; choose one "
            "inside RFC 1918 or 100.64.0.0/10"
        ),
    ),
    wrong(
        "direct callers beside a tunnel",
        {"access": {"apiCallers": ["172.16.0.0/24"]}},
        (
            "access.apiCallers: has no effect on a tunnel, whose host is let in, got "
            "[172.16.0.0/24]; remove it, or set access.mode to direct"
        ),
    ),
    wrong(
        "a proxy beside a tunnel",
        {"access": {"proxyUrl": "http://proxy.example.com:3128"}},
        (
            "access.proxyUrl: has no effect on a tunnel, which is a proxy itself, got "
            "'http://proxy.example.com:3128'; remove it, or set access.mode to direct"
        ),
    ),
    wrong(
        "a proxy in the words of curl",
        {"access": {"mode": "direct", "proxyUrl": "socks5h://127.0.0.1:1080/"}},
        (
            "access.proxyUrl: is not a proxy without a login, got 'socks5h://127.0.0.1:1080/'; "
            "write socks5://127.0.0.1:1080"
        ),
    ),
    wrong(
        "a direct way to public endpoints",
        {"access": {"mode": "direct", "apiCallers": ["172.16.0.0/24"]}},
        (
            "access.mode: has no effect without a private endpoint, got 'direct'; remove it, or "
            "set an endpoint to private"
        ),
    ),
    wrong(
        "settings of a tunnel that is not there",
        {
            "access": {
                "mode": "direct",
                "apiCallers": ["172.16.0.0/24"],
                "cluster": "primary",
                "allowedCidrs": ["192.0.2.0/24"],
                "sshPublicKey": SSH_KEY,
                "socksPort": 20001,
                "hostVerification": "firstUse",
            },
            "clusters__primary__endpoint": "private",
            "clusters__primary__allowedCidrs": [],
        },
        (
            "access.hostVerification: has no effect without a tunnel, got 'firstUse'; remove it, "
            "or set access.mode to tunnel"
        ),
        (
            "access.socksPort: has no effect without a tunnel, got 20001; remove it, or set "
            "access.mode to tunnel"
        ),
    ),
    wrong(
        "an operator host in an unknown cluster",
        {
            "access": {
                "cluster": "primry",
                "allowedCidrs": ["192.0.2.0/24"],
                "sshPublicKey": SSH_KEY,
            }
        },
        (
            "access.cluster: is not a cluster, got 'primry'; did you mean primary? the enabled "
            "clusters are primary, secondary"
        ),
    ),
    wrong(
        "an operator host in a disabled cluster",
        {
            "access": {
                "cluster": "secondary",
                "allowedCidrs": ["192.0.2.0/24"],
                "sshPublicKey": SSH_KEY,
            },
            "clusters__secondary__enabled": False,
        },
        (
            "access.cluster: is a disabled cluster, got 'secondary'; the enabled clusters are "
            "primary"
        ),
    ),
    wrong(
        "an operator host for nobody",
        {"access": {"cluster": "primary"}},
        (
            "access.allowedCidrs: is missing for the operator host, got nothing; list the ranges "
            "that may reach it by SSH"
        ),
        (
            "access.sshPublicKey: is missing for the operator host, got nothing; give the key of "
            "who may sign in"
        ),
    ),
    wrong(
        "one key for the host and for nodes",
        {
            "access": {
                "cluster": "primary",
                "allowedCidrs": ["192.0.2.0/24"],
                "sshPublicKey": SSH_KEY,
                "nodeSshPublicKey": f"{SSH_KEY} me",
            }
        },
        (
            "access.nodeSshPublicKey: is the key of the operator host, got <hidden>; give nodes a "
            "key of their own, or leave it out"
        ),
    ),
    wrong(
        "an operator host for everybody",
        {"access": {"cluster": "primary", "allowedCidrs": ["0.0.0.0/0"], "sshPublicKey": SSH_KEY}},
        (
            "access.allowedCidrs: opens SSH to the operator host to strangers, got 0.0.0.0/0; "
            "narrow it to the ranges of those who need it"
        ),
    ),
    wrong(
        "a checksum that stayed while the version of istioctl changed",
        {"access": {**WITH_HOST, "checksums": {"istioctl": f"1.31.3@sha256:{SUM}"}}},
        (
            "access.checksums.istioctl: is the checksum of another version than the host gets, "
            f"1.31.4, got '1.31.3@sha256:{SUM}'; give that of 1.31.4, or set access.istioctl to "
            "its version"
        ),
    ),
    wrong(
        "a checksum of a tool that the host does not download",
        {"access": {**WITH_HOST, "checksums": {"kubctl": f"v1.34.2@sha256:{SUM}"}}},
        (
            "access.checksums.kubctl: is not a setting, got 'kubctl'; did you mean kubectl? the "
            "settings here are istioctl, kubectl"
        ),
    ),
    wrong(
        "a checksum without its version",
        {"access": {**WITH_HOST, "checksums": {"kubectl": SUM}}},
        (
            "access.checksums.kubectl: is not a version and its digest, got "
            f"'{SUM}'; write it as 1.31.4@sha256: and the 64 digits of its digest"
        ),
    ),
    wrong(
        "checksums without a host",
        {"access": {"checksums": {"kubectl": f"v1.34.2@sha256:{SUM}"}}},
        (
            "access.checksums: has no effect without access.cluster, got a map; remove it, or "
            "name a cluster for the operator host"
        ),
    ),
    wrong(
        "access settings without a host",
        {"access": {"allowedCidrs": ["192.0.2.0/24"], "socksPort": 1080}},
        (
            "access.allowedCidrs: has no effect without access.cluster, got [192.0.2.0/24]; "
            "remove it, or name a cluster for the operator host"
        ),
        (
            "access.socksPort: has no effect without access.cluster, got 1080; remove it, or "
            "name a cluster for the operator host"
        ),
    ),
    wrong(
        "a key without its user",
        {
            "oci__tenancyId": ocid("tenancy"),
            "oci__fingerprint": FINGERPRINT,
            "oci__privateKeyPath": "~/.oci/key.pem",
        },
        (
            "oci.userId: is missing beside the rest of the key, got nothing; give tenancyId, "
            "userId, fingerprint and the key, or none of them"
        ),
    ),
    wrong(
        "a user without a key",
        {
            "oci__tenancyId": ocid("tenancy"),
            "oci__userId": ocid("user"),
            "oci__fingerprint": FINGERPRINT,
        },
        (
            "oci.privateKeyPath: is missing beside the rest of the key, got nothing; give it, or "
            "`pulumi config set --secret privateKey`"
        ),
    ),
    wrong(
        "a key given twice",
        {
            "oci__tenancyId": ocid("tenancy"),
            "oci__userId": ocid("user"),
            "oci__fingerprint": FINGERPRINT,
            "oci__privateKeyPath": "~/.oci/key.pem",
        },
        (
            "oci.privateKeyPath: is given although the secret privateKey is, got "
            "'~/.oci/key.pem'; keep one of them"
        ),
        private_key=True,
    ),
    wrong(
        "a key and a profile",
        {
            "oci__tenancyId": ocid("tenancy"),
            "oci__userId": ocid("user"),
            "oci__fingerprint": FINGERPRINT,
            "oci__profile": "DEFAULT",
        },
        (
            "oci.profile: is given although the key is given field by field, got 'DEFAULT'; keep "
            "one of them"
        ),
        private_key=True,
    ),
    wrong(
        "a secret key alone",
        {},
        (
            "oci.fingerprint: is missing beside the rest of the key, got nothing; give "
            "tenancyId, userId, fingerprint and the key, or none of them"
        ),
        (
            "oci.tenancyId: is missing beside the rest of the key, got nothing; give tenancyId, "
            "userId, fingerprint and the key, or none of them"
        ),
        (
            "oci.userId: is missing beside the rest of the key, got nothing; give tenancyId, "
            "userId, fingerprint and the key, or none of them"
        ),
        private_key=True,
    ),
    wrong(
        "a user of an instance principal",
        {"oci__auth": "instancePrincipal", "oci__userId": ocid("user")},
        (
            "oci.userId: has no effect on auth instancePrincipal, got 'ocid1.user.oc1..aaaa'; "
            "remove it, or set auth to apiKey"
        ),
    ),
    wrong(
        "a secret key of a session token",
        {"oci__auth": "securityToken"},
        (
            "privateKey: has no effect on auth securityToken, got <hidden>; remove it, or set "
            "auth to apiKey"
        ),
        private_key=True,
    ),
    wrong(
        "a profile of a resource principal",
        {"oci__auth": "resourcePrincipal", "oci__profile": "DEFAULT"},
        (
            "oci.profile: has no effect on auth resourcePrincipal, got 'DEFAULT'; remove it, or "
            "set auth to apiKey or securityToken"
        ),
    ),
    wrong(
        "a passphrase of no key",
        {},
        (
            "privateKeyPassphrase: is of a key that is not given, got <hidden>; remove it, or "
            "give oci.privateKeyPath or the secret privateKey"
        ),
        private_key_passphrase=True,
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
