"""A wrong value in one sentence: where, what, what is allowed; hidden values are never shown."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from paidsw.core import forms
from paidsw.core.problems import nearest
from paidsw.core.validation import problems

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
    return texts(caught.value, hidden={"imageAuth"})


def texts(error: ValidationError, hidden: Collection[str] = ()) -> list[tuple[str, str]]:
    return [
        (one.name, str(one.message)) for one in problems(error, of="a setting", names=NAMES, hidden=hidden)
    ]


@pytest.mark.parametrize(
    ("values", "place", "sentence"),
    [
        ({"instanceNam": "x"}, "instanceNam", "instanceNam is not a setting, did you mean instanceName? remove"),
        ({"colour": 1}, "colour", "colour is not a setting; remove or correct it"),
        ({"sessionHours": "long"}, "sessionHours", "sessionHours is 'long'; allowed: a number; correct it"),
        ({"instanceName": None}, "instanceName", "instanceName is None; allowed: a string; correct it"),
        ({"cloudDisks": [{}]}, "cloudDisks", "cloudDisks[0].capacity is missing, it is required; set it"),
        ({"cloudDisks": [{"capacity": 1}, {"capacity": []}]}, "cloudDisks", "cloudDisks[1].capacity is []; allowed:"),
        ({"cloudDisks": {"capacity": 1}}, "cloudDisks", "cloudDisks is {'capacity': 1}; allowed: a list; correct it"),
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
    assert texts(caught.value) == [("instanceName", "instanceName is missing, it is required; set it")]


def test_a_hidden_value_is_not_in_the_sentence() -> None:
    ((where, text),) = said(imageAuth="cGxhbnRlZDpzZWNyZXQ=")
    assert where == "imageAuth"
    assert "cGxhbnRl" not in text
    assert text.startswith("imageAuth can't be used; allowed: a whole number; correct it")


def test_a_long_value_is_cut() -> None:
    ((_, text),) = said(sessionHours="x" * 500)
    assert len(text) < 200
    assert "…" in text


def test_everything_wrong_is_reported_at_once() -> None:
    assert [place for place, _ in said(colour=1, sessionHours="x", imageAuth="y")] == [
        "sessionHours",
        "imageAuth",
        "colour",
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ecsSpecs", "ecsSpec"), ("InstanceName", "instanceName"), ("zzz", None)],
)
def test_a_near_name_is_offered(name: str, hint: str | None) -> None:
    assert nearest(name, NAMES) == hint


class Shapes(BaseModel):
    """Every kind of check that settings and inputs make."""

    model_config = ConfigDict(extra="forbid")

    whole: int = Field(default=5, ge=1, le=9)
    share: float = Field(default=0.5, gt=0, lt=1, allow_inf_nan=False)
    switch: bool = True
    choice: Literal["RO", "RW"] = "RO"
    text: str = Field(default="x", min_length=1)
    size: str = Field(default="1Gi", pattern=forms.CAPACITY)
    other: str = Field(default="a", pattern="^[a-z]$")
    many: list[int] = []
    pairs: dict[str, str] = {}
    disk: Disk | None = None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"whole": "x"}, "whole is 'x'; allowed: a whole number; correct it"),
        ({"whole": 0}, "whole is 0; allowed: a number of at least 1; correct it"),
        ({"whole": 10}, "whole is 10; allowed: a number of at most 9; correct it"),
        ({"share": 0}, "share is 0; allowed: a number above 0; correct it"),
        ({"share": 1}, "share is 1; allowed: a number below 1; correct it"),
        ({"share": float("nan")}, "share is nan; allowed: a number, and a finite one; correct it"),
        ({"switch": "perhaps"}, "switch is 'perhaps'; allowed: true or false; correct it"),
        ({"choice": "rw"}, "choice is 'rw'; allowed: 'RO' or 'RW'; correct it"),
        ({"text": ""}, "text is ''; allowed: a non-empty string; correct it"),
        ({"text": 3}, "text is 3; allowed: a string; correct it"),
        ({"size": "100"}, "size is '100'; allowed: a size like 100Gi; correct it"),
        ({"other": "AB"}, "other is 'AB'; allowed: a string of the form ^[a-z]$; correct it"),
        ({"many": 1}, "many is 1; allowed: a list; correct it"),
        ({"pairs": []}, "pairs is []; allowed: a map; correct it"),
        ({"disk": 3}, "disk is 3; allowed: a map; correct it"),
    ],
)
def test_what_is_allowed_is_reported_in_plain_words(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Shapes(**values)
    assert texts(caught.value) == [(next(iter(values)), sentence)]


def test_every_form_of_text_has_its_words() -> None:
    patterns = {value for name, value in vars(forms).items() if name.isupper() and isinstance(value, str)}
    assert patterns == forms.WORDS.keys()
