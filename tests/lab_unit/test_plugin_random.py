"""The `random` plugin."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import bcrypt
import pytest

from lab.plugins.base.values import UNKNOWN, Properties, Secret
from lab.plugins.random import provider
from tests.lab_unit.plugin_engine import Engine, serving

ID = "random:index/randomId:RandomId"
STRING = "random:index/randomString:RandomString"
PASSWORD = "random:index/randomPassword:RandomPassword"
UUID = "random:index/randomUuid:RandomUuid"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with serving(provider()) as started:
        yield started


def test_the_forms_of_an_id_say_the_same(engine: Engine) -> None:
    made = engine.create(ID, {"byteLength": 4, "prefix": "p-"})
    drawn = bytes.fromhex(made.outputs["hex"].removeprefix("p-"))
    assert len(drawn) == 4
    assert made.outputs["dec"] == f"p-{int.from_bytes(drawn, 'big')}"
    assert made.outputs["b64Std"] == "p-" + base64.b64encode(drawn).decode()
    assert "p-" + made.id == made.outputs["b64Url"]


def test_a_string_has_the_characters_asked_for(engine: Engine) -> None:
    made = engine.create(STRING, {"length": 12, "upper": False, "special": False, "minNumeric": 11})
    text = made.outputs["result"]
    assert re.fullmatch(r"[a-z0-9]{12}", text)
    assert sum(character.isdigit() for character in text) >= 11


def test_special_characters_can_be_chosen(engine: Engine) -> None:
    inputs = {"length": 4, "overrideSpecial": "_", "minSpecial": 4}
    assert engine.create(STRING, inputs).outputs["result"] == "____"


def test_a_password_and_its_hash_are_secret_and_belong_together(engine: Engine) -> None:
    made = engine.create(PASSWORD, {"length": 16})
    result, digest = made.outputs["result"], made.outputs["bcryptHash"]
    assert isinstance(result, Secret)
    assert isinstance(digest, Secret)
    assert bcrypt.checkpw(result.value.encode(), digest.value.encode())
    assert made.id == "none"


def test_a_uuid_is_its_own_id(engine: Engine) -> None:
    made = engine.create(UUID, {})
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", made.outputs["result"])
    assert made.id == made.outputs["result"]


def test_another_keeper_draws_anew(engine: Engine) -> None:
    made = engine.create(UUID, {"keepers": {"a": "1"}})
    assert engine.diff(made, {"keepers": {"a": "2"}}).replaces == ("keepers",)


def test_a_preview_does_not_know_the_result(engine: Engine) -> None:
    assert engine.preview(UUID, {}) == {"result": UNKNOWN}


@pytest.mark.parametrize(
    ("token", "inputs", "faults"),
    [
        (ID, {"byteLength": 0}, {"byteLength": "must be at least 1, got 0"}),
        (
            STRING,
            {"length": 2, "minUpper": 3},
            {"length": "must be at least the minima's sum 3, got 2"},
        ),
        (
            STRING,
            {"length": 2, "upper": False, "lower": False, "numeric": False, "special": False},
            {"numeric": "one of numeric, upper, lower and special must be true"},
        ),
    ],
)
def test_wrong_inputs_are_refused(
    token: str, inputs: Properties, *, faults: dict[str, str], engine: Engine
) -> None:
    assert engine.faults(token, inputs) == faults
