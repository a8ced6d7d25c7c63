"""A secret is found however it is quoted, and ordinary words stay."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import textwrap
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.core.redaction import MASK, Secrets, is_secret_number, keep, keeping, redacted
from paidsw.core.text import printable

TOKEN = 'pl"ánted/töken+1'
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON of Unicode": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "repr": repr,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%C3", "%c3"),
    "a form": quote_plus,
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "HTML": html.escape,
    "HTML numbers": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "lines": lambda text: f"{text[:5]}\r\n  {text[5:9]}\n{text[9:]}",
    "escaped lines": lambda text: f"{text[:5]}\\n{text[5:]}",
    "zero width": lambda text: f"{text[:5]}\u200b{text[5:]}",
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 in lines": lambda text: textwrap.fill(base64.b64encode(text.encode()).decode(), 20),
    "a request in base64": lambda text: base64.b64encode(json.dumps({"V": text}).encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "repr of bytes": lambda text: repr(text.encode()),
    "octal": lambda text: "".join(f"\\{byte:03o}" for byte in text.encode()),
    "code points": lambda text: "".join(f"\\u{{{ord(letter):x}}}" for letter in text),
}


def secrets(*values: object, shown: object = None) -> Secrets:
    found = Secrets()
    for value in values:
        found.add(value, shown)
    return found


def runs(text: str, length: int = 5) -> set[str]:
    return {text[at : at + length] for at in range(len(text) - length + 1)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", [TOKEN, "sk-0123456789abcdef", "中文的秘密口令", "a b c d e f g h"])
def test_a_secret_is_found_in_every_form(secret: str, form: str) -> None:
    quoted = FORMS[form](secret)
    shown = secrets({"TOKEN": secret}).redact(f"The value {quoted} of Key is invalid.")
    assert runs(quoted) & runs(shown) <= runs("The value ") | runs(" of Key is invalid.")
    assert shown.startswith("The value ")
    assert shown.endswith(" of Key is invalid.")
    assert MASK in shown


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=8),
    st.sampled_from(["as it is", "JSON", "JSON in JSON", "percent", "a form", "repr"]),
)
def test_any_text_is_found_within_any_other(secret: str, name: str) -> None:
    form = FORMS[name]
    shown = secrets(secret).redact(f"<<{form(secret)}>>")
    assert secret not in shown.replace(MASK, "")


def test_a_password_in_base64_is_found_by_itself() -> None:
    auth = base64.b64encode(b"learner:pass;word#1").decode()
    text = f"login of learner with pass;word#1 failed ({auth}; learner:pass;word#1)"
    assert secrets({"imageAuth": auth}).redact(text) == f"login of {MASK} with {MASK} failed ({MASK}; {MASK})"


def test_a_token_in_an_address_is_found_by_itself() -> None:
    found = secrets("https://dsw.example.com/1/lab/?x=1&token=abcdef%2B123456")
    assert found.redact("token abcdef+123456 expired") == f"token {MASK} expired"
    assert found.redact("dsw.example.com is busy, 1") == "dsw.example.com is busy, 1"


def test_a_line_of_a_key_is_found_by_itself() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----"
    assert secrets(key).redact("bad line 'MIIEvQIBADANBgkqhkiG9w0B'") == f"bad line '{MASK}'"


def test_a_text_within_json_is_found_by_itself() -> None:
    options = json.dumps({"fs.oss.accessKeySecret": "abcdefgh12345678"})
    assert secrets(options).redact("key abcdefgh12345678") == f"key {MASK}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("is sk-0123456...", f"is {MASK}..."),
        ("is sk-01… now", f"is {MASK}… now"),
        ("is sk-0123****cdef", f"is {MASK}****cdef"),
        ("is …89abcdef!", f"is …{MASK}!"),
        ("is sk-012345 (truncated)", f"is {MASK} (truncated)"),
        ("is sk-0123456789", f"is {MASK}"),
        ("is 'sk-0123456789a' not", f"is '{MASK}' not"),
        ("is sk-01234567 of another", "is sk-01234567 of another"),
    ],
)
def test_a_part_that_was_cut_off_is_found(text: str, shown: str) -> None:
    assert secrets("sk-0123456789abcdef").redact(text) == shown


@pytest.mark.parametrize(
    "sentence",
    [
        "it is true that 1 of 1 instances is on; 8080 of them",
        "instance dsw-1 was not Running after 1 s (HTTP 400, request id 1-true-1)",
        "HOME and PATH are set, bluegrey isn't",
    ],
)
def test_short_and_common_values_dont_garble_sentences(sentence: str) -> None:
    found = secrets({"A": "1", "B": "true", "C": "on", "D": "8080", "HOME": "blue", "PATH": ""})
    assert found.redact(sentence) == sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"Key": "A", "Value": "1"}', f'{{"Key": "A", "Value": "{MASK}"}}'),
        ("A=1, B='true' (on)", f"A={MASK}, B='{MASK}' ({MASK})"),
        ('{\\"B\\": \\"true\\"}', f'{{\\"B\\": \\"{MASK}\\"}}'),
        ("B: true", f"B: {MASK}"),
        ("the color blue, or blue", f"the color {MASK}, or {MASK}"),
        ("1", MASK),
        ("a=%20blue%20b", f"a=%20{MASK}%20b"),
        ("a\\nblue\\tb", f"a\\n{MASK}\\tb"),
        ("a\\u003dblue\\u0026b", f"a\\u003d{MASK}\\u0026b"),
        ("&#98;lue or \\x62lue or %62lue", f"{MASK} or {MASK} or {MASK}"),
        ("E=p%2540+ss or p&amp;#64; ss", f"E={MASK} or {MASK}"),
        ("p%40+ss", MASK),
    ],
)
def test_short_values_are_found_where_they_stand_alone(text: str, shown: str) -> None:
    assert secrets({"A": "1", "B": "true", "C": "on", "D": "blue", "E": "p@ ss"}).redact(text) == shown


def test_what_is_shown_of_the_same_thing_is_no_secret() -> None:
    found = secrets({"REGION": "cn-wulanchabu", "KEY": "sk-12345678"}, shown={"region": "cn-wulanchabu"})
    assert found.redact("cn-wulanchabu has no sk-12345678") == f"cn-wulanchabu has no {MASK}"
    assert secrets({"HOURS": "4", "DAYS": "5"}, shown={"sessionHours": 4.0}).redact("4") == "4"


def test_names_are_no_secrets_unless_they_are_more_than_names() -> None:
    found = secrets({"HF_TOKEN_NAME": "x" * 9, "sk-abc=def ghi": "", "list": [{"deep_down": "y" * 9}]})
    assert found.redact("HF_TOKEN_NAME, deep_down") == "HF_TOKEN_NAME, deep_down"
    assert found.redact(f"sk-abc=def ghi {'y' * 9}") == f"{MASK} {MASK}"


def test_numbers() -> None:
    with keeping(secrets({"hours": 3.14159, "gib": 5, "on": True, "none": None, "nan": float("nan")})):
        assert [is_secret_number(one) for one in (3.14159, 5, 5.0, 6, 1)] == [True, True, True, False, False]
        assert redacted("3.14159 hours, 5 GiB") == "3.14159 hours, 5 GiB"
        assert redacted("hours=3.14159") == f"hours={MASK}"


def test_what_was_replaced_stays_replaced() -> None:
    found = secrets("secret", "[secret]")
    assert found.redact(f"is {MASK}, a secret") == f"is {MASK}, a {MASK}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://x/?SecurityToken=CAIS%2Bz&x=1", f"https://x/?SecurityToken={MASK}&x=1"),
        ("AccessKeySecret=abc Signature=d%3D", f"AccessKeySecret={MASK} Signature={MASK}"),
        ('{"password": "hunter2", "x": 1}', f'{{"password": "{MASK}", "x": 1}}'),
        ('{\\"token\\":\\"t\\"}', f'{{\\"token\\":\\"{MASK}\\"}}'),
        ("https://me:hunter2@proxy:8080/", f"https://me:{MASK}@proxy:8080/"),
        ("the token: expired; signature = none", "the token: expired; signature = none"),
        ("tokens=5 max_tokens_per=3", "tokens=5 max_tokens_per=3"),
    ],
)
def test_what_is_a_secret_by_its_name_is_never_shown(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_a_text_is_cut_after_its_secrets_are_gone() -> None:
    with keeping(secrets("sk-0123456789abcdef")):
        assert printable(f"{'x' * 20} sk-0123456789abcdef", 26) == f"{'x' * 20} [sec…"


def test_control_characters_hide_no_secret() -> None:
    with keeping(secrets("sk-\x1b[31m0123456789")):
        assert printable("is sk-\x1b[31m0123456789\u202e") == f"is {MASK}\ufffd"
        assert printable("is sk-\ufffd[31m0123456789") == f"is {MASK}"


def test_secrets_are_those_of_what_runs_and_of_its_tasks() -> None:
    async def learn() -> None:
        await asyncio.to_thread(keep, "sk-learned-in-a-thread")
        await asyncio.ensure_future(asyncio.to_thread(keep, ["sk-and-in-a-task"]))

    text = "sk-learned-in-a-thread sk-and-in-a-task"
    with keeping(Secrets()):
        asyncio.run(learn())
        assert redacted(text) == f"{MASK} {MASK}"
    keep("sk-learned-in-a-thread")
    assert redacted(text) == text


def test_many_secrets_and_a_long_text_take_no_time() -> None:
    found = secrets({f"K{at}": f"value-{at}-{'x' * 50}" for at in range(50)}, "y" * 20_000)
    for text in (
        "value... " * 200 + "y" * 30_000,
        "=" * 5000,
        "\\u0041" * 2000,
        "token=" * 2000,
        "a:" * 5000,
    ):
        assert len(found.redact(text)) <= len(text) + len(MASK)
