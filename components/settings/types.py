"""Field types of the settings: ranges, OCIDs, regions, names and durations.

Each checks one value by itself and says what is wrong in a form that `report` completes with the
path and the value given. A rule between two fields belongs to `rules`.
"""

import re
from ipaddress import IPv4Network, NetmaskValueError
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from components.settings import regions

# RFC 1123, which Istio asks of cluster names and Kubernetes of label values and context names.
DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_LABEL_LIMIT: Final = 63

# The letters of an OCID, https://docs.oracle.com/iaas/Content/General/Concepts/identifiers.htm
_OCID: Final = re.compile(r"ocid1\.(?P<kind>[a-z0-9]+)\.[a-z0-9-]*\.[a-z0-9-]*\.[A-Za-z0-9._-]+")


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
    )


def fault(text: str, remedy: str) -> PydanticCustomError:
    """Return the error of one field; `report` adds its path and value."""
    return PydanticCustomError("okemesh", "{fault}", {"fault": text, "remedy": remedy})


def _network(value: object) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    if not isinstance(value, str) or "/" not in value:
        raise fault("is not an IPv4 range", "write it as address/prefix, such as 10.0.0.0/16")
    try:
        network = IPv4Network(value, strict=False)
    except (NetmaskValueError, ValueError) as error:
        remedy = "write it as address/prefix, such as 10.0.0.0/16"
        raise fault("is not an IPv4 range", remedy) from error
    if str(network) != value:
        raise fault("has bits set right of its prefix", f"write {network}")
    return network


def _private_network(value: object) -> IPv4Network:
    network = _network(value)
    if not (network.is_private or network.subnet_of(IPv4Network("100.64.0.0/10"))):
        raise fault("is not a private range", "choose one inside RFC 1918 or 100.64.0.0/10")
    return network


def _region(value: object) -> str:
    if not isinstance(value, str):
        raise fault("is not a region", "write an identifier such as us-sanjose-1")
    identifier = regions.identifier(value)
    if identifier is None:
        close = regions.closest(value)
        raise fault("is not a region of Oracle Cloud", f"did you mean {close}?")
    return identifier


def _dns_label(value: object) -> str:
    if not isinstance(value, str) or not DNS_LABEL.fullmatch(value):
        remedy = "use lower-case letters, digits and inner hyphens"
        raise fault("is not a DNS label", remedy)
    if len(value) > DNS_LABEL_LIMIT:
        raise fault(f"is longer than {DNS_LABEL_LIMIT} letters", "shorten it")
    return value


def _ocid(*kinds: str) -> BeforeValidator:
    wanted = " or ".join(kinds)

    def check(value: object) -> str:
        match = _OCID.fullmatch(value) if isinstance(value, str) else None
        if match is None or not isinstance(value, str):
            raise fault("is not an OCID", f"copy the OCID of a {wanted} from the console")
        if match["kind"] not in kinds:
            raise fault(f"is the OCID of a {match['kind']}", f"give the OCID of a {wanted}")
        return value

    return BeforeValidator(check)


Cidr = Annotated[IPv4Network, BeforeValidator(_network)]
"""Any IPv4 range without host bits."""

PrivateCidr = Annotated[IPv4Network, BeforeValidator(_private_network)]
"""An IPv4 range inside RFC 1918 or the shared address space of RFC 6598."""

Region = Annotated[str, BeforeValidator(_region)]
"""A region identifier; short forms such as `sanjose` or `iad` become the identifier."""

DnsLabel = Annotated[str, BeforeValidator(_dns_label)]

CompartmentOcid = Annotated[str, _ocid("compartment", "tenancy")]
TenancyOcid = Annotated[str, _ocid("tenancy")]
UserOcid = Annotated[str, _ocid("user")]
VcnOcid = Annotated[str, _ocid("vcn")]
DrgOcid = Annotated[str, _ocid("drg")]
SubnetOcid = Annotated[str, _ocid("subnet")]
ImageOcid = Annotated[str, _ocid("image")]
KeyOcid = Annotated[str, _ocid("key")]

Mbps = Annotated[int, Field(strict=True, ge=10, le=8000)]
"""Bandwidth of a flexible load balancer, https://docs.oracle.com/iaas/Content/Balance."""

Positive = Annotated[int, Field(strict=True, ge=1)]
