"""Ranges, OCIDs and pasted files that no field takes."""

import pytest

from tests.config.wrong import CERTIFICATE, PRIVATE_KEY, Wrong, assert_refused, ocid, wrong

TABLE = [
    wrong(
        "a range without prefix",
        {"clusters__primary__vcnCidr": "10.0.0.0"},
        (
            "clusters.primary.vcnCidr: has no prefix, got '10.0.0.0'; write it as "
            "address/prefix, such as 10.0.0.0/16"
        ),
    ),
    wrong(
        "a range with host bits",
        {"clusters__primary__vcnCidr": "10.0.0.1/16"},
        (
            "clusters.primary.vcnCidr: has bits set right of its prefix, got '10.0.0.1/16'; "
            "write 10.0.0.0/16"
        ),
    ),
    wrong(
        "a range with a netmask",
        {"clusters__primary__vcnCidr": "10.0.0.0/255.255.0.0"},
        (
            "clusters.primary.vcnCidr: has a prefix in another form, got "
            "'10.0.0.0/255.255.0.0'; write 10.0.0.0/16"
        ),
    ),
    wrong(
        "a range of IPv6",
        {"clusters__primary__vcnCidr": "fd00::/48"},
        (
            "clusters.primary.vcnCidr: is an IPv6 range, not an IPv4 one, got "
            "'fd00::/48'; write it as address/prefix, such as 10.0.0.0/16"
        ),
    ),
    wrong(
        "an impossible range",
        {"clusters__primary__servicesCidr": "10.300.0.0/16"},
        (
            "clusters.primary.servicesCidr: is not an IPv4 range, got '10.300.0.0/16'; write it "
            "as address/prefix, such as 10.0.0.0/16"
        ),
    ),
    wrong(
        "a public VCN range",
        {"clusters__primary__vcnCidr": "11.0.0.0/16"},
        (
            "clusters.primary.vcnCidr: is not a private range, got '11.0.0.0/16'; choose one "
            "inside RFC 1918 or 100.64.0.0/10"
        ),
    ),
    wrong(
        "a link-local pods range",
        {"clusters__primary__podsCidr": "169.254.0.0/16"},
        (
            "clusters.primary.podsCidr: is not a private range, got '169.254.0.0/16'; choose one "
            "inside RFC 1918 or 100.64.0.0/10"
        ),
    ),
    wrong(
        "a range that is null",
        {"clusters__primary__vcnCidr": None},
        (
            "clusters.primary.vcnCidr: is not an IPv4 range, got nothing; write it as "
            "address/prefix, such as 10.0.0.0/16"
        ),
    ),
    wrong(
        "an allowed address without prefix",
        {"clusters__primary__allowedCidrs": ["203.0.113.7"]},
        (
            "clusters.primary.allowedCidrs[0]: has no prefix, got '203.0.113.7'; write "
            "203.0.113.7/32 for that address alone"
        ),
    ),
    wrong(
        "an OCID that is a name",
        {"oci__compartmentId": "my-compartment"},
        (
            "oci.compartmentId: is not an OCID, got 'my-compartment'; copy one that begins with "
            "ocid1.compartment or ocid1.tenancy"
        ),
    ),
    wrong(
        "a compartment OCID that is of a VCN",
        {"oci__compartmentId": ocid("vcn")},
        (
            "oci.compartmentId: begins with ocid1.vcn, got 'ocid1.vcn.oc1..aaaa'; give one that "
            "begins with ocid1.compartment or ocid1.tenancy"
        ),
    ),
    wrong(
        "a cluster's compartment that is a user",
        {"clusters__primary__compartmentId": ocid("user")},
        (
            "clusters.primary.compartmentId: begins with ocid1.user, got 'ocid1.user.oc1..aaaa'; "
            "give one that begins with ocid1.compartment or ocid1.tenancy"
        ),
    ),
    wrong(
        "a VCN OCID that is of a subnet",
        {"clusters__primary__existing": {"vcnId": ocid("subnet")}},
        (
            "clusters.primary.existing.vcnId: begins with ocid1.subnet, got "
            "'ocid1.subnet.oc1..aaaa'; give one that begins with ocid1.vcn"
        ),
    ),
    wrong(
        "a DRG OCID that is of an attachment",
        {"clusters__primary__existing": {"drgId": ocid("drgattachment")}},
        (
            "clusters.primary.existing.drgId: begins with ocid1.drgattachment, got "
            "'ocid1.drgattachment.oc1..aaaa'; give one that begins with ocid1.drg"
        ),
    ),
    wrong(
        "a subnet OCID that is of a VCN",
        {"clusters__primary__existing": {"subnets": {"api": ocid("vcn")}}},
        (
            "clusters.primary.existing.subnets.api: begins with ocid1.vcn, got "
            "'ocid1.vcn.oc1..aaaa'; give one that begins with ocid1.subnet"
        ),
    ),
    wrong(
        "an image OCID that is of an instance",
        {"clusters__primary__nodePools__np1__image__id": ocid("instance")},
        (
            "clusters.primary.nodePools.np1.image.id: begins with ocid1.instance, got "
            "'ocid1.instance.oc1..aaaa'; give one that begins with ocid1.image"
        ),
    ),
    wrong(
        "a key OCID that is of a vault",
        {"clusters__primary__kmsKeyId": ocid("vault")},
        (
            "clusters.primary.kmsKeyId: begins with ocid1.vault, got 'ocid1.vault.oc1..aaaa'; "
            "give one that begins with ocid1.key"
        ),
    ),
    wrong(
        "a user OCID that is of a group",
        {"oci__userId": ocid("group")},
        (
            "oci.userId: begins with ocid1.group, got 'ocid1.group.oc1..aaaa'; give one that "
            "begins with ocid1.user"
        ),
    ),
    wrong(
        "a tenancy OCID that is of a compartment",
        {"oci__tenancyId": ocid("compartment")},
        (
            "oci.tenancyId: begins with ocid1.compartment, got 'ocid1.compartment.oc1..aaaa'; "
            "give one that begins with ocid1.tenancy"
        ),
    ),
    wrong(
        "a private key as SSH key",
        {"access__sshPublicKey": PRIVATE_KEY},
        (
            "access.sshPublicKey: is not a public key of SSH, got <hidden>; write it as "
            "ssh-ed25519 AAAA..."
        ),
    ),
    wrong(
        "no SSH key",
        {"access__sshPublicKey": "AAAAB3NzaC1yc2E"},
        (
            "access.sshPublicKey: is not a public key of SSH, got <hidden>; write it as "
            "ssh-ed25519 AAAA..."
        ),
    ),
    wrong(
        "a private key as its path",
        {"oci__privateKeyPath": PRIVATE_KEY},
        (
            "oci.privateKeyPath: is the text of a key, not the path of its file, got "
            "<hidden>; write where the file is"
        ),
    ),
    wrong(
        "a private key as the root",
        {"pki__rootCertPem": CERTIFICATE + PRIVATE_KEY},
        (
            "pki.rootCertPem: holds a private key, got <hidden>; make a new key, as this "
            "one has leaked, and give the certificate alone"
        ),
    ),
    wrong(
        "a path as the root",
        {"pki__rootCertPem": "root.pem"},
        (
            "pki.rootCertPem: is a path, not the text of the certificate, got 'root.pem';"
            " write what the file holds, from its first line to its last"
        ),
    ),
    wrong(
        "a private key as an intermediate",
        {"pki__intermediates": {"primary": PRIVATE_KEY}},
        (
            "pki.intermediates.primary: holds a private key, got <hidden>; make a new "
            "key, as this one has leaked, and give the certificate alone"
        ),
    ),
    wrong(
        "a private key as a name",
        {"clusters__primary__name": PRIVATE_KEY},
        (
            "clusters.primary.name: is not a DNS label, got <hidden>; use lower-case letters, "
            "digits and inner hyphens"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_one_clear_error(case: Wrong) -> None:
    assert_refused(case)
