"""The real engine and a configuration with secrets: what is said, and what the state has."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.lab.plugins.engine import Stack, new_stack, why_not_here
from tests.support.documents import documents

WHY_NOT = why_not_here()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"no engine: {WHY_NOT}")

PROGRAM = """
import pulumi
from components.config.load import load

settings, *_ = load()
pulumi.export("tags", dict(settings.tags))
"""
HIDDEN = "hidden.example"


@pytest.fixture(name="stack")
def stack_with_two_clusters(tmp_path: Path) -> Stack:
    stack = new_stack(tmp_path, PROGRAM)
    file = stack.folder / "Pulumi.test.yaml"
    config = {f"oke-mesh:{key}": value for key, value in documents(tags={"team": "x"}).items()}
    file.write_text(file.read_text() + yaml.safe_dump({"config": config}))
    return stack


def test_documents_in_plain_text_are_taken(stack: Stack) -> None:
    stack.up()
    assert stack.outputs() == {"tags": {"team": "x"}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("oke-mesh:tags", f'{{"owner": "{HIDDEN}"}}'),
        ("oke-mesh:tags.owner", HIDDEN),
        ("oke-mesh:mesh.trustDomain", HIDDEN),
        ("oke-mesh:mesh.istio.values.meshConfig.rootNamespace", HIDDEN),
    ],
    ids=["a whole document", "a tag", "a setting", "a value of the chart"],
)
def test_what_is_encrypted_in_a_document_is_refused_and_nowhere_to_be_read(
    stack: Stack, path: str, value: str
) -> None:
    stack.run("config", "set", "--path", "--secret", path, value)
    document = path.removeprefix("oke-mesh:").partition(".")[0]
    told = stack.run("up", "--yes", "--skip-preview", fails=True)
    assert "1 problem in the configuration:" in told
    assert f"{document}: is encrypted, but what it says stands readable in " in told
    assert HIDDEN not in told
    assert HIDDEN not in stack.run("stack", "export")
    assert stack.outputs() == {}
