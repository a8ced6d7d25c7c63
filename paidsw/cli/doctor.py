"""What `dsw doctor` checks: a line each, ok or how to fix it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paidsw.audit.account import month
from paidsw.audit.inventory import INSTANCES, READS, InventoryReader
from paidsw.audit.regions import PLACES, Service
from paidsw.cli.errors import ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.output import BAD, WELL, print_table, styled, wait_for
from paidsw.cli.times import local
from paidsw.cloud import CloudError, Connection, CredentialsMissing, NotFound, NotSent, Refused
from paidsw.cloud.network import trusted
from paidsw.cloud.permissions import READS as READ_ACTIONS
from paidsw.core.text import printable
from paidsw.core.versions import ALICLOUD
from paidsw.setup import engine, layout
from paidsw.setup.versions import OLDEST, new_enough
from paidsw.trial.budget import floored
from paidsw.trial.entitlement import NotEntitled, allowance
from paidsw.trial.terms import TERMS

if TYPE_CHECKING:
    from rich.text import Text as Styled

LEAST_PYTHON = (3, 11)
# The services refuse requests whose time is off by more than a quarter of an hour.
MOST_SKEW = 300.0
# Asked about an instance or workspace that doesn't exist: a missing permission is reported first.
_OF_ONE = frozenset(
    {
        "GetImage",
        "GetInstance",
        "GetInstanceEvents",
        "GetInstanceSnapshot",
        "GetLifecycle",
        "GetWorkspace",
        "ListInstanceSnapshot",
    }
)
# ListInstances of all workspaces, which may need an action of its own.
_ALL_INSTANCES = "ListAllInstances"
_LIST_ALL = "paidsw:ListAllInstances"
_NO_SUCH = "dsw-0000000000000000"
_POLICY = "attach docs/ram/read.json (or write.json) to this user"


@dataclass(frozen=True)
class Line:
    """One check: of what, what was found, and how to fix it (empty when it is fine)."""

    what: str
    found: str
    fix: str = ""


def region(given: str | None) -> str:
    """The region to ask; by default the trial's recommended one."""
    found = given or TERMS.home_region
    if found not in PLACES or Service.DSW not in PLACES[found].services:
        raise UsageError(Text.NO_DSW(region=found), Text.USE(allowed=", ".join(TERMS.region_ids)))
    return found


def check(root: Path, cloud: Connection, region: str) -> list[Line]:
    """Check this machine, then the cloud."""
    on_machine = machine(root, rehearsal=cloud.emulator is not None)
    return [*on_machine, *wait_for(in_cloud(cloud, region), f"asking {region}")]


def exit_code(lines: Iterable[Line]) -> ExitCode:
    """Whether there is something to fix."""
    return ExitCode.FOUND if any(line.fix for line in lines) else ExitCode.OK


def show(lines: Iterable[Line]) -> None:
    """Print a line for each check."""
    rows: list[tuple[Styled, str, str]] = []
    for line in lines:
        mark = styled("fix", BAD) if line.fix else styled("ok", WELL)
        said = f"{printable(line.found)}; {printable(line.fix)}" if line.fix else printable(line.found)
        rows.append((mark, line.what, said))
    print_table(rows)


def document(lines: Iterable[Line]) -> list[dict[str, str | bool]]:
    """For programs."""
    return [
        {"check": line.what, "ok": not line.fix, "found": printable(line.found), "fix": printable(line.fix)}
        for line in lines
    ]


def machine(
    root: Path, environ: Mapping[str, str] | None = None, *, rehearsal: bool = False
) -> Iterator[Line]:
    """Python, the Pulumi CLI, its language host and its plugins; a rehearsal has its own for the workspace."""
    given = os.environ if environ is None else environ
    yield python(sys.version_info[:2])
    pulumi = layout.find_pulumi(root, given)
    version = engine.version(root, pulumi) if pulumi else None
    if pulumi is None or version is None:
        yield Line("Pulumi", "none that runs", _get_pulumi())
        return
    if not new_enough(version):
        yield Line("Pulumi", f"{version} in {pulumi}", f"use {OLDEST} or newer: {_get_pulumi()}")
    else:
        yield Line("Pulumi", f"{version} in {pulumi}")
    yield language_host(root, pulumi, given)
    yield from own_plugins(root, rehearsal)
    if not rehearsal:
        yield alicloud(root, pulumi, given)


def _get_pulumi() -> str:
    if layout.IN_CHECKOUT:
        return "python3 tools setup"
    return "install it with its Python language host (https://www.pulumi.com/docs/install/)"


def python(version: tuple[int, int]) -> Line:
    """The interpreter that runs this."""
    said = f"{platform.python_version()} in {sys.executable}"
    if version < LEAST_PYTHON:
        return Line("Python", said, "use 3.11 or newer")
    return Line("Python", said)


def language_host(root: Path, pulumi: Path, environ: Mapping[str, str]) -> Line:
    """The program that runs Python programs for Pulumi."""
    folders = os.pathsep.join([str(pulumi.parent), str(layout.scripts(root)), environ.get("PATH", "")])
    found = shutil.which(engine.HOST, path=folders)
    return (
        Line("language host", found)
        if found
        else Line("language host", f"no {engine.HOST} beside Pulumi", _get_pulumi())
    )


def own_plugins(root: Path, rehearsal: bool) -> Iterator[Line]:
    """The providers that are here: the notebook's, and in a rehearsal the workspace's."""
    found = {"paidsw": root / "provider"} | (
        {"alicloud": root / "rehearsal" / "alicloud"} if rehearsal else {}
    )
    for name, folder in found.items():
        whole = (folder / "PulumiPlugin.yaml").is_file()
        fix = "" if whole else "get this project again"
        yield Line(f"plugin {name}", str(folder) if whole else f"{folder} is incomplete", fix)


def alicloud(root: Path, pulumi: Path, environ: Mapping[str, str]) -> Line:
    """The provider of the workspace, which Pulumi downloads."""
    fix = (
        f"pulumi plugin install resource alicloud {ALICLOUD} (pulumi up does it too); where its hosts can't be "
        f"reached, with --server and the address of a mirror, or with --file and {alicloud_archive()}"
    )
    try:
        done = subprocess.run(
            [str(pulumi), "plugin", "ls", "--json"],
            env=dict(environ),
            cwd=root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        installed = [(one["name"], one.get("version")) for one in json.loads(done.stdout or "[]")]
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired):
        return Line("plugin alicloud", "Pulumi doesn't list its plugins", fix)
    if ("alicloud", ALICLOUD) in installed:
        return Line("plugin alicloud", ALICLOUD)
    others = ", ".join(str(version) for name, version in installed if name == "alicloud")
    return Line("plugin alicloud", f"{ALICLOUD} is not installed{f', only {others}' if others else ''}", fix)


def alicloud_archive() -> str:
    """The name of the plugin's file for this machine, as its releases and mirrors have it."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"pulumi-resource-alicloud-v{ALICLOUD}-{platform.system().lower()}-{architecture}.tar.gz"


async def in_cloud(cloud: Connection, region: str) -> list[Line]:
    """Credentials, clock, addresses, permissions one by one, trial."""
    try:
        source = await cloud.credentials_source()
    except NotSent as error:
        what = "credentials" if isinstance(error, CredentialsMissing) else "network"
        return [Line(what, str(error.message), str(error.advice))]
    answers = await ask_everything(InventoryReader(cloud, cloud.clock()), region)
    lines = [Line("credentials", f"from {source}" if cloud.emulator is None else "the rehearsal's own")]
    lines.append(await clock(cloud, region, answers))
    lines += addresses(region, answers)
    lines += permissions(answers)
    lines.append(await trial(cloud, answers["GetUserConfig"]))
    return lines


Answers = Mapping[str, tuple[Service, Any]]


async def ask_everything(reader: InventoryReader, region: str) -> dict[str, tuple[Service, Any]]:
    """Every reading operation once, with the least that it can be asked: its service, and answer or error."""
    services = PLACES[region].services
    callers = {service: reader.caller(service, region) for service in (*services, Service.BILLING)}
    asked: dict[str, tuple[Service, dict[str, Any], tuple[str, ...]]] = {
        read.operation: (read.service, {"PageNumber": 1, "PageSize": 1, **read.request}, ()) for read in READS
    }
    asked[_ALL_INSTANCES] = asked[INSTANCES.operation]
    # Of the default workspace alone.
    asked[INSTANCES.operation] = (Service.DSW, {"PageNumber": 1, "PageSize": 1}, ())
    now = datetime.now(UTC)
    asked |= {
        "GetInstance": (Service.DSW, {}, (_NO_SUCH,)),
        "GetInstanceEvents": (Service.DSW, {}, (_NO_SUCH,)),
        "GetInstanceSnapshot": (Service.DSW, {}, (_NO_SUCH, _NO_SUCH)),
        "ListInstanceSnapshot": (Service.DSW, {}, (_NO_SUCH,)),
        "GetLifecycle": (Service.DSW, {}, (_NO_SUCH,)),
        "ListEcsSpecs": (Service.DSW, {"AcceleratorType": "GPU", "PageNumber": 1, "PageSize": 1}, ()),
        "GetUserConfig": (Service.DSW, {}, ()),
        "GetImage": (Service.WORKSPACE, {}, ("0",)),
        "GetWorkspace": (Service.WORKSPACE, {}, ("0",)),
        "ListProducts": (Service.WORKSPACE, {"ProductCodes": "PAI_share"}, ()),
        "QueryAccountBalance": (Service.BILLING, {}, ()),
        "QueryBillOverview": (Service.BILLING, {"BillingCycle": month(now)}, ()),
        "QueryResourcePackageInstances": (Service.BILLING, {"PageNum": 1, "PageSize": 1}, ()),
    }
    work: dict[str, Awaitable[Any]] = {
        name: callers[service](INSTANCES.operation if name == _ALL_INSTANCES else name, request, *path)
        for name, (service, request, path) in asked.items()
    }
    results = await reader.within(work)
    return {name: (asked[name][0], result) for name, result in results.items()}


async def clock(cloud: Connection, region: str, answers: Answers) -> Line:
    """This machine's clock against the cloud's: a signature of another time is refused."""
    fix = "set this machine's clock by the network"
    errors = [answer for _, answer in answers.values() if isinstance(answer, CloudError)]
    if any("InvalidTimeStamp" in error.code for error in errors):
        return Line("clock", "so far off that the cloud turns requests away", fix)
    if cloud.emulator is not None:
        return Line("clock", "near enough for the emulator")
    return skew(await server_date(f"https://pai-dsw.{region}.aliyuncs.com/"), time.time())


def skew(date: str | None, now: float) -> Line:
    """How far off this machine's clock is, by the Date of an answer."""
    try:
        off = now - parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return Line("clock", "the cloud didn't say its time", "see that HTTPS to aliyuncs.com works")
    said = f"{abs(off):.0f} s {'fast' if off > 0 else 'slow'}"
    return Line("clock", said, "set this machine's clock by the network" if abs(off) > MOST_SKEW else "")


async def server_date(url: str) -> str | None:
    """The Date of whatever a server answers; None when none answers."""
    import aiohttp

    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10), trust_env=True) as session,
            session.get(url, allow_redirects=False, ssl=trusted()) as answer,
        ):
            return answer.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError):
        return None


def addresses(region: str, answers: Answers) -> Iterator[Line]:
    """Whether each service answers at all; a refusal is an answer."""
    for service in dict.fromkeys(service for service, _ in answers.values()):
        results = [result for of, result in answers.values() if of is service]
        where = "" if service is Service.BILLING else f" in {region}"
        if any(_answered(result) for result in results):
            yield Line(f"{service}{where}", "answers")
        elif service in (*PLACES[region].official, Service.BILLING):
            yield _silent(f"{service}{where}", results)
        else:
            yield Line(f"{service}{where}", "doesn't answer; no document says that it is there")


def _silent(what: str, results: list[Any]) -> Line:
    error = next((result for result in results if isinstance(result, CloudError)), None)
    if error is None or not error.advice:
        return Line(what, "doesn't answer", "check network, proxy and firewall")
    return Line(what, f"doesn't answer: {error.message}", str(error.advice))


def _answered(result: Any) -> bool:
    return not isinstance(result, TimeoutError) and not (
        isinstance(result, CloudError) and result.status == 0
    )


def permissions(answers: Answers) -> Iterator[Line]:
    """Reading, action by action. Writing can't be tried without writing."""
    for operation, (_, result) in sorted(answers.items()):
        action = _LIST_ALL if operation == _ALL_INSTANCES else READ_ACTIONS[operation][0]
        if isinstance(result, CloudError) and result.lacks_permission:
            yield Line(f"may {action}", "no permission", _POLICY)
        elif not isinstance(result, Exception) or (isinstance(result, NotFound) and operation in _OF_ONE):
            yield Line(f"may {action}", "yes")
        else:
            code = result.brief if isinstance(result, CloudError) else "no answer in time"
            kind = "refused" if isinstance(result, Refused) else "not known"
            yield Line(f"may {action}", f"{kind} ({code})", "run dsw doctor again; see the lines above")
    yield Line(
        "may write", "not tried, since trying is writing; docs/ram/write.json has what pulumi up needs"
    )


async def trial(cloud: Connection, answer: tuple[Service, Any]) -> Line:
    """The state of the free trial."""
    _, config = answer
    if isinstance(config, Exception):
        return Line("trial", "not known", "fix what the lines above name first")
    now = datetime.fromtimestamp(await cloud.clock().now(), UTC)
    try:
        found = allowance(config, now)
    except NotEntitled as error:
        return Line("trial", "doesn't pay", str(error))
    left = floored(found.left_cu, "0.1")
    if left <= 0:
        return Line(
            "trial", "this month's CU are used up", "wait for the next month; until then everything bills"
        )
    return Line("trial", f"at least {left} CU left this month, valid until {local(found.end)}")
