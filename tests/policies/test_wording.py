"""A wrong value in one sentence: where, what, what is allowed; never one that must not be shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policies.examples import examples
from policies.registry import rules
from policies.rule import Finding, place_in
from policies.wording import nearest, problems, top

NAMES = ("instanceName", "ecsSpec", "sessionHours", "cloudDisks", "imageAuth")


class Disk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    capacity: int


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    instanceName: str = Field(max_length=5)
    sessionHours: float = 4
    cloudDisks: list[Disk] = []
    imageAuth: int = 0


def said(**values: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Settings(**{"instanceName": "ok", **values})
    return problems(caught.value, of="a setting", names=NAMES, hidden={"imageAuth"})


@pytest.mark.parametrize(
    ("values", "place", "sentence"),
    [
        ({"instanceNam": "x"}, "instanceNam", "instanceNam is not a setting, did you mean instanceName? remove"),
        ({"colour": 1}, "colour", "colour is not a setting; remove or correct it"),
        ({"sessionHours": "long"}, "sessionHours", "sessionHours is 'long': input should be a valid number"),
        ({"instanceName": None}, "instanceName", "instanceName is None: input should be a valid string"),
        ({"cloudDisks": [{}]}, "cloudDisks", "cloudDisks[0].capacity is missing, it is required; set it"),
        ({"cloudDisks": [{"capacity": 1}, {"capacity": []}]}, "cloudDisks", "cloudDisks[1].capacity is []: input"),
        ({"cloudDisks": {"capacity": 1}}, "cloudDisks", "cloudDisks is {'capacity': 1}: input should be a valid list"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_one_sentence(values: dict[str, Any], place: str, sentence: str) -> None:
    ((where, text),) = said(**values)
    assert where == place
    assert text.startswith(sentence)
    assert "\n" not in text


def test_a_missing_value_says_to_set_it() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings()  # type: ignore[call-arg]  # that is the mistake
    assert problems(caught.value, of="a setting", names=NAMES, hidden=()) == [
        ("instanceName", "instanceName is missing, it is required; set it")
    ]


def test_a_hidden_value_is_not_in_the_sentence() -> None:
    ((where, text),) = said(imageAuth="cGxhbnRlZDpzZWNyZXQ=")
    assert where == "imageAuth"
    assert "cGxhbnRl" not in text
    assert text.startswith("imageAuth can't be used: input should be a valid integer")


def test_a_long_value_is_cut() -> None:
    ((_, text),) = said(sessionHours="x" * 500)
    assert len(text) < 200
    assert "…" in text


def test_everything_wrong_is_said_at_once() -> None:
    assert [place for place, _ in said(colour=1, sessionHours="x", imageAuth="y")] == [
        "sessionHours",
        "imageAuth",
        "colour",
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ecsSpecs", ", did you mean ecsSpec?"), ("InstanceName", ", did you mean instanceName?"), ("zzz", "")],
)
def test_a_near_name_is_offered(name: str, hint: str) -> None:
    assert nearest(name, NAMES) == hint


@pytest.mark.parametrize(
    ("path", "head"),
    [("cloudDisks[0].capacity", "cloudDisks"), ("userVpc.vpcId", "userVpc"), ("region", "region"), ("", "")],
)
def test_the_top_of_a_path(path: str, head: str) -> None:
    assert top(path) == head


@pytest.mark.parametrize("name", list(rules()))
def test_the_place_and_the_rule_can_be_read_from_every_sentence(name: str) -> None:
    sentences = [text for one in examples(rules()[name]) for text in one.messages]
    assert sentences
    for text in sentences:
        found = place_in(text)
        assert found is not None
        assert found[1] == name
        assert f", at {found[0]}; allowed: " in text


@given(
    path=st.from_regex(r"[a-z][A-Za-z]{0,12}(\[\d\])?(\.[a-z]{1,8})?", fullmatch=True),
    what=st.text(max_size=40),
    do=st.text(max_size=40),
)
def test_any_finding_can_be_read_back(path: str, what: str, do: str) -> None:
    sentence = Finding(path, what, "x; y", do).sentence("no-spot")
    if ", at " not in do:
        assert place_in(sentence) == (path, "no-spot")


@pytest.mark.parametrize("text", ["", "preview failed", "x, at y; allowed: z", "[no-spot]", "a [no-spot]"])
def test_other_sentences_are_no_findings(text: str) -> None:
    assert place_in(text) is None
