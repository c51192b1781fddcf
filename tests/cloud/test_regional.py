"""The lookup of availability domains, beside the vendor's own wrapper of the same function."""

from __future__ import annotations

import pulumi
import pulumi_oci as oci

from components.cloud.regional import availability_domains
from tests.support.harness import deploy

COMPARTMENT = "ocid1.compartment.oc1..test"


class Host(pulumi.ComponentResource):
    """Stands for the component that asks."""

    def __init__(self) -> None:
        provider = oci.Provider("there", region="us-sanjose-1")
        super().__init__(
            "test:index:Host", "host", None, pulumi.ResourceOptions(providers=[provider])
        )


def test_the_names_are_those_that_the_sdk_would_give() -> None:
    def program() -> None:
        host = Host()
        options = pulumi.InvokeOptions(parent=host)
        theirs = oci.identity.get_availability_domains_output(COMPARTMENT, opts=options)
        pulumi.export("ours", availability_domains(COMPARTMENT, host))
        pulumi.export(
            "theirs", theirs.availability_domains.apply(lambda found: [one.name for one in found])
        )

    exports = deploy(program).exports
    assert exports["ours"] == exports["theirs"]
    assert len(exports["ours"]) == 3
