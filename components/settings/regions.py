"""The regions of Oracle Cloud: any identifier, and short names of the commercial ones.

Source: https://docs.oracle.com/iaas/Content/General/Concepts/regions.htm
"""

import difflib
import re
from enum import StrEnum
from typing import Final

KEYS: Final = {
    "af-casablanca-1": "cmn",
    "af-johannesburg-1": "jnb",
    "ap-batam-1": "hsg",
    "ap-chuncheon-1": "yny",
    "ap-delhi-1": "onm",
    "ap-hyderabad-1": "hyd",
    "ap-kulai-2": "xyy",
    "ap-melbourne-1": "mel",
    "ap-mumbai-1": "bom",
    "ap-osaka-1": "kix",
    "ap-seoul-1": "icn",
    "ap-singapore-1": "sin",
    "ap-singapore-2": "xsp",
    "ap-sydney-1": "syd",
    "ap-tokyo-1": "nrt",
    "ca-montreal-1": "yul",
    "ca-toronto-1": "yyz",
    "eu-amsterdam-1": "ams",
    "eu-frankfurt-1": "fra",
    "eu-madrid-1": "mad",
    "eu-madrid-3": "orf",
    "eu-marseille-1": "mrs",
    "eu-milan-1": "lin",
    "eu-paris-1": "cdg",
    "eu-stockholm-1": "arn",
    "eu-turin-1": "nrq",
    "eu-zurich-1": "zrh",
    "il-jerusalem-1": "mtz",
    "me-abudhabi-1": "auh",
    "me-dubai-1": "dxb",
    "me-jeddah-1": "jed",
    "me-riyadh-1": "ruh",
    "mx-monterrey-1": "mty",
    "mx-queretaro-1": "qro",
    "sa-bogota-1": "bog",
    "sa-santiago-1": "scl",
    "sa-saopaulo-1": "gru",
    "sa-valparaiso-1": "vap",
    "sa-vinhedo-1": "vcp",
    "uk-cardiff-1": "cwl",
    "uk-london-1": "lhr",
    "us-ashburn-1": "iad",
    "us-chicago-1": "ord",
    "us-phoenix-1": "phx",
    "us-saltlake-2": "aga",
    "us-sanjose-1": "sjc",
}

# Regions of the other realms, each a cloud of its own: its OCIDs, sign-in and backbone end there.
_OTHERS: Final = {
    "oc2": ("us-langley-1", "us-luke-1"),
    "oc3": ("us-gov-ashburn-1", "us-gov-chicago-1", "us-gov-phoenix-1"),
    "oc4": ("uk-gov-cardiff-1", "uk-gov-london-1"),
    "oc8": ("ap-chiyoda-1", "ap-ibaraki-1"),
    "oc9": ("me-dcc-muscat-1", "me-ibri-1"),
    "oc10": ("ap-dcc-canberra-1",),
    "oc14": (
        *("eu-dcc-dublin-1", "eu-dcc-dublin-2", "eu-dcc-milan-1", "eu-dcc-milan-2"),
        *("eu-dcc-rating-1", "eu-dcc-rating-2"),
    ),
    "oc15": ("ap-dcc-gazipur-1",),
    "oc19": ("eu-frankfurt-2", "eu-madrid-2"),
    "oc20": ("eu-jovanovac-1",),
    "oc21": ("me-alrayyan-1", "me-dcc-doha-1"),
    "oc23": ("us-somerset-1", "us-thames-1"),
    "oc24": ("eu-crissier-1", "eu-dcc-zurich-1"),
    "oc26": ("me-abudhabi-3", "me-alain-1"),
    "oc29": ("me-abudhabi-2", "me-abudhabi-4"),
    "oc35": ("ap-chuncheon-2", "ap-seoul-2", "ap-suwon-1"),
    "oc42": ("us-ashburn-2", "us-newark-1"),
    "oc51": ("eu-budapest-1",),
    "oc52": ("sa-riodejaneiro-1",),
}

_REALMS: Final = {
    **dict.fromkeys(KEYS, "oc1"),
    **{region: realm for realm, regions in _OTHERS.items() for region in regions},
}


def _short_names() -> dict[str, tuple[str, ...]]:
    """Map every short form (`sydney`, `syd`) to the identifiers it may stand for."""
    names: dict[str, tuple[str, ...]] = {}
    for identifier, key in KEYS.items():
        for short in (identifier.split("-")[1], key):
            names[short] = (*names.get(short, ()), identifier)
    return names


_SHORT: Final = _short_names()


class Continent(StrEnum):
    """Where users and regions are, as one can tell them apart in the DNS."""

    AFRICA = "africa"
    ASIA = "asia"
    EUROPE = "europe"
    NORTH_AMERICA = "north-america"
    OCEANIA = "oceania"
    SOUTH_AMERICA = "south-america"


# By the first part of a region's identifier.
_CONTINENTS: Final = {
    "af": Continent.AFRICA,
    "ap": Continent.ASIA,
    "ca": Continent.NORTH_AMERICA,
    "eu": Continent.EUROPE,
    "il": Continent.ASIA,
    "me": Continent.ASIA,
    "mx": Continent.NORTH_AMERICA,
    "sa": Continent.SOUTH_AMERICA,
    "uk": Continent.EUROPE,
    "us": Continent.NORTH_AMERICA,
}
# `ap` is Asia and the Pacific.
_IN_OCEANIA: Final = frozenset({"canberra", "melbourne", "sydney"})

# The cloud controller manager labels nodes with the instance's region, which OCI still gives by
# key in its two oldest regions, https://github.com/oracle/oci-cloud-controller-manager
_LABELLED_BY_KEY: Final = frozenset({"us-ashburn-1", "us-phoenix-1"})

# Of every realm, such as us-gov-ashburn-1 or eu-dcc-milan-2.
_IDENTIFIER: Final = re.compile(r"(?P<area>[a-z]{2})(-(gov|dcc))?-(?P<city>[a-z]+)-[1-9][0-9]?")

# Names that differ in a letter or two, such as sanjoze, are above it; no two real ones are.
_LIKENESS: Final = 0.8


# Other clouds name regions by the points of the compass, Oracle by cities.
_COMPASS: Final = re.compile(r"(north|south|east|west|central)+")


def candidates(name: str) -> tuple[str, ...]:
    """Return the region identifiers that `name` may stand for.

    Oracle opens regions as it likes, so every well-formed identifier stands for itself, unless it
    is nearly the name of one that is known.
    """
    found = _IDENTIFIER.fullmatch(name)
    if found and not _COMPASS.fullmatch(found["city"]) and not closest(name):
        return (name,)
    return _SHORT.get(name, ())


def closest(name: str) -> str | None:
    """Return the identifier that `name` is probably meant for; None if it is like no other."""
    found = _IDENTIFIER.fullmatch(name)
    whole = {identifier: (identifier,) for identifier in KEYS}
    word, known = (found["city"], _SHORT) if found else (name, {**_SHORT, **whole})
    near = difflib.get_close_matches(word, known, n=1, cutoff=_LIKENESS)
    meant = known[near[0]][0] if near else None
    if found and meant and near == [word] and meant.startswith(found["area"]):
        return None
    return meant


def realm(region: str) -> str | None:
    """Return the realm of a region, such as `oc1`; None if the region is newer than the tables."""
    return _REALMS.get(region)


def continent(region: str) -> Continent | None:
    """Return the continent of a region; None if its identifier begins as none that is known."""
    found = _IDENTIFIER.fullmatch(region)
    if found is None:
        return None
    if found["city"] in _IN_OCEANIA:
        return Continent.OCEANIA
    return _CONTINENTS.get(found["area"])


def locality(region: str) -> str:
    """Return the value of the label topology.kubernetes.io/region on nodes of `region`.

    It is `iad` for us-ashburn-1 and `phx` for us-phoenix-1, and the identifier elsewhere.
    """
    return KEYS[region] if region in _LABELLED_BY_KEY else region
