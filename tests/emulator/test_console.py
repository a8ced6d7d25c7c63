from __future__ import annotations

import re
import urllib.request
from html.parser import HTMLParser

from alibabacloud_pai_dsw20220101 import models as m

from tests.support.cloud import Cloud

HOSTILE = "<script>alert(1)</script>\"'&\u202e\x07"


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for key, value in attrs if key in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


def fetch(cloud: Cloud) -> tuple[str, dict[str, str]]:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        cloud.emulator.url + "/_emulator/"
    ) as answer:
        return answer.read().decode(), dict(answer.headers)


def test_an_empty_account(cloud: Cloud) -> None:
    text, headers = fetch(cloud)
    assert "Nothing lives: all is released." in text
    assert "¥0.00" in text
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_everything_is_on_it(cloud: Cloud) -> None:
    made = cloud.create(cloud_disks=[m.CreateInstanceRequestCloudDisks(capacity="150Gi")])
    cloud.set_timer(made, 4)
    cloud.set_culler(made, 30)
    cloud.emulator.clock.advance(minutes=20)
    text = Page(fetch(cloud)[0]).text
    for part in (
        made,
        "notebook",
        "2026-01-05T06:00:05Z",
        "30 min",
        "6.991 CU/h",
        "50 GiB above the free size",
    ):
        assert part in text
    assert "CreateInstanceShutdownTimer" in text
    assert "2026-01-05T02:20:05Z" in text


def test_it_asks_nothing_of_anyone(cloud: Cloud) -> None:
    cloud.running()
    text, _ = fetch(cloud)
    page = Page(text)
    assert page.links == []
    assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?://", text)


def test_hostile_text_stays_text(cloud: Cloud) -> None:
    made = cloud.create(image_url="registry/" + HOSTILE)
    cloud.emulator.do(lambda c: setattr(c.state.instances[made], "name", HOSTILE))
    cloud.emulator.faults.add("error", "ListInstances", code=HOSTILE)
    try:
        cloud.names()
    except Exception as error:
        assert HOSTILE in str(error.code)  # type: ignore[attr-defined]  # noqa: PT017 - the SDK's exception
    text, _ = fetch(cloud)
    assert "script" not in Page(text).tags
    assert "\u202e" not in text
    assert "\x07" not in text
    assert text.count("&lt;script&gt;") == 2


def test_it_holds_no_token(cloud: Cloud) -> None:
    cloud.running()
    token = cloud.emulator.instances[0].token
    assert len(token) > 20
    assert token not in fetch(cloud)[0]


def test_neither_it_nor_the_list_of_calls_has_a_secret_of_a_notebook(cloud: Cloud) -> None:
    made = cloud.create(environment_variables={"KEY": "planted-s3cr3t"}, image_auth="cGxhbnRlZDpzM2NyM3Q=")
    token = next(one.token for one in cloud.emulator.instances if one.id == made)
    assert len(token) >= 8
    for text in (fetch(cloud)[0], str(cloud.emulator.calls), str(cloud.emulator.live())):
        assert made in text
        assert not [one for one in (token, "planted-s3cr3t", "cGxhbnRlZDpzM2NyM3Q") if one in text]
