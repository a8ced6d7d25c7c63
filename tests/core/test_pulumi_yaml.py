"""YAML as Pulumi reads it; whether it really does is compared with the real one in tests/engine/test_settings.py."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
import yaml

from paidsw.core.pulumi_yaml import (
    MOST_BYTES,
    Fields,
    Items,
    MalformedError,
    Scalar,
    in_quotes,
    parse,
    read,
    value_of,
    written,
)
from paidsw.core.yaml_scalars import Time, resolve
from tests.support.readings import SCALARS, VALUES

NAME = "Pulumi.dev.yaml"


def scalar(text: str) -> Scalar:
    value = parse(f"a: {text}\n", NAME)["a"]
    assert isinstance(value, Scalar)
    return value


def refusal(text: str) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        parse(text, NAME)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("text", "arrives"),
    [
        ("3.10", "3.1"),
        ("012345", "5349"),
        ("12.0", "12"),
        ("1_000", "1000"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("2024-05-01", "2024-05-01 00:00:00 +0000 UTC"),
        ("2024-05-01T10:00:00+08:00", "2024-05-01 10:00:00 +0800 +0800"),
        ("True", "true"),
        ("1e21", "1e+21"),
        ("99999999999999999999999", "1e+23"),
    ],
)
def test_what_looks_like_another_kind_changes_as_a_text(text: str, arrives: str) -> None:
    found = scalar(text)
    assert found.changed
    assert found.text == text
    assert found.arrives_as_text() == arrives
    quoted = scalar(in_quotes(text))
    assert not quoted.changed
    assert quoted.arrives_as_text() == text


@pytest.mark.parametrize(
    "text", ["yes", "on", "1:30", "1e400", "0b2", "5", "-5", "3.1", "true", "2024-02-30", "x"]
)
def test_other_scalars_arrive_as_written(text: str) -> None:
    assert not scalar(text).changed
    assert scalar(text).arrives_as_text() == text


@pytest.mark.parametrize("text", SCALARS)
def test_quotes_keep_every_text(text: str) -> None:
    for quoted in (in_quotes(text), f"'{text}'", f"!!str {text}"):
        assert scalar(quoted).value == scalar(quoted).text == text


def test_a_number_of_thousand_digits_is_a_text_to_be_read_at_once() -> None:
    begun = time.monotonic()
    assert isinstance(resolve("9" * 50_000), str)
    assert isinstance(resolve("9" * 999), str)
    assert isinstance(resolve("9" * 300), float)
    assert time.monotonic() - begun < 1


def test_times_are_times() -> None:
    assert resolve("2024-5-1") == Time("2024-05-01 00:00:00 +0000 UTC")
    assert resolve("2023-02-29") == "2023-02-29"


class TestWholeFiles:
    """What isn't a single value."""

    def test_lines_are_those_of_the_file(self) -> None:
        found = parse("# c\na: 1\n\nb:\n  - x\n  - {c: y}\n", NAME)
        assert {key.text: key.line for key, _ in found.pairs} == {"a": 2, "b": 4}
        items = found["b"]
        assert isinstance(items, Items)
        assert [one.line for one in items.values] == [5, 6]
        assert found.arrives() == {"a": 1, "b": ["x", {"c": "y"}]}

    def test_aliases_and_merges_are_followed(self) -> None:
        found = parse("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: [*x, *x]\n", NAME).arrives()
        assert found["b"] == {"p": 1, "q": 3}
        assert found["c"] == [{"p": 1, "q": 2}] * 2

    @pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~\n", "\ufeffa: 1\n"])
    def test_an_empty_file_is_an_empty_map(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / NAME
        path.write_text(text, encoding="utf-8")
        assert set(read(path).arrives()) <= {"a"}

    @pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
    def test_every_end_of_a_line_is_one(self, tmp_path: Path, ends: str) -> None:
        path = tmp_path / NAME
        path.write_bytes(f"a: 1{ends}b:{ends}  c: 3.10{ends}".encode())
        assert read(path)["b"].line == 3

    def test_another_encoding_is_a_sentence_with_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / NAME
        path.write_bytes("a: 1\nb: 课程\n".encode("gbk"))
        with pytest.raises(MalformedError, match="is not UTF-8 text; save it as UTF-8") as caught:
            read(path)
        assert caught.value.line == 2
        path.write_bytes("a: 1\n".encode("utf-16"))
        with pytest.raises(MalformedError, match="is not UTF-8 text"):
            read(path)

    def test_a_huge_file_is_refused_unread(self, tmp_path: Path) -> None:
        path = tmp_path / NAME
        with path.open("wb") as file:
            file.truncate(10**10)
        with pytest.raises(MalformedError, match=f"larger than {MOST_BYTES} bytes"):
            read(path)

    @pytest.mark.parametrize(
        "text",
        [
            "a: &r [*r]\n",
            "a: &r {b: {c: *r}}\n",
            "a: &a [x, x]\n"
            + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)),
            "a: &a {k: v}\n" + "b: [" + "*a, " * 2000 + "]\n",
            "a: " + "[" * 5000 + "]" * 5000 + "\n",
            "a: " + "{b: " * 5000 + "}" * 5000 + "\n",
            "".join(f"{' ' * n}a{n}:\n" for n in range(300)),
            "&a a: &b [*b, *b]\n",
        ],
        ids=["list", "map", "doubling", "many", "deep lists", "deep maps", "deep blocks", "anchored key"],
    )
    def test_what_grows_when_it_is_read_is_refused_at_once_and_with_little_memory(self, text: str) -> None:
        begun = time.monotonic()
        tracemalloc.start()
        try:
            refusal(text)
            assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
        finally:
            tracemalloc.stop()
        assert time.monotonic() - begun < 5  # a fraction of a second on an idle machine

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            (
                "a: 1\nb: c: d\n",
                2,
                "line 2: this, or the line before, is not a key with a value; write KEY: VALUE",
            ),
            ("a: 1\nb:4\nc: 5\n", 2, "line 2: this is not a key with a value; write KEY: VALUE"),
            ("a:\n  b:4\n  c: 5\n", 3, "line 3: this, or the line before, is not a key with a value"),
            ("a: 1\nb\uff1a4\n", 2, "line 2: this is not a key with a value; write KEY: VALUE"),
            ("a: 1\nb 4\n\n\n", 2, "line 2: this is not a key with a value"),
            ("a: 1\nb: 'c\nd: 1\n", 2, "line 2: this is not YAML"),
            ("a: 1\nb: [c\nd: 1\n", 3, "line 3: this is not YAML"),
            ("a:\n\tb: 1\n", 2, "line 2: here is a tab where spaces belong; write spaces instead"),
            ("a:\n  b: 1\n\tc: 2\n", 3, "line 3: here is a tab where spaces belong"),
            ("a: 1\nb: \x07\n", 2, "is not YAML"),
            ('a: "\\ud800"\n', 1, "is not YAML"),
            ("a: 1\n? [b]\n: c\n", 2, "a key is a map or a list"),
            ("a: 1\n...\n---\nb: 2\n", 3, "a second document begins"),
            ("%FOO x\n---\na: 1\n", 1, ""),
        ],
    )
    def test_a_refusal_has_its_line(self, text: str, line: int, said: str) -> None:
        found = refusal(text)
        assert (found.file, found.line) == (NAME, line)
        assert said in str(found)


class TestWritten:
    """Values written again."""

    @pytest.mark.parametrize("value", VALUES)
    def test_what_is_written_again_is_read_as_the_same(self, value: str) -> None:
        found = parse(f"a:\n  b: {value}\n  c: [x]\n", NAME)
        again = parse(written(found), NAME)
        assert again.arrives() == found.arrives()
        assert leaves(again) == leaves(found)

    def test_plain_scalars_stay_as_they_were_written(self) -> None:
        text = written(parse("a: 3.10 # c\nb: {c: 012, d: '012', e: yes, f: 课程}\n", NAME))
        assert text == 'a: 3.10\nb:\n  c: 012\n  d: "012"\n  e: "yes"\n  f: 课程\n'

    def test_texts_of_a_program_are_texts_for_every_reader(self) -> None:
        plain = {
            "a": ["3.10", "yes", "1:30", "", "~", "<<", "=", "x: y", "\n", "é\t"],
            "b": {"5": True, "n": None},
        }
        text = written(value_of(plain))
        assert yaml.safe_load(text) == plain
        numbers = written(value_of({"n": 4, "f": 3.5, "l": [], "m": {}}))
        assert yaml.safe_load(numbers) == {"n": 4, "f": 3.5, "l": [], "m": {}}
        with pytest.raises(TypeError):
            value_of(object())


def leaves(value: object) -> list[str]:
    """The texts of all single values."""
    if isinstance(value, Scalar):
        return [value.text]
    if isinstance(value, Items):
        return [text for one in value.values for text in leaves(one)]
    assert isinstance(value, Fields)
    return [text for key, one in value.pairs for text in (key.text, *leaves(one))]
