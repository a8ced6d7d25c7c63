from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paidsw.core.properties import SECRET, SIGNATURE, UNKNOWN_STRING, UNKNOWNS, decode, encode
from paidsw.core.values import UNKNOWN, SecretValue
from tests.support.strategies import values


def test_the_sentinels_are_those_of_the_sdk() -> None:
    from pulumi_policy import proxy

    assert {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")} == UNKNOWNS
    assert proxy.UNKNOWN_STRING_VALUE == UNKNOWN_STRING


def test_the_signatures_are_those_of_the_sdk() -> None:
    from pulumi_policy import deserialize

    assert (deserialize.SPECIAL_SIG_KEY, deserialize.SPECIAL_SECRET_SIG) == (SIGNATURE, SECRET)


def test_unknowns_and_secrets_are_found_at_any_depth() -> None:
    wire = {"a": [{SIGNATURE: SECRET, "value": {"b": sorted(UNKNOWNS)[0]}}], "c": 1.0}
    assert decode(wire) == {"a": [SecretValue({"b": UNKNOWN})], "c": 1.0}


def test_a_secret_that_is_not_known_is_unknown() -> None:
    assert decode({SIGNATURE: SECRET, "value": UNKNOWN_STRING}) is UNKNOWN


def test_an_asset_stays_what_it_is() -> None:
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
    assert decode(asset) == asset


@given(st.dictionaries(st.text(), values))
def test_what_is_encoded_is_decoded_to_the_same(value: dict[str, Any]) -> None:
    assert repr(decode(encode(value))) == repr(_without_secret_unknowns(value))


def _without_secret_unknowns(value: Any) -> Any:
    if isinstance(value, SecretValue):
        inner = _without_secret_unknowns(value.value)
        return UNKNOWN if inner is UNKNOWN else SecretValue(inner)
    if isinstance(value, dict):
        return {key: _without_secret_unknowns(item) for key, item in value.items()}
    return [_without_secret_unknowns(item) for item in value] if isinstance(value, list) else value
