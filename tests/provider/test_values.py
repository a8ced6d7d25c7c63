"""Plain values to the wire and back, with everything the engine may send."""

from __future__ import annotations

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from paidsw.core.properties import OUTPUT, SECRET, SIGNATURE, UNKNOWN_STRING
from paidsw.core.values import UNKNOWN
from paidsw.provider.values import contains_unknown, decode, encode

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: not (isinstance(value, dict) and SIGNATURE in value))


def struct(**values: object) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    json_format.ParseDict(values, message)
    return message


def test_the_signatures_are_those_of_the_sdk() -> None:
    assert rpc._special_sig_key == SIGNATURE
    assert rpc._special_secret_sig == SECRET
    assert rpc._special_output_value_sig == OUTPUT
    assert rpc.UNKNOWN == UNKNOWN_STRING


@given(st.dictionaries(st.text(max_size=8), plain.filter(lambda value: value is not None), max_size=5))
def test_plain_values_come_back_as_they_went(values: dict[str, object]) -> None:
    assert decode(encode(values)).values == values


@pytest.mark.parametrize(
    ("sent", "value", "kind"),
    [(100.0, 100, int), (3.5, 3.5, float), (True, True, bool), ("", "", str), ([], [], list), ({}, {}, dict)],
)
def test_numbers_and_empties(sent: object, value: object, kind: type) -> None:
    got = decode(struct(x=sent)).values["x"]
    assert got == value
    assert type(got) is kind


def test_unknown_anywhere_is_the_marker() -> None:
    got = decode(struct(a=UNKNOWN_STRING, b=[UNKNOWN_STRING], c={"d": UNKNOWN_STRING}, e="known"))
    assert got.values == {"a": UNKNOWN, "b": [UNKNOWN], "c": {"d": UNKNOWN}, "e": "known"}
    assert [name for name, value in got.values.items() if contains_unknown(value)] == ["a", "b", "c"]
    assert contains_unknown(got.values["c"])
    assert not contains_unknown({"e": ["known"]})


def test_unknown_goes_back_as_the_sentinel() -> None:
    assert encode({"a": UNKNOWN}).fields["a"].string_value == UNKNOWN_STRING


@pytest.mark.parametrize(
    "sent",
    [
        {SIGNATURE: SECRET, "value": "hunter2"},
        {"inner": {SIGNATURE: SECRET, "value": "hunter2"}},
        [{SIGNATURE: SECRET, "value": "hunter2"}],
        {SIGNATURE: OUTPUT, "value": "hunter2", "secret": True},
    ],
)
def test_secrets_are_unwrapped_and_remembered(sent: object) -> None:
    got = decode(struct(password=sent, name="n"))
    assert got.secrets == {"password"}
    assert "hunter2" in str(got.values["password"])
    assert SIGNATURE not in str(got.values)


def test_secret_properties_are_marked_on_the_way_out() -> None:
    sent = encode({"url": "token", "name": "n"}, {"url"})
    assert sent.fields["url"].struct_value.fields[SIGNATURE].string_value == SECRET
    assert sent.fields["name"].string_value == "n"
    assert decode(sent).secrets == {"url"}


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ({SIGNATURE: OUTPUT}, UNKNOWN),
        ({SIGNATURE: OUTPUT, "dependencies": ["urn:x"]}, UNKNOWN),
        ({SIGNATURE: OUTPUT, "value": 3}, 3),
        ({SIGNATURE: OUTPUT, "value": 3, "secret": False, "dependencies": []}, 3),
    ],
)
def test_output_values_with_and_without_value_or_dependencies(sent: object, value: object) -> None:
    assert decode(struct(x=sent)).values["x"] == value


def test_absent_values_are_not_sent() -> None:
    assert list(encode({"a": None, "b": 1}).fields) == ["b"]
