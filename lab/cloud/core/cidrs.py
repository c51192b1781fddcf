"""Address ranges as the vendor checks them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network

from lab.cloud.errors import invalid

LARGEST, SMALLEST = 16, 30
"""Prefix lengths that a VCN or a subnet may have."""


def network(text: str, name: str) -> IPv4Network:
    """A range, or the vendor's refusal of it."""
    try:
        return IPv4Network(text)
    except ValueError as fault:
        raise invalid(f"{name} '{text}' is not a valid CIDR block: {fault}.") from fault


def sized(text: str, name: str) -> IPv4Network:
    """A range of a size that networks may have."""
    found = network(text, name)
    if not LARGEST <= found.prefixlen <= SMALLEST:
        raise invalid(
            f"The requested CIDR {text} is invalid: its prefix must be between "
            f"/{LARGEST} and /{SMALLEST}."
        )
    return found


def check_disjoint(fresh: IPv4Network, others: Iterable[tuple[str, str]]) -> None:
    """Refuses a range that overlaps one of the others, given as name and range."""
    for name, text in others:
        if fresh.overlaps(IPv4Network(text)):
            raise invalid(
                f"The requested CIDR {fresh} is invalid: {name} with CIDR {text} "
                "overlaps with this CIDR."
            )
