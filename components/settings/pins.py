"""A version with the SHA-256 digest of what it has to be, as references of images are written.

The digest goes with a version: one that stayed behind while the version changed would go on
running what was there before.
"""

from typing import Annotated

from components.settings.types import Kind, matching

Pin = Annotated[
    str,
    matching(
        r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}@sha256:[0-9a-f]{64}",
        "a version and its digest",
        "1.31.4@sha256: and the 64 digits of its digest",
    ),
    Kind("version@digest"),
]


def version_of(pin: Pin) -> str:
    """Return the version that a digest belongs to."""
    return pin.partition("@")[0]


def digest_of(pin: Pin) -> str:
    """Return the digest with its kind, as it stands in the reference of an image."""
    return pin.partition("@")[2]


def checksum_of(pin: Pin) -> str:
    """Return the digest alone, as a checksum is written."""
    return digest_of(pin).removeprefix("sha256:")
