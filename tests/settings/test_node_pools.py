"""What a shape says about the image that its nodes need."""

import pytest

from components.settings.node_pools import NodePoolSettings
from components.settings.stack import Settings
from tests.support.documents import settings


@pytest.mark.parametrize(
    ("shape", "architecture", "kinds"),
    [
        ("VM.Standard.E4.Flex", "x86_64", {"flexible"}),
        ("VM.Standard.A1.Flex", "aarch64", {"flexible"}),
        ("BM.Standard.A1.160", "aarch64", set()),
        ("VM.GPU.A10.1", "x86_64", {"gpu"}),
        ("BM.GPU4.8", "x86_64", {"gpu"}),
        ("BM.GPU.A100-v2.8", "x86_64", {"gpu"}),
        ("VM.Standard2.4", "x86_64", set()),
    ],
)
def test_a_shape_tells_its_architecture_and_more(
    shape: str, architecture: str, kinds: set[str]
) -> None:
    pool = NodePoolSettings(shape=shape)
    found = {"flexible": pool.is_flexible, "gpu": pool.is_gpu}
    assert pool.architecture == architecture
    assert {kind for kind, is_so in found.items() if is_so} == kinds


def test_settings_survive_being_written_and_read_again() -> None:
    before = settings(clusters__primary__subnets__api="10.0.32.0/28")
    assert Settings.model_validate(before.model_dump(by_alias=True)) == before
