from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given

from paidsw.core.values import UNKNOWN, Node, SecretValue, UndecidedError, top_level
from tests.support.strategies import values


def test_a_path_leads_through_mappings_and_lists() -> None:
    node = Node("cloudDisks", [{"capacity": "100Gi"}])
    assert node.entries[0]["capacity"].path == "cloudDisks[0].capacity"
    assert node.entries[0]["capacity"].text == "100Gi"
    assert [field.key for field in node.entries[0].fields] == ["capacity"]


@pytest.mark.parametrize("value", [None, True, 5, 5.5, "text", [], {}])
def test_a_value_of_another_type_reads_as_nothing(value: object) -> None:
    node = Node("x", value)
    assert node.text is None or value == "text"
    assert node["y"]["z"].absent
    assert node.entries == ()
    assert node.fields == ()


def test_unknown_is_noticed_only_where_it_is_read() -> None:
    node = Node("userVpc", {"vpcId": UNKNOWN, "defaultRoute": "eth0"})
    assert node["defaultRoute"].text == "eth0"
    with pytest.raises(UndecidedError, match=r"userVpc\.vpcId is not known yet"):
        _ = node["vpcId"].text


@pytest.mark.parametrize(
    ("value", "number"), [(100, "100"), (100.0, "100"), (0.1, "0.1"), (Decimal("6.991"), "6.991")]
)
def test_numbers_are_exact(value: object, number: str) -> None:
    assert Node("x", value).number == Decimal(number)


@pytest.mark.parametrize("value", [True, False, "5", None, float("nan"), float("inf"), Decimal("NaN"), [5]])
def test_what_is_no_number(value: object) -> None:
    assert Node("x", value).number is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (100.0, "100"),
        (0.25, "0.25"),
        (-4, "-4"),
        (10**50, "a huge number"),
        (None, "nothing"),
        (True, "a boolean"),
        ([1], "a list"),
        ({"a": 1}, "a map"),
        ("abc", '"abc"'),
        ("ABC", "a string of length 3"),
        (SecretValue("abc"), "a secret value"),
        (b"abc", "a list"),
    ],
)
def test_only_numbers_and_texts_of_the_expected_shape_are_shown(value: object, shown: str) -> None:
    assert str(Node("x", value).shown("[a-z]+")) == shown


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (None, "a missing accessibility"),
        ("abc", 'accessibility "abc"'),
        (5.0, "accessibility 5"),
        ([], "an accessibility that is a list"),
        (SecretValue(None), "a missing accessibility"),
        (SecretValue("abc"), "an accessibility that is a secret value"),
    ],
)
def test_described(value: object, described: str) -> None:
    assert str(Node("x", value).described("accessibility", "[a-z]+")) == described


@pytest.mark.parametrize("key", ["with space", "a.b", "", 'quote"', "ключ", "x" * 65])
def test_a_key_that_is_no_plain_name_is_not_shown(key: str) -> None:
    node = Node("env", {key: 1})[key]
    assert node.path == "env.(a key)"
    assert node.key == key


def test_a_part_of_a_secret_is_one() -> None:
    node = Node("disks", SecretValue([{"size": "2000Gi"}, SecretValue("x")]))
    size = node.entries[0]["size"]
    assert (size.path, size.secret, size.text) == ("disks[0].size", True, "2000Gi")
    assert "2000Gi" not in str(size.shown(r".*"))
    assert node.entries[1].text == "x"
    assert node.entries[0]["none"].absent


def test_a_secret_hides_from_repr() -> None:
    assert "hunter2" not in repr(Node("x", SecretValue("hunter2")))


@given(values)
def test_reading_any_value_raises_nothing_but_undecided(value: object) -> None:
    node = Node("x", value)
    with suppress(UndecidedError):
        _ = (node.text, node.number, node.entries, node.fields, node["y"], node.shown(".*"), node.absent)


def test_an_integer_beyond_every_float_is_a_huge_number() -> None:
    node = Node("x", 10**5000)
    assert node.number is not None
    assert str(node.shown()) == "a huge number"


@pytest.mark.parametrize(
    ("path", "head"),
    [("cloudDisks[0].capacity", "cloudDisks"), ("userVpc.vpcId", "userVpc"), ("region", "region"), ("", "")],
)
def test_the_top_of_a_path(path: str, head: str) -> None:
    assert top_level(path) == head
