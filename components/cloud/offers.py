"""What a region offers, against what the settings ask for; pure.

A cloud's offer is known at preview, so each mismatch is an `OfferError` that lists the choices.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from components.errors import OfferError

# `Uocm:PHX-AD-1` is the first availability domain of its region.
_DOMAIN_NUMBER: Final = re.compile(r"\bAD-(\d+)$")


def require_version(path: str, wanted: str, offered: Sequence[str], *, region: str) -> str:
    """Return `wanted`, which the region offers.

    Raises:
        OfferError: it does not; the error lists what it offers.
    """
    if wanted in offered:
        return wanted
    choices = sorted(offered, key=version_order)
    raise OfferError(
        f"{path}: is not offered in {region}, got {wanted}; choose one of {listed(choices)}"
    )


class Named(Protocol):
    """A cluster, as a list of clusters shows it."""

    name: str
    state: str
    kubernetes_version: str


def running_versions(name: str, clusters: Iterable[Named]) -> list[str]:
    """Return the Kubernetes versions of the clusters of that name that are not deleted."""
    return [
        cluster.kubernetes_version
        for cluster in clusters
        if cluster.name == name and cluster.state != "DELETED"
    ]


def require_image(path: str, wanted: str, images: Mapping[str, str]) -> str:
    """Return the OCID of the image with that display name.

    Raises:
        OfferError: there is none; the error lists the names that there are.
    """
    if wanted in images:
        return images[wanted]
    raise OfferError(
        f"{path}: the pinned image is no longer offered, got {wanted}; "
        f"give the OCID of one of {listed(sorted(images))}"
    )


def domains(path: str, names: Sequence[str], numbers: Sequence[int]) -> list[str]:
    """Return the availability domains with these numbers, by number; without numbers all.

    Raises:
        OfferError: the region has no domain of that number.
    """
    by_number = {_domain_number(name): name for name in names}
    missing = [number for number in numbers if number not in by_number]
    if missing:
        raise OfferError(
            f"{path}: the region has no such availability domain, got {listed(missing)}; "
            f"choose among {listed(sorted(by_number))}"
        )
    return [by_number[number] for number in sorted(set(numbers) or by_number)]


def fault_domains(numbers: Sequence[int]) -> list[str]:
    """Return the names of the fault domains with these numbers, by number."""
    return [f"FAULT-DOMAIN-{number}" for number in sorted(set(numbers))]


def version_order(version: str) -> tuple[int, ...]:
    """Return what sorts `v1.9.0` before `v1.34.2`."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def listed(choices: Iterable[object]) -> str:
    """Return the choices as a reader wants them, or that there are none."""
    return ", ".join(str(choice) for choice in choices) or "nothing: none is offered"


def _domain_number(name: str) -> int:
    match = _DOMAIN_NUMBER.search(name)
    if match is None:
        raise OfferError(
            "availability domains: a name does not end in its number, "
            f"got {name}; report this name, for placement rests on it"
        )
    return int(match[1])
