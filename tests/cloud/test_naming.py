"""Names are built from their parts and never cut."""

import pytest

from components.cloud import naming
from components.errors import NamingError


def test_a_logical_name_joins_its_parts() -> None:
    assert naming.logical("fra", "workers", "nsg") == "fra-workers-nsg"


@pytest.mark.parametrize(("key", "label"), [("fra", "fra"), ("us-east-2", "useast2")])
def test_a_dns_label_is_the_key_without_hyphens(key: str, label: str) -> None:
    assert naming.dns_label(key) == label


@pytest.mark.parametrize(
    ("key", "label"), [("a" * 16, "a" * 16), ("2nd", "2nd"), ("Fra", "Fra"), ("", "")]
)
def test_a_key_that_gives_no_dns_label_is_refused(key: str, label: str) -> None:
    with pytest.raises(NamingError) as error:
        naming.dns_label(key)
    assert str(error.value) == (
        f"clusters.{key}: gives no DNS label of at most 15 letters and digits, got {label!r}; "
        "choose a shorter key that starts with a letter"
    )
