"""Host names at the gateways and hosts outside, with what is wrong about them."""

import pytest

from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import cluster

HOST = {"service": "shop/frontend", "port": 80}
REMOTE = {
    "clusters__secondary": cluster(1, role="remote", primary="primary"),
}


def ingress(https: object = None, **hosts: object) -> dict[str, object]:
    found: dict[str, object] = {"hosts": hosts or {"shop": HOST}}
    return {"mesh__ingress": found if https is None else {**found, "https": https}}


def outside(*hosts: str, ports: object = (443,)) -> dict[str, object]:
    keys = ("primary", "secondary")
    opened = {f"clusters__{key}__egress__ports": [*ports] for key in keys}  # type: ignore[misc] # a list of ports
    return {"mesh__istio__egress": True, "mesh__egress__hosts": [*hosts], **opened}


TABLE = [
    wrong(
        "a service by its name in the DNS",
        ingress(shop={**HOST, "service": "frontend.shop.svc.cluster.local"}),
        (
            "mesh.ingress.hosts.shop.service: is not a service, got "
            "'frontend.shop.svc.cluster.local'; write shop/frontend"
        ),
    ),
    wrong(
        "a service without its namespace",
        ingress(shop={**HOST, "service": "frontend"}),
        (
            "mesh.ingress.hosts.shop.service: is not a service, got 'frontend'; write it as "
            "namespace/name"
        ),
    ),
    wrong(
        "a service without its port",
        ingress(shop={"service": "shop/frontend"}),
        "mesh.ingress.hosts.shop.port: is missing, got nothing; add it, such as 80",
    ),
    wrong(
        "a URL in place of a name",
        ingress(shop={**HOST, "names": ["https://shop.example.com/"]}),
        (
            "mesh.ingress.hosts.shop.names[0]: is not a host name, got "
            "'https://shop.example.com/'; write shop.example.com"
        ),
    ),
    wrong(
        "an address in place of a name",
        ingress(shop={**HOST, "names": ["192.0.2.7"]}),
        (
            "mesh.ingress.hosts.shop.names[0]: is not a host name, got '192.0.2.7'; write it as "
            "shop.example.com"
        ),
    ),
    wrong(
        "a path without its slash",
        ingress(shop={**HOST, "paths": ["hello"]}),
        (
            "mesh.ingress.hosts.shop.paths[0]: is not the beginning of a path, got 'hello'; write "
            "it as /hello"
        ),
    ),
    wrong(
        "no path at all",
        ingress(shop={**HOST, "paths": []}),
        (
            "mesh.ingress.hosts.shop.paths: has no entries, so that nothing would be answered, got "
            "[]; name what paths begin with, or leave it out for all of them"
        ),
    ),
    wrong(
        "a setting of a host one level too high",
        {"mesh__ingress": {"hosts": {"shop": None, "service": "shop/frontend", "port": 80}}},
        (
            "mesh.ingress.hosts.port: is a setting of a host, not the key of one, got 'port'; "
            "indent it below the key of its host"
        ),
        (
            "mesh.ingress.hosts.service: is a setting of a host, not the key of one, got "
            "'service'; indent it below the key of its host"
        ),
        "mesh.ingress.hosts.shop: has nothing below it, got nothing; indent its settings below it",
    ),
    wrong(
        "a map where the list of another gateway has that name",
        {"mesh__eastWest__hosts": {"shop": None, "service": "shop/frontend"}},
        "mesh.eastWest.hosts: is not a list, got a map; write a list, such as [a, b]",
    ),
    wrong(
        "a gateway of no cluster",
        ingress(shop={**HOST, "clusters": ["primry"]}),
        (
            "mesh.ingress.hosts.shop.clusters[0]: is not a cluster, got 'primry'; did you mean "
            "primary? the clusters are primary, secondary"
        ),
    ),
    wrong(
        "a name of two hosts",
        ingress(
            blog={**HOST, "names": ["www.example.com"]}, shop={**HOST, "names": ["www.example.com"]}
        ),
        (
            "mesh.ingress.hosts.shop.names[0]: is a name of blog already, got 'www.example.com'; "
            "give one service each name, and each path of it"
        ),
    ),
    wrong(
        "HTTPS for no host",
        {"mesh__ingress__https": {}},
        (
            "mesh.ingress.https: has no effect without mesh.ingress.hosts, got a map; name a host "
            "with its service, or remove it"
        ),
    ),
    wrong(
        "a domain that nothing is made from",
        {
            "mesh__ingress": {
                "hosts": {"shop": {**HOST, "names": ["www.example.com"]}},
                "baseDomain": "sslip.io",
            }
        },
        (
            "mesh.ingress.baseDomain: has no effect, as every host has names of its own, got "
            "'sslip.io'; remove it, or the names of a host"
        ),
    ),
    wrong(
        "settings of another issuer",
        ingress({"acme": {"email": "ops@example.com"}, "certManager": {"version": "1.20.0"}}),
        (
            "mesh.ingress.https.acme: has no effect with the issuer stack, got a map; remove it, "
            "or choose another issuer"
        ),
        (
            "mesh.ingress.https.certManager: has no effect with the issuer stack, got a map; "
            "remove it, or choose another issuer"
        ),
    ),
    wrong(
        "a life that the server decides",
        ingress({"issuer": "acme", "validityDays": 90}),
        (
            "mesh.ingress.https.validityDays: has no effect with the issuer acme, got 90; remove "
            "it, or choose another issuer"
        ),
    ),
    wrong(
        "a version of what is there already",
        ingress({"issuer": "selfSigned", "certManager": {"install": False, "version": "1.20.0"}}),
        (
            "mesh.ingress.https.certManager: says what to install beside install: false, got a "
            "map; keep install alone, or set it to true"
        ),
    ),
    wrong(
        "a word of cert-manager's for its issuer",
        ingress({"issuer": "SelfSigned"}),
        (
            "mesh.ingress.https.issuer: is not one of the choices, got 'SelfSigned'; did you mean "
            "selfSigned? the choices are acme, ca, selfSigned, stack"
        ),
    ),
    wrong(
        "a server of no directory",
        ingress({"issuer": "acme", "acme": {"server": "http://acme.example.com/directory"}}),
        (
            "mesh.ingress.https.acme.server: is not the directory of an ACME server, got "
            "'http://acme.example.com/directory'; write it as "
            "https://acme-v02.api.letsencrypt.org/directory"
        ),
    ),
    wrong(
        "no mail",
        ingress({"issuer": "acme", "acme": {"email": "ops"}}),
        (
            "mesh.ingress.https.acme.email: is not an address of mail, got 'ops'; write it as "
            "ops@example.com"
        ),
    ),
    wrong(
        "browsers that ask by HTTPS only, and HTTP that answers",
        ingress({"redirect": False, "hstsDays": 365}),
        (
            "mesh.ingress.https.hstsDays: asks browsers for HTTPS only, while redirect is false, "
            "got 365; set redirect to true, or hstsDays to 0"
        ),
    ),
    wrong(
        "renewed all the time",
        ingress({"validityDays": 30}),
        (
            "mesh.ingress.https.earlyRenewalDays: is not less than validityDays (30), got 30; "
            "choose fewer days, or it would be renewed all the time"
        ),
    ),
    wrong(
        "a certificate that may outlive who signed it",
        ingress({"validityDays": 61}),
        (
            "mesh.ingress.https.validityDays: is more than pki.earlyRenewalDays (60), so that it "
            "may outlive the intermediate that signs, got 61; choose at most that, or more "
            "pki.earlyRenewalDays"
        ),
    ),
    wrong(
        "the key of a primary in its remote",
        {**REMOTE, **ingress({"issuer": "ca"})},
        (
            "mesh.ingress.https.issuer: would put the signing key of a primary into its remote "
            "secondary, got 'ca'; choose stack or selfSigned, or leave it out of the clusters of "
            "each host"
        ),
    ),
    wrong(
        "challenges in a remote",
        {**REMOTE, **ingress({"issuer": "acme"})},
        (
            "mesh.ingress.https.issuer: has nobody to answer challenges in the remote secondary, "
            "whose primary has the routes, got 'acme'; choose stack or selfSigned, or leave it out "
            "of the clusters of each host"
        ),
    ),
    wrong(
        "challenges that end at another gateway",
        ingress({"issuer": "acme"}, shop={**HOST, "names": ["www.example.com"]}),
        (
            "mesh.ingress.hosts.shop.names: leads to one of 2 gateways, so that a challenge of the "
            "ACME server reaches another than asked, got a list; give one cluster under clusters, "
            "leave names out, or choose another issuer"
        ),
    ),
    wrong(
        "gateways that no ACME server reaches",
        {
            "mesh__ingress": {
                "hosts": {"shop": HOST},
                "https": {"issuer": "acme"},
                "exposure": "internal",
                "allowedCidrs": ["10.0.0.0/8"],
            }
        },
        (
            "mesh.ingress.allowedCidrs: keeps the ACME server out, which calls from anywhere, got "
            "[10.0.0.0/8]; open it to anyone, or choose another issuer than acme"
        ),
        (
            "mesh.ingress.exposure: keeps the ACME server out, which calls from anywhere, got "
            "'internal'; open it to anyone, or choose another issuer than acme"
        ),
    ),
    wrong(
        "a host outside without its scheme",
        outside("api.example.com"),
        (
            "mesh.egress.hosts[0]: is not a host outside, got 'api.example.com'; write "
            "https://api.example.com"
        ),
    ),
    wrong(
        "a host outside with a path",
        outside("http://api.example.com/v1"),
        (
            "mesh.egress.hosts[0]: is not a host outside, got 'http://api.example.com/v1'; write "
            "http://api.example.com"
        ),
    ),
    wrong(
        "a host outside in capitals",
        outside("https://API.example.com"),
        (
            "mesh.egress.hosts[0]: is not a host outside, got 'https://API.example.com'; write "
            "https://api.example.com"
        ),
    ),
    wrong(
        "many hosts outside by one name",
        outside("https://*.example.com"),
        (
            "mesh.egress.hosts[0]: is a name for many hosts, which no gateway finds, got "
            "'https://*.example.com'; name each of them"
        ),
    ),
    wrong(
        "a port outside that does not exist",
        outside("https://api.example.com:70000"),
        (
            "mesh.egress.hosts[0]: has a port that does not exist, got "
            "'https://api.example.com:70000'; ports are 1 to 65535"
        ),
    ),
    wrong(
        "hosts outside without the gateway",
        {"mesh__egress__hosts": ["https://api.example.com"]},
        (
            "mesh.egress.hosts: needs the egress gateway, which mesh.istio.egress leaves out, got "
            "a list; set mesh.istio.egress to true"
        ),
    ),
    wrong(
        "hosts outside that are there twice",
        outside(
            "https://api.example.com",
            "https://api.example.com",
            "https://api.example.com:8443",
            ports=(443, 8443),
        ),
        ("mesh.egress.hosts[1]: is there twice, got 'https://api.example.com'; keep one of them"),
        (
            "mesh.egress.hosts[2]: is called on another port by https://api.example.com, got "
            "'https://api.example.com:8443'; keep one of them"
        ),
    ),
    wrong(
        "a host outside on a closed port",
        outside("http://api.example.com"),
        (
            "mesh.egress.hosts[0]: is on a port that clusters.primary.egress.ports keeps closed, "
            "got 'http://api.example.com'; add 80 there"
        ),
    ),
    wrong(
        "a policy of one's own beside the hosts outside",
        {
            **outside("https://api.example.com"),
            "mesh__istio__values": {"meshConfig": {"outboundTrafficPolicy": {"mode": "ALLOW_ANY"}}},
        },
        (
            "mesh.istio.values.meshConfig.outboundTrafficPolicy: is set by the program beside "
            "mesh.egress.hosts, got a map; remove it; what is not named there is refused"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_what_is_wrong_is_told_with_its_remedy(case: Wrong) -> None:
    assert_refused(case)
