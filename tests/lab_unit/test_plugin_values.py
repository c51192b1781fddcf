"""Property values on the wire and off it."""

from __future__ import annotations

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from lab.plugins.base.values import (
    ASSET,
    OUTPUT,
    RESOURCE,
    SECRET,
    SIGNATURE,
    UNKNOWN_MARKS,
    Secret,
    conceal,
    decode,
    encode,
    has_unknown,
    parse_config,
    reveal,
)
from sdks.schema import Property
from sdks.values import UNKNOWN, Asset, render_path

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), PLAIN))
def test_plain_values_survive_the_wire(values: dict[str, object]) -> None:
    sent = {key: value for key, value in values.items() if value is not None}
    assert decode(encode(values)) == sent


@pytest.mark.parametrize("mark", sorted(UNKNOWN_MARKS))
def test_every_mark_of_an_unknown_value_is_known(mark: str) -> None:
    assert decode(encode({"a": [mark]})) == {"a": [UNKNOWN]}


def test_an_unknown_value_keeps_its_mark() -> None:
    assert decode(encode({"a": {"b": UNKNOWN}})) == {"a": {"b": UNKNOWN}}


def test_a_secret_keeps_its_mark_and_hides_in_its_representation() -> None:
    back = decode(encode({"key": Secret("hidden")}))
    assert back == {"key": Secret("hidden")}
    assert "hidden" not in repr(back)


def test_an_asset_stays_as_it_came() -> None:
    asset = Asset({SIGNATURE: ASSET, "text": "hello", "hash": "abc"})
    assert decode(encode({"file": asset})) == {"file": asset}


def test_a_reference_to_a_resource_is_its_id() -> None:
    reference = {SIGNATURE: RESOURCE, "urn": "urn:x", "id": "i-1"}
    assert decode(encode({"vcn": reference})) == {"vcn": "i-1"}


def test_an_output_without_a_value_is_unknown_and_may_be_secret() -> None:
    output = {SIGNATURE: OUTPUT, "secret": True}
    assert decode(encode({"a": output})) == {"a": Secret(UNKNOWN)}


def test_a_mark_of_a_later_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^property value: signature not known, got 'new'"):
        decode(encode({"a": {SIGNATURE: "new"}}))


def test_secrets_come_off_with_their_paths_and_go_back() -> None:
    marked = {"a": [Secret({"b": 1})], "c": "open"}
    plain, paths = reveal(marked)
    assert plain == {"a": [{"b": 1}], "c": "open"}
    assert paths == {("a", 0)}
    assert conceal(plain, paths) == marked


def test_a_secret_in_a_secret_is_marked_at_both_places() -> None:
    plain, paths = reveal({"a": Secret({"b": Secret("x")})})
    assert plain == {"a": {"b": "x"}}
    assert paths == {("a",), ("a", "b")}


def test_a_path_that_a_value_does_not_have_marks_nothing() -> None:
    assert conceal({"a": 1}, frozenset({("b", 0)})) == {"a": 1}


def test_an_unknown_deep_inside_is_found() -> None:
    assert has_unknown({"a": [{"b": Secret(UNKNOWN)}]})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("spec", "ports", 0, "name"), "spec.ports[0].name"),
        (("data", "ca.crt"), 'data["ca.crt"]'),
        (("metadata", "labels", 'a"b'), 'metadata.labels["a\\"b"]'),
        (("node-1",), "node-1"),
    ],
)
def test_a_path_is_written_as_the_engine_reads_it(path: tuple[str | int, ...], text: str) -> None:
    assert render_path(path) == text


def test_the_mark_of_a_secret_is_the_protocols() -> None:
    wire = MessageToDict(encode({"a": Secret("x")}))
    assert wire == {"a": {SIGNATURE: SECRET, "value": "x"}}


def test_a_providers_settings_come_as_json() -> None:
    shape = {"ignoreDefinedTags": Property(["list", "str"]), "region": Property("str")}
    parsed = parse_config(
        shape, {"ignoreDefinedTags": '["a.b"]', "region": "7", "version": "4.20.0"}
    )
    assert parsed == {"ignoreDefinedTags": ["a.b"], "region": "7"}
