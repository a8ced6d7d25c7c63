"""Table, JSON, Markdown and HTML of the same reports, with hostile names and planted secrets."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from paidsw.audit.model import (
    Account,
    Billed,
    Cost,
    Finding,
    Kind,
    NotSeen,
    Owner,
    Pack,
    Report,
    Thing,
    Where,
)
from paidsw.audit.regions import Service
from paidsw.audit.reports import FORMATS, document, html, render
from paidsw.audit.reports.html import LINK
from paidsw.core.text import printable
from paidsw.emulator.aiworkspace.models import Image
from paidsw.rules.rule import Severity
from tests.support.audited import AuditedAccount, declared
from tests.support.cloud import A10, HOME

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "audit.schema.json").read_text(encoding="utf-8"))
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=https://evil.example/x.png onerror=alert(1)>',
    "</bdi></style><h1>big",
    "\x1b[2J\x1b]0;owned\x07\r\nclean: nothing costs",
    "\u202eevil\u202c \u2066x\u2069 \u200f",
    "שלום עולם",
    "| a | b |\n# head\n[x](https://evil.example) ![x](https://evil.example/i.png) @everyone",
    "`${{ secrets.X }}` <!-- https://pai.console.aliyun.com/ -->",
    "&lt;b&gt; &amp;",
    "'; rm -rf ~ #",
    "x" * 5000,
)


class Page(HTMLParser):
    """The tags and attributes of a page, and that every tag ends."""

    VOID = frozenset({"meta", "link"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def busy(world: AuditedAccount) -> Report:
    """An account with much to find and something not to see."""
    world.guarded(hours=4)
    world.guarded("far", region="cn-hongkong")
    world.put(1, disk_gib=200)
    world.emulator.other("eas-service", "eas-m-1", "cn-beijing", name="chat")
    world.emulator.settings(denied=["ListJobs"], billing={"Balance": {"AvailableAmount": "-3"}})
    return world.audit(HOME, "cn-hongkong", "cn-beijing", declared=declared())


def hostile(name: str) -> Report:
    """A report whose every text from the cloud is hostile."""
    where = Where(HOME, Service.DSW, name, name)
    finding = Finding(
        Kind.EAS_SERVICE,
        Severity.CRITICAL,
        f"a service of status {name}",
        where,
        "https://pai.console.aliyun.com/?regionId=cn-beijing (EAS): delete it",
        "free-resources-only",
        since=name,
        cost=Cost(Decimal("1.50"), "CNY", "hour"),
        owner=Owner.NOT_OURS,
    )
    thing = Thing("workspace", where, name, Owner.UNKNOWN, name, (name, name))
    pack, billed = Pack(name, name, name, name, name, name), Billed(name, Decimal("1.005"), name)
    account = Account(name, Decimal(3), "", name, name, (pack,), (billed,))
    missed = NotSeen(HOME, Service.DLC, "DLC jobs", name, "look")
    return Report(name, "2026-01-05T02:00:00Z", (HOME,), (finding,), (missed,), (thing,), account, name)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert {entry["const"] for entry in (SCHEMA["properties"]["version"],)} == {document.VERSION}
    assert set(SCHEMA["$defs"]["finding"]["properties"]["kind"]["enum"]) == set(Kind)
    assert set(SCHEMA["$defs"]["finding"]["properties"]["owner"]["enum"]) == set(Owner)


def test_json_is_as_documented(busy: Report, world: AuditedAccount) -> None:
    for report in (busy, hostile("x"), world.audit(HOME)):
        jsonschema.validate(json.loads(document.text(report)), SCHEMA)
    found = json.loads(document.text(busy))
    assert (found["complete"], found["exitCode"], found["comparedWith"]) == (False, 3, "dsw-free-tier/dev")
    assert {item["kind"] for item in found["findings"]} >= {
        "undeclared",
        "disk",
        "eas-service",
        "out-of-tier",
    }
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found | {"more": 1}, SCHEMA)


@pytest.mark.parametrize("output", FORMATS)
def test_every_output_says_the_same(output: str, busy: Report) -> None:
    written = render(busy, output)
    if output == "markdown":
        written = re.sub(r"&#(\d+);", lambda code: chr(int(code[1])), written)
    if output == "html":
        written = Page(written).words
    for finding in busy.findings:
        assert finding.where.id in written or finding.where.name in written
        assert finding.where.region in written
    assert "DLC jobs" in written
    assert "dsw release dsw-" in written
    assert "INCOMPLETE" in written
    assert "cn-hongkong" in written


def test_the_table_for_people(busy: Report) -> None:
    written = render(busy, "table")
    assert written.startswith("Audit of http://127.0.0.1:")
    blocks = [block.splitlines()[0] for block in written.split("\n\n")][1:-1]
    assert blocks == ["FINDINGS", "NOT SEEN", "THERE", "ACCOUNT"]
    assert "  CRITICAL  cn-hongkong DSW dsw-" in written
    assert re.search(r"11\.60 CNY/hour, ours, not declared, since 2026-01-05T\S+, rule trial-region", written)
    assert (
        "MISSING   cn-beijing, cn-hongkong, cn-wulanchabu DLC: DLC jobs: no permission (ListJobs: NoPermissionError,"
        in written
    )
    assert written.splitlines()[-1] == str(busy.verdict)


def test_a_clean_account_says_what_the_audit_cannot_know(world: AuditedAccount) -> None:
    written = render(world.audit(HOME), "table")
    assert "FINDINGS" not in written
    assert "limit     every region DSW: private instances of other users" in written
    assert written.endswith("Nothing that costs in 1 region")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name_in_the_table(name: str) -> None:
    written = render(hostile(name), "table")
    assert all(letter.isprintable() or letter == "\n" for letter in written)
    lines = len(render(hostile("x"), "table").splitlines())
    assert len(written.splitlines()) == lines


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name_in_html(name: str) -> None:
    page = html.page(hostile(name))
    expected = Page(html.page(hostile("x")))
    found = Page(page)
    assert [tag for tag, _ in found.tags] == [tag for tag, _ in expected.tags]
    assert found.tags == expected.tags
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\x1b]", page)
    assert printable(name) in found.words


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name_in_markdown(name: str) -> None:
    written = render(hostile(name), "markdown")
    lines = render(hostile("x"), "markdown").splitlines()
    assert len(written.splitlines()) == len(lines)
    rows = [line for line in written.splitlines() if line.startswith("|")]
    assert [row.count("|") for row in rows] == [row.count("|") for row in lines if row.startswith("|")]
    assert not re.search(r"[<>`]|https:|\]\(", written)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_whole_and_escaped_in_json(name: str) -> None:
    written = document.text(hostile(name))
    assert written.isascii()
    assert all(letter.isprintable() or letter == "\n" for letter in written)
    assert json.loads(written)["findings"][0]["name"] == name


def test_the_page_asks_nobody_for_anything(busy: Report) -> None:
    page = html.page(busy)
    found = Page(page)
    assert found.open == []
    assert {tag for tag, _ in found.tags} <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "link",
            "h1",
            "h2",
            "p",
            "bdi",
            "b",
            "a",
            "ul",
            "li",
        ),
        *("div", "span"),
    }
    for tag, attributes in found.tags:
        assert "src" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        if "href" in attributes:
            address = str(attributes["href"])
            assert address == "data:," if tag == "link" else LINK.fullmatch(address)
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page


def test_a_name_that_looks_like_a_link_is_none() -> None:
    for address in (
        "https://pai.console.aliyun.com.evil.example/ ",
        "https://evil.example/?https://pai.console.aliyun.com/x",
        "https://pai.console.aliyun.com/?regionId=cn-x&next=evil",
    ):
        assert LINK.search(address) is None


@pytest.mark.parametrize("output", FORMATS)
def test_many_things_make_no_endless_page(output: str, world: AuditedAccount) -> None:
    for number in range(300):
        world.put(number, name=f"many_{number}")
    report = world.audit(HOME)
    written = render(report, output)
    assert len(report.things) == 300
    assert ("250 more" in written) is (output in ("table", "html"))


def planted(world: AuditedAccount) -> list[str]:
    """Secrets in every member of the cloud's answers that may hold one."""
    secrets = [f"S3CRET{number}" for number in range(12)]
    made = world.cloud.running(
        environment_variables={"HF_TOKEN": secrets[0], "AWS_SECRET_ACCESS_KEY": secrets[1]},
        image_auth=secrets[2],
        user_command=None,
    )
    world.change(made, lambda instance: setattr(instance, "token", secrets[3]))
    world.change(
        made,
        lambda instance: vars(instance.spec).update(
            CredentialConfig={"AliyunEnvRoleKey": secrets[4]},
            Datasets=[{"Uri": "oss://b/", "MountPath": "/mnt", "Options": json.dumps({"key": secrets[5]})}],
            ImageUrl=f"user:{secrets[6]}@registry.example/x:1",
        ),
    )
    world.emulator.other(
        "eas-service", "eas-m-1", HOME, AccessToken=secrets[7], ServiceConfig=json.dumps({"k": secrets[8]})
    )
    job: dict[str, Any] = {"Envs": {"PASSWORD": secrets[9]}, "UserCommand": f"login {secrets[10]}"}
    world.emulator.other("dlc-job", "dlc-1", HOME, **job)
    message: dict[str, Any] = {
        "operation": "ListImages",
        "code": "Bad",
        "message": f"key {secrets[11]}",
        "http_status": 400,
    }
    world.emulator.faults.add("error", times=0, **message)
    return secrets


@pytest.mark.parametrize("output", FORMATS)
def test_no_secret_of_the_clouds_answers_is_written(output: str, world: AuditedAccount) -> None:
    secrets = planted(world)
    report = world.audit(HOME)
    written = render(report, output)
    assert {Kind.UNGUARDED, Kind.STORAGE, Kind.EAS_SERVICE, Kind.DLC_JOB} <= {f.kind for f in report.findings}
    assert "saved images" in {str(item.what) for item in report.not_seen}
    assert [secret for secret in secrets if secret in written] == []
    assert "S3CRET" not in repr(report)


def test_hostile_names_through_the_whole_audit(world: AuditedAccount) -> None:
    name = HOSTILE[1] + HOSTILE[3] + HOSTILE[4]
    world.put(
        1, name=name, labels={"paidsw-project": name, "paidsw-stack": name, "paidsw-urn": name}, disk_gib=300
    )
    world.emulator.other("eas-service", name, HOME, name=name, status=name)
    world.emulator.other("dlc-job", f"{name}2", HOME, name=name, status=name)
    image = Image("image-1", HOME, "1", name, name, 0)
    world.emulator.do(lambda cloud: cloud.state.images.update({"image-1": image}))
    world.change("dsw-" + "1".zfill(16), lambda instance: setattr(instance.spec, "EcsSpec", name + A10))
    report = world.audit(HOME, declared=declared())
    assert len(report.findings) >= 5
    assert not any("evil" in str(finding.end) for finding in report.findings)
    page = Page(html.page(report))
    assert not {"script", "img", "h3"} & {tag for tag, _ in page.tags}
    assert all(letter.isprintable() or letter == "\n" for letter in render(report, "table"))
    assert not re.search(r"[<>`]|https:", render(report, "markdown"))
    jsonschema.validate(json.loads(document.text(report)), SCHEMA)


def test_what_many_regions_miss_alike_is_reported_once(world: AuditedAccount) -> None:
    world.emulator.settings(denied=["ListJobs"])
    report = world.audit(HOME, "cn-beijing", "cn-shanghai")
    assert len([item for item in report.not_seen if item.blocking]) == 3
    [missed] = [item for item in report.not_seen_by_reason() if item.blocking]
    assert missed.region == "cn-beijing, cn-shanghai, cn-wulanchabu"
    for written in (render(report, "table"), html.page(report), render(report, "markdown")):
        assert len(re.findall("DLC jobs", written)) == 1
    assert len(json.loads(document.text(report))["notSeen"]) == 4


def test_commands_stay_whole_on_a_narrow_page() -> None:
    page = html.page(hostile("x"))
    assert '<span class="n">cn-wulanchabu</span>' in page
