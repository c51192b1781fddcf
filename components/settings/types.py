"""Field types of the settings: ranges, OCIDs, regions, names and forms of text.

Each checks one value by itself and says what is wrong in a form that `report` completes with the
path and the value given. A rule between two fields belongs to `rules`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from components.settings import regions

# RFC 1123, which Istio asks of cluster names and Kubernetes of label values and context names.
_DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_LABEL_LIMIT: Final = 63
LABEL: Final = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
"""The form of such a label, its length in it, as a part of longer names."""

LAST_PORT: Final = 65535

# Long enough for `<project>-<stack>-<key>-<role>` within the limits of `components.cloud.naming`.
KEY_LIMIT: Final = 20
_KEY: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

# The letters of an OCID, https://docs.oracle.com/iaas/Content/General/Concepts/identifiers.htm
_OCID: Final = re.compile(
    r"ocid1\.(?P<kind>[a-z0-9]+)\.(?P<realm>[a-z0-9-]*)\.(?P<region>[a-z0-9-]*)\.[A-Za-z0-9._-]+"
)

PLACEHOLDER: Final = re.compile("replace", re.IGNORECASE)
"""In what the project's own stack files leave to be filled in; no real OCID or key has it."""

# Stands for one's own addresses in those files; nobody has it, RFC 5737.
_NOBODYS_RANGE: Final = IPv4Network("203.0.113.0/24")

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


def fault(text: str, remedy: str, *, shown: str | None = None) -> PydanticCustomError:
    """Return the error of one field; `report` adds its path and value.

    `shown` takes the place of a value that would be hidden, where it is known to be no secret.
    """
    context = {"fault": text, "remedy": remedy, "shown": shown}
    return PydanticCustomError("okemesh", "{fault}", context)


def other_than_text(value: object) -> tuple[str, str] | None:
    """Return what to say where text is meant and YAML read something else; None if it is text.

    Unquoted, `130` is a number and `true` is none of the words of a user.
    """
    match value:
        case bool():
            return "is true or false, not text", "put the text in quotes"
        case int():
            return "is a number, not text", "put it in quotes"
        case float():
            # What was written is not known any more: 1.30 has become 1.3.
            return "is a number, not text", "put what you meant in quotes"
    return None


def text_or_fault(
    value: object, words: tuple[str, str], is_right: Callable[[str], object] = lambda _: False
) -> str:
    """Return `value` if it is text; `words` say what is wrong with a list, a map or nothing.

    `is_right` says whether quotes alone would mend it.
    """
    if isinstance(value, str):
        return value
    other = other_than_text(value)
    if other is None:
        raise fault(*words)
    # What a boolean was written as is not known: true, yes or on.
    is_mended = isinstance(value, bool) or is_right(str(value))
    raise fault(other[0], other[1] if is_mended else words[1])


Slip = Callable[[str], str]
"""Takes back what is often written in place of a form."""


def without_v(text: str) -> str:
    """Return a version without the `v` before it."""
    return text.removeprefix("v")


def with_v(text: str) -> str:
    """Return a version with a `v` before it."""
    return f"v{text}"


def with_hyphens(text: str) -> str:
    """Return a name in lower case, with hyphens for underscores, spaces and periods."""
    return re.sub(r"[_. ]", "-", text.lower())


def matching(pattern: str, what: str, form: str, *slips: Slip) -> BeforeValidator:
    """Return a check for text of one form; otherwise it is said not to be `what`.

    Where one of the slips makes it right, the remedy is what comes out.
    """
    # Digits and letters are those of ASCII: others look alike and mean nothing to Oracle Cloud.
    compiled = re.compile(pattern, re.ASCII)
    words = f"is not {what}", f"write it as {form}"

    def check(value: object) -> str:
        text = text_or_fault(value, words, compiled.fullmatch)
        if not compiled.fullmatch(text):
            raise fault(words[0], _remedy(text, words[1]))
        return text

    def _remedy(text: str, otherwise: str) -> str:
        taken_back: tuple[Slip, ...] = (str, str.lower, *slips)
        tries = (slip(text.strip()) for slip in taken_back)
        right = next((tried for tried in tries if compiled.fullmatch(tried)), None)
        return f"write {right}" if right else otherwise

    return BeforeValidator(check)


def ocid_region(ocid: str) -> str | None:
    """Return the region that an OCID names; None if it names none, or none that is known."""
    match = _OCID.fullmatch(ocid)
    found = regions.candidates(match["region"]) if match else ()
    return found[0] if len(found) == 1 else None


def ocid_realm(ocid: str) -> str | None:
    """Return the realm that an OCID names, such as `oc1`; None if it names none."""
    match = _OCID.fullmatch(ocid)
    return match["realm"] or None if match else None


_RANGE: Final = "write it as address/prefix, such as 10.0.0.0/16"


def _network(value: object) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    text = text_or_fault(value, ("is not an IPv4 range", _RANGE))
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise fault(_no_range(text), _RANGE) from None
    if str(network) != text:
        raise fault(*_unlike(network, text))
    return network


def _no_range(text: str) -> str:
    try:
        IPv6Network(text, strict=False)
    except ValueError:
        return "is not an IPv4 range"
    return "is an IPv6 range, not an IPv4 one"


def _unlike(network: IPv4Network, text: str) -> tuple[str, str]:
    """Say how `text` differs from the range that it stands for."""
    address, _, prefix = text.partition("/")
    if not prefix:
        return "has no prefix", _RANGE
    if str(network.network_address) == address:
        return "has a prefix in another form", f"write {network}"
    return "has bits set right of its prefix", f"write {network}"


def _allowed_network(value: object) -> IPv4Network:
    """Check a range of callers, where a whole network is easily opened in place of an address."""
    try:
        network = _network(value)
    except PydanticCustomError:
        if isinstance(value, str):
            _offer_address(value)
        raise
    if network == _NOBODYS_RANGE:
        raise fault("is a placeholder", "put the addresses in its place that you come from")
    return network


def _offer_address(text: str) -> None:
    """Refuse what may be meant for one address, with that address as a range."""
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        return
    address, _, prefix = text.partition("/")
    alone = f"write {address}/32 for that address alone"
    if not prefix:
        raise fault("has no prefix", alone)
    if str(network.network_address) != address:
        others = f"{network} for all {network.num_addresses} of its network"
        raise fault("has bits set right of its prefix", f"{alone}, or {others}")


def is_private(network: IPv4Network) -> bool:
    """Return whether a range is one that a VCN may have."""
    return any(network.subnet_of(private) for private in PRIVATE_RANGES)


def _private_network(value: object) -> IPv4Network:
    network = _network(value)
    if not is_private(network):
        raise fault("is not a private range", "choose one inside RFC 1918 or 100.64.0.0/10")
    return network


_REGION: Final = "write an identifier such as us-sanjose-1"


def _region(value: object) -> str:
    text = text_or_fault(value, ("is not a region", _REGION))
    match regions.candidates(text):
        case [identifier]:
            return identifier
        case []:
            raise fault(*_no_region(text))
        case several:
            raise fault("is short for several regions", f"write {' or '.join(several)}")


def _no_region(text: str) -> tuple[str, str]:
    lower = text.strip().lower()
    if lower != text and regions.candidates(lower):
        return "is not in lower case", f"write {' or '.join(regions.candidates(lower))}"
    close = regions.closest(lower)
    return "is not a region of Oracle Cloud", f"did you mean {close}?" if close else _REGION


def _name(pattern: re.Pattern[str], what: str, *, rule: str, limit: int) -> BeforeValidator:
    """Return a check for a name of at most `limit` letters; `rule` says of which."""

    def check(value: object) -> str:
        text = text_or_fault(value, (f"is not {what}", rule), pattern.fullmatch)
        if not pattern.fullmatch(text):
            right = with_hyphens(text.strip())
            fits = pattern.fullmatch(right) and len(right) <= limit
            raise fault(f"is not {what}", f"write {right}" if fits else rule)
        if len(text) > limit:
            raise fault(f"is longer than {limit} letters", "shorten it")
        return text

    return BeforeValidator(check)


def _ocid(*kinds: str) -> BeforeValidator:
    wanted = " or ".join(f"ocid1.{kind}" for kind in kinds)
    words = "is not an OCID", f"copy one that begins with {wanted}"

    def check(value: object) -> str:
        text = text_or_fault(value, words)
        if PLACEHOLDER.search(text):
            raise fault("is a placeholder", f"put an OCID in its place that begins with {wanted}")
        match = _OCID.fullmatch(text)
        if match is None:
            raise fault(*words)
        if match["kind"] not in kinds:
            raise fault(f"begins with ocid1.{match['kind']}", f"give one that begins with {wanted}")
        return text

    return BeforeValidator(check)


Cidr = Annotated[IPv4Network, BeforeValidator(_allowed_network), Kind("range")]
"""A range of callers: any of IPv4, without host bits."""

AnyCidr = Annotated[IPv4Network, BeforeValidator(_network), Kind("range")]
"""Any range of IPv4, without host bits."""

PrivateCidr = Annotated[IPv4Network, BeforeValidator(_private_network), Kind("private range")]
"""An IPv4 range inside RFC 1918 or the shared address space of RFC 6598."""

Region = Annotated[str, BeforeValidator(_region), Kind("region")]
"""A region identifier; short forms such as `sanjose` or `iad` become the identifier."""

DnsLabel = Annotated[
    str,
    _name(
        _DNS_LABEL,
        "a DNS label",
        rule="use lower-case letters, digits and inner hyphens",
        limit=DNS_LABEL_LIMIT,
    ),
    Kind("DNS label"),
]

Key = Annotated[
    str,
    _name(
        _KEY,
        "a key",
        rule="start with a letter and use lower-case letters, digits and inner hyphens",
        limit=KEY_LIMIT,
    ),
    Kind("key"),
]
"""The key of a cluster or node pool, which is its identity."""

CompartmentOcid = Annotated[str, _ocid("compartment", "tenancy"), Kind("OCID")]
TenancyOcid = Annotated[str, _ocid("tenancy"), Kind("OCID")]
UserOcid = Annotated[str, _ocid("user"), Kind("OCID")]
VcnOcid = Annotated[str, _ocid("vcn"), Kind("OCID")]
DrgOcid = Annotated[str, _ocid("drg"), Kind("OCID")]
DrgRouteTableOcid = Annotated[str, _ocid("drgroutetable"), Kind("OCID")]
SubnetOcid = Annotated[str, _ocid("subnet"), Kind("OCID")]
GatewayOcid = Annotated[str, _ocid("localpeeringgateway", "privateip"), Kind("OCID")]
ImageOcid = Annotated[str, _ocid("image"), Kind("OCID")]
KeyOcid = Annotated[str, _ocid("key"), Kind("OCID")]
CapacityReservationOcid = Annotated[str, _ocid("capacityreservation"), Kind("OCID")]
DynamicGroupOcid = Annotated[str, _ocid("dynamicgroup"), Kind("OCID")]

Version = Annotated[
    str,
    matching(r"\d+\.\d+\.\d+(-[0-9a-z.]+)?", "a version", "1.31.4", without_v),
    Kind("version"),
]

KubernetesVersion = Annotated[
    str,
    matching(r"v\d+\.\d+\.\d+", "a Kubernetes version", "v1.34.2", with_v),
    Kind("version"),
]

# Names of namespaces and keys: printable ASCII but spaces and periods, "Limits on Tags",
# https://docs.oracle.com/iaas/Content/Tagging/Concepts/taggingoverview.htm
DefinedTag = Annotated[
    str,
    matching(r"[!-\-/-~]{1,100}\.[!-\-/-~]{1,100}", "a defined tag", "namespace.key"),
    Kind("namespace.key"),
]
"""The namespace and the key of a defined tag."""

ClusterRole = Annotated[
    str,
    matching(
        r"[a-z0-9]([-a-z0-9.:]{0,251}[a-z0-9])?",
        "the name of a ClusterRole",
        "cluster-admin or view",
    ),
    Kind("name"),
]

Mbps = Annotated[int, Field(strict=True, ge=10, le=8000)]
"""Bandwidth of a flexible load balancer, https://docs.oracle.com/iaas/Content/Balance."""

Positive = Annotated[int, Field(strict=True, ge=1)]

Seconds = Annotated[int, Field(strict=True, ge=0, le=3600)]

Switch = Annotated[bool, Field(strict=True)]
