"""What a shape says about the image that its nodes need."""

import pytest

from components.settings.pools import NodePoolSettings
from components.settings.root import Settings
from tests.support.documents import settings


@pytest.mark.parametrize(
    ("shape", "architecture", "is_flexible", "is_gpu"),
    [
        ("VM.Standard.E4.Flex", "x86_64", True, False),
        ("VM.Standard.A1.Flex", "aarch64", True, False),
        ("BM.Standard.A1.160", "aarch64", False, False),
        ("VM.GPU.A10.1", "x86_64", False, True),
        ("BM.GPU4.8", "x86_64", False, True),
        ("VM.Standard2.4", "x86_64", False, False),
    ],
)
def test_a_shape_tells_its_architecture_and_more(
    shape: str, architecture: str, is_flexible: bool, is_gpu: bool
) -> None:
    pool = NodePoolSettings(shape=shape)
    assert (pool.architecture, pool.is_flexible, pool.is_gpu) == (
        architecture,
        is_flexible,
        is_gpu,
    )


def test_settings_survive_being_written_and_read_again() -> None:
    before = settings(clusters__primary__subnets__api="10.0.32.0/28")
    assert Settings.model_validate(before.model_dump(by_alias=True)) == before
