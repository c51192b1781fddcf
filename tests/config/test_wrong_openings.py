"""Ways out and in, rules and routes that cannot be what was meant."""

import pytest

from tests.config.wrong import Wrong, assert_refused, ocid, wrong

EGRESS = "clusters__primary__egress"
RULE = {"subnet": "internalLb", "direction": "ingress", "cidr": "192.168.0.0/16", "ports": 443}
GATEWAY = ocid("localpeeringgateway")

PORTS = [
    ("https", "is not a port or a range of ports, got 'https'; write it as 443 or 8000-8100"),
    ("8000:8100", "is not a port or a range of ports, got '8000:8100'; write 8000-8100"),
    ("8000 - 8100", "is not a port or a range of ports, got '8000 - 8100'; write 8000-8100"),
    (True, "is true or false, not text, got True; put the text in quotes"),
    (0, "has a port that does not exist, got 0; ports are 1 to 65535"),
    ("443-70000", "has a port that does not exist, got '443-70000'; ports are 1 to 65535"),
    ("8100-8000", "ends before it begins, got '8100-8000'; write 8000-8100"),
    ("٤٤٣", "is not a port or a range of ports, got '٤٤٣'; write it as 443 or 8000-8100"),
]

TABLE = [
    *(
        wrong(
            f"ports {given!r}",
            {EGRESS: {"ports": [443, given]}},
            f"clusters.primary.egress.ports[1]: {words}",
        )
        for given, words in PORTS
    ),
    wrong(
        "an egress range with host bits",
        {EGRESS: {"cidrs": ["192.0.2.7/24"]}},
        (
            "clusters.primary.egress.cidrs[0]: has bits set right of its prefix, got "
            "'192.0.2.7/24'; write 192.0.2.0/24"
        ),
    ),
    wrong(
        "a rule for a subnet that is not there",
        {"clusters__primary__extraRules": {"ssh": {**RULE, "subnet": "operator"}}},
        (
            "clusters.primary.extraRules.ssh.subnet: is a subnet that this cluster does not have, "
            "got 'operator'; remove it, or set access.cluster to primary"
        ),
    ),
    wrong(
        "a rule without its other side",
        {"clusters__primary__extraRules": {"ssh": {"subnet": "api", "direction": "in"}}},
        "clusters.primary.extraRules.ssh.cidr: is missing, got nothing; add it, such as "
        "192.168.0.0/16",
        "clusters.primary.extraRules.ssh.direction: is not one of the choices, got 'in'; the "
        "choices are egress, ingress",
        "clusters.primary.extraRules.ssh.ports: is missing, got nothing; add it, such as 443",
    ),
    wrong(
        "a route into the VCN itself",
        {"clusters__primary__extraRoutes": {"own": {"cidr": "10.0.4.0/24", "via": GATEWAY}}},
        (
            "clusters.primary.extraRoutes.own.cidr: overlaps the VCN itself, got 10.0.4.0/24; "
            "choose a range outside it"
        ),
    ),
    wrong(
        "a route that private ranges have already",
        {"clusters__primary__extraRoutes": {"office": {"cidr": "192.168.7.0/24"}}},
        (
            "clusters.primary.extraRoutes.office.cidr: has a route already, got 192.168.7.0/24; "
            "remove it: private ranges lead to the DRG, all others to the internet"
        ),
    ),
    wrong(
        "a default route of one's own",
        {"clusters__primary__extraRoutes": {"all": {"cidr": "0.0.0.0/0", "via": GATEWAY}}},
        (
            "clusters.primary.extraRoutes.all.cidr: has a route already, got 0.0.0.0/0; remove it: "
            "private ranges lead to the DRG, all others to the internet"
        ),
    ),
    wrong(
        "two routes to one range",
        {
            "clusters__primary__extraRoutes": {
                "a": {"cidr": "198.51.100.0/24"},
                "b": {"cidr": "198.51.100.0/24", "via": GATEWAY},
            }
        },
        (
            "clusters.primary.extraRoutes.b.cidr: is the same as that of a, got 198.51.100.0/24; "
            "keep one of them"
        ),
    ),
    wrong(
        "a route through a gateway of another kind",
        {
            "clusters__primary__extraRoutes": {
                "a": {"cidr": "198.51.100.0/24", "via": ocid("internetgateway")}
            }
        },
        (
            "clusters.primary.extraRoutes.a.via: begins with ocid1.internetgateway, got "
            "'ocid1.internetgateway.oc1..aaaa'; give one that begins with "
            "ocid1.localpeeringgateway or ocid1.privateip"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused(case: Wrong) -> None:
    assert_refused(case)
