"""Names are built from their parts and never cut."""

import pytest

from components.cloud import naming
from components.errors import NamingError
from components.settings.clusters import SubnetRole
from components.settings.types import KEY_LIMIT


def test_a_logical_name_joins_its_parts() -> None:
    assert naming.logical("fra", "workers", "nsg") == "fra-workers-nsg"


def test_a_display_name_begins_with_the_project_and_the_stack() -> None:
    assert naming.display("oke-mesh", "dev", "fra", "vcn") == "oke-mesh-dev-fra-vcn"


def test_the_longest_keys_fit_into_a_display_name() -> None:
    # A stack's name has at most 100 letters.
    longest = max((role.value for role in SubnetRole), key=len)
    name = naming.display("oke-mesh", "s" * 100, "k" * KEY_LIMIT, "p" * KEY_LIMIT, longest)
    assert len(name) <= naming.DISPLAY_NAME_LIMIT


def test_a_display_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(NamingError) as error:
        naming.display("p", "s" * 255)
    assert str(error.value) == (
        f"'p-{'s' * 255}': is longer than the 255 letters that OCI takes, got 257; "
        "shorten the stack's name or the cluster's key"
    )


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
