"""What a region offers, against what the settings ask for; pure.

A cloud's offer is known at preview, so each mismatch is an `OfferError` that lists the choices.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from components.cloud.chosen import Chosen
from components.errors import OfferError

GONE: Final = frozenset({"DELETED", "DELETING", "FAILED", "TERMINATED", "TERMINATING"})
"""States of what is there no more, or never came up."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionOffer:
    """The Kubernetes versions that a region offers, and the one that a cluster of ours runs."""

    region: str
    offered: Sequence[str]
    running: str | None
    """None before the cluster is made."""

    @property
    def known(self) -> list[str]:
        """Return every version that a setting may name.

        A region ceases to offer old versions; a cluster that runs one must still preview.
        """
        return [*self.offered, *([self.running] if self.running else [])]


def choose_version(
    path: str,
    offer: VersionOffer,
    *,
    wanted: str | None,
    suits: Callable[[str], bool],
) -> Chosen:
    """Return the Kubernetes version of a cluster.

    Args:
        path: Where it stands in the settings.
        offer: What there is.
        wanted: What the settings say; None for what runs, or else the newest that suits.
        suits: Whether the mesh can run on a version.

    Raises:
        OfferError: there is none, and the error lists what the region offers; or a cluster cannot
            go from what it runs to what is wanted.
    """
    if wanted:
        _require_step(path, offer.running or wanted, wanted)
        return Chosen(
            value=require_version(path, wanted, offer.known, region=offer.region), name=wanted
        )
    fitting = sorted((v for v in offer.offered if suits(v)), key=version_order)
    newest = fitting[-1] if fitting else None
    if offer.running:
        is_newer = newest and version_order(newest) > version_order(offer.running)
        return Chosen(value=offer.running, name=offer.running, newer=newest if is_newer else None)
    if newest:
        return Chosen(value=newest, name=newest)
    choices = sorted(offer.offered, key=version_order)
    raise OfferError(
        f"{path}: none of those offered in {offer.region} suits this mesh.istio.version, got "
        f"nothing; set one of {listed(choices)} and an Istio "
        "release that takes it"
    )


def _require_step(path: str, running: str, wanted: str) -> None:
    """Refuse to go back, or over a minor: nodes and charts are made for one of each at a time.

    Raises:
        OfferError: it is such a step.
    """
    (major, minor, *_), to = version_order(running), version_order(wanted)
    if to < version_order(running):
        raise OfferError(
            f"{path}: is older than what the cluster runs, got {wanted}; OKE does not go back, "
            f"write {running}"
        )
    if to[:2] > (major, minor + 1):
        raise OfferError(
            f"{path}: is more than one minor newer than what the cluster runs ({running}), got "
            f"{wanted}; choose one of v{major}.{minor + 1} first, `pulumi up`, then go on"
        )


class Named(Protocol):
    """A cluster, as a list of clusters shows it."""

    name: str
    state: str
    kubernetes_version: str


def running_version(name: str, clusters: Iterable[Named]) -> str | None:
    """Return the Kubernetes version of the cluster of that name; None if there is none."""
    versions = [
        cluster.kubernetes_version
        for cluster in clusters
        if cluster.name == name and cluster.state not in GONE
    ]
    return versions[0] if versions else None


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
