"""Images' addresses: what can be one, and which sentence another gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.rules.examples import valid_instance
from paidsw.rules.images import Reference
from paidsw.rules.registry import evaluate

HOST = "registry.cn-wulanchabu.aliyuncs.com"
DIGEST = "sha256:" + "0123456789abcdef" * 4


def said(image: object) -> list[str]:
    found = evaluate({**valid_instance(), "imageUrl": image})
    return [str(one.message) for one in found if one.rule == "image-reference"]


@pytest.mark.parametrize(
    "image",
    [
        f"{HOST}/me/nb:1",
        f"{HOST}/me/nb",
        f"{HOST}:443/me/nb:1",
        f"{HOST}/me/n_b/n__b/n--b/n.b:1",
        f"{HOST}/me/nb:1@{DIGEST}",
        f"{HOST}/me/nb@{DIGEST}",
        f"{HOST}/me/nb:{'t' * 128}",
        "pytorch/pytorch:2.6.0-cuda12.4",
        "localhost:5000/nb:Latest",
    ],
)
def test_an_address_that_can_be_one_is_taken(image: str) -> None:
    assert said(image) == []


@pytest.mark.parametrize(
    ("image", "what"),
    [
        (f"https://{HOST}/me/nb:1", "given as a web address"),
        (f"http://{HOST}/me/nb:1", "given as a web address"),
        (f"docker://{HOST}/me/nb:1", "given as a web address"),
        (f"oci://{HOST}/me/nb:1", "given as a web address"),
        (f"docker pull {HOST}/me/nb:1", "given as a command"),
        (f"  sudo docker pull {HOST}/me/nb:1", "given as a command"),
        (f"podman run -it {HOST}/me/nb:1", "given as a command"),
        (f"{HOST}/pai/docker pull pytorch:2.6.0", "given as a command"),
        (f"{HOST}/me/nb:1 ", "a blank or a control character"),
        (f" {HOST}/me/nb:1", "a blank or a control character"),
        (f"{HOST}/me/n b:1", "a blank or a control character"),
        (f"{HOST}/me/nb:1\n", "a blank or a control character"),
        (f"{HOST}/me/nb:1\t", "a blank or a control character"),
        (f"{HOST}/me/nb:\u30001", "a blank or a control character"),
        (f"{HOST}/me/nb\0:1", "a blank or a control character"),
        (f"{HOST}/Me/nb:1", "upper-case letters"),
        (f"{HOST}/me/NB:1", "upper-case letters"),
        (f"{HOST}/me/NB@{DIGEST}", "upper-case letters"),
        (f"{HOST}/me/nb:", "tag is not one"),
        (f"{HOST}/me/nb:.1", "tag is not one"),
        (f"{HOST}/me/nb:a/b", "tag is not one"),
        (f"{HOST}/me/nb:中", "tag is not one"),
        (f"{HOST}/me/nb:{'t' * 129}", "tag is not one"),
        (f"{HOST}/me/nb@", "digest is not whole"),
        (f"{HOST}/me/nb@sha256:abc", "digest is not whole"),
        (f"{HOST}/me/nb@sha256:{'g' * 64}", "digest is not whole"),
        (f"{HOST}/me/nb:1@{DIGEST}@{DIGEST}", "digest is not whole"),
        (f"{HOST}//nb:1", "not an address"),
        (f"{HOST}/me/nb/:1", "not an address"),
        (f"{HOST}/me/-nb:1", "not an address"),
        (f"{HOST}/me/nb:1:2", "not an address"),
        (f"{HOST}/{'n' * 256}:1", "not an address"),
        (f"me:pass@{HOST}/me/nb:1", "digest is not whole"),
        ("", "not an address"),
        (5, "not an address"),
        (["nb:1"], "not an address"),
    ],
)
def test_one_that_cannot_be_is_one_sentence_that_says_why(image: object, what: str) -> None:
    (text,) = said(image)
    assert what in text
    assert "\n" not in text
    assert not isinstance(image, str) or not image.strip() or image.strip() not in text


NAME = st.from_regex(r"[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?", fullmatch=True)
TAG = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)


@given(st.lists(NAME, min_size=1, max_size=4), st.none() | TAG, st.booleans())
def test_the_parts_of_an_address_are_those_it_was_made_of(
    names: list[str], tag: str | None, whole: bool
) -> None:
    repository = "/".join([HOST, *names])
    digest = DIGEST if whole else None
    url = repository + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    found = Reference.of(url)
    assert found == Reference(repository, tag, digest)
    assert found.has_usable_tag
    assert found.has_usable_digest


@given(st.text())
def test_no_text_is_taken_that_a_shell_or_a_line_would_split(text: str) -> None:
    found = Reference.of(text)
    if found is not None and found.has_usable_tag and found.has_usable_digest:
        assert text.isascii()
        assert text.split() == [text]
