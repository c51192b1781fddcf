"""Field types of the settings: ranges, OCIDs, regions, names and forms of text.

Each checks one value by itself and says what is wrong in a form that `report` completes with the
path and the value given. A rule between two fields belongs to `rules`.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, NetmaskValueError
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from components.settings import regions

# RFC 1123, which Istio asks of cluster names and Kubernetes of label values and context names.
_DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_LABEL_LIMIT: Final = 63

# Long enough for `<project>-<stack>-<key>-<role>` within the limits of `components.cloud.naming`.
KEY_LIMIT: Final = 20
_KEY: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

# The letters of an OCID, https://docs.oracle.com/iaas/Content/General/Concepts/identifiers.htm
_OCID: Final = re.compile(
    r"ocid1\.(?P<kind>[a-z0-9]+)\.[a-z0-9-]*\.(?P<region>[a-z0-9-]*)\.[A-Za-z0-9._-]+"
)

PRIVATE_RANGES: Final = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""Where every range of a VCN is, RFC 1918 and RFC 6598."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What values of a type look like, for the table in `docs/settings.md`."""

    text: str


class Model(BaseModel):
    """Base of every settings model: frozen, closed, with camelCase keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        validate_default=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


def fault(text: str, remedy: str) -> PydanticCustomError:
    """Return the error of one field; `report` adds its path and value."""
    return PydanticCustomError("okemesh", "{fault}", {"fault": text, "remedy": remedy})


def matching(pattern: str, what: str, form: str) -> BeforeValidator:
    """Return a check for text of one form; otherwise it is said not to be `what`."""
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise fault(f"is not {what}", f"write it as {form}")
        return value

    return BeforeValidator(check)


def ocid_region(ocid: str) -> str | None:
    """Return the region that an OCID names; None if it names none, or none that is known."""
    match = _OCID.fullmatch(ocid)
    found = regions.candidates(match["region"]) if match else ()
    return found[0] if len(found) == 1 else None


def _network(value: object) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    remedy = "write it as address/prefix, such as 10.0.0.0/16"
    if not isinstance(value, str) or "/" not in value:
        raise fault("is not an IPv4 range", remedy)
    try:
        network = IPv4Network(value, strict=False)
    except (NetmaskValueError, ValueError) as error:
        raise fault("is not an IPv4 range", remedy) from error
    if str(network) != value:
        raise fault("has bits set right of its prefix", f"write {network}")
    return network


def _private_network(value: object) -> IPv4Network:
    network = _network(value)
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise fault("is not a private range", "choose one inside RFC 1918 or 100.64.0.0/10")
    return network


def _region(value: object) -> str:
    if not isinstance(value, str):
        raise fault("is not a region", "write an identifier such as us-sanjose-1")
    match regions.candidates(value):
        case [identifier]:
            return identifier
        case []:
            close = regions.closest(value)
            raise fault("is not a region of Oracle Cloud", f"did you mean {close}?")
        case several:
            raise fault("is short for several regions", f"write {' or '.join(several)}")


def _dns_label(value: object) -> str:
    if not isinstance(value, str) or not _DNS_LABEL.fullmatch(value):
        raise fault("is not a DNS label", "use lower-case letters, digits and inner hyphens")
    if len(value) > DNS_LABEL_LIMIT:
        raise fault(f"is longer than {DNS_LABEL_LIMIT} letters", "shorten it")
    return value


def _key(value: object) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        remedy = "start with a letter and use lower-case letters, digits and inner hyphens"
        raise fault("is not a key", remedy)
    if len(value) > KEY_LIMIT:
        raise fault(f"is longer than {KEY_LIMIT} letters", "shorten it")
    return value


def _ocid(*kinds: str) -> BeforeValidator:
    wanted = " or ".join(f"ocid1.{kind}" for kind in kinds)

    def check(value: object) -> str:
        match = _OCID.fullmatch(value) if isinstance(value, str) else None
        if match is None or not isinstance(value, str):
            raise fault("is not an OCID", f"copy one that begins with {wanted}")
        if match["kind"] not in kinds:
            raise fault(f"begins with ocid1.{match['kind']}", f"give one that begins with {wanted}")
        return value

    return BeforeValidator(check)


Cidr = Annotated[IPv4Network, BeforeValidator(_network), Kind("range")]
"""Any IPv4 range without host bits."""

PrivateCidr = Annotated[IPv4Network, BeforeValidator(_private_network), Kind("private range")]
"""An IPv4 range inside RFC 1918 or the shared address space of RFC 6598."""

Region = Annotated[str, BeforeValidator(_region), Kind("region")]
"""A region identifier; short forms such as `sanjose` or `iad` become the identifier."""

DnsLabel = Annotated[str, BeforeValidator(_dns_label), Kind("DNS label")]

Key = Annotated[str, BeforeValidator(_key), Kind("key")]
"""The key of a cluster or node pool, which is its identity."""

CompartmentOcid = Annotated[str, _ocid("compartment", "tenancy"), Kind("OCID")]
TenancyOcid = Annotated[str, _ocid("tenancy"), Kind("OCID")]
UserOcid = Annotated[str, _ocid("user"), Kind("OCID")]
VcnOcid = Annotated[str, _ocid("vcn"), Kind("OCID")]
DrgOcid = Annotated[str, _ocid("drg"), Kind("OCID")]
SubnetOcid = Annotated[str, _ocid("subnet"), Kind("OCID")]
ImageOcid = Annotated[str, _ocid("image"), Kind("OCID")]
KeyOcid = Annotated[str, _ocid("key"), Kind("OCID")]

FilePath = Annotated[
    str,
    matching(r"[^\n\0]{1,200}", "the path of a file", "~/.oci/oci_api_key.pem"),
    Kind("path"),
]

Quantity = Annotated[
    str,
    matching(r"\d+(\.\d+)?(m|[kMGT]i?|)", "an amount as Kubernetes has them", "500m or 2Gi"),
    Kind("amount"),
]

Version = Annotated[
    str, matching(r"\d+\.\d+\.\d+(-[0-9a-z.]+)?", "a version", "1.31.4"), Kind("version")
]

KubernetesVersion = Annotated[
    str, matching(r"v\d+\.\d+\.\d+", "a Kubernetes version", "v1.34.2"), Kind("version")
]

CertificatePem = Annotated[
    str,
    matching(
        r"\s*-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=]+\s+)+-----END CERTIFICATE-----\s*",
        "one certificate in PEM form",
        "-----BEGIN CERTIFICATE-----, its lines and -----END CERTIFICATE-----",
    ),
    Kind("certificate"),
]

Mbps = Annotated[int, Field(strict=True, ge=10, le=8000)]
"""Bandwidth of a flexible load balancer, https://docs.oracle.com/iaas/Content/Balance."""

Positive = Annotated[int, Field(strict=True, ge=1)]

Switch = Annotated[bool, Field(strict=True)]
