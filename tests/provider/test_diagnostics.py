"""What a plugin's process writes by itself holds no secret, no traceback and no control character."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from paidsw.core.redaction import MASK, Secrets, keeping
from paidsw.provider import server
from paidsw.provider.diagnostics import PlainFormatter, tame
from paidsw.provider.engine import Engine
from paidsw.provider.plugin import PluginServicer

PLANTED = "planted-s3cr3t"


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    secrets = Secrets()
    secrets.add(PLANTED)
    with keeping(secrets):
        yield


def record(message: str, error: Exception | None = None) -> logging.LogRecord:
    found = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("lib", logging.WARNING, __file__, 1, message, (), found)


def test_a_warning_is_one_line_without_secrets() -> None:
    shown = PlainFormatter().format(record(f"bad header {PLANTED}\x1b[31m\nx"))
    assert shown == f"warning: lib: bad header {MASK}\ufffd[31m\ufffdx"


def test_of_an_exception_its_kind_and_place_are_written() -> None:
    try:
        raise ValueError(PLANTED)
    except ValueError as error:
        shown = PlainFormatter().format(record("failed", error))
    assert shown.startswith("warning: lib: failed; internal error: ValueError at test_diagnostics.py:")
    assert PLANTED not in shown


def test_a_task_that_nobody_waits_for_writes_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail() -> None:
        raise ValueError(PLANTED)

    async def body() -> None:
        tame(asyncio.get_running_loop())
        task = asyncio.ensure_future(fail())
        await asyncio.wait([task])
        del task
        asyncio.get_running_loop().call_exception_handler({"message": f"{PLANTED} was never closed"})

    asyncio.run(body())
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("internal error: ValueError at test_diagnostics.py:")
    assert lines[1] == f"{MASK} was never closed"
    assert len(lines) == 2


def test_a_plugin_that_cant_start_ends_in_one_sentence() -> None:
    def broken(_: Engine) -> PluginServicer:
        raise ValueError(PLANTED)

    with pytest.raises(SystemExit, match=r"^internal error: ValueError at test_diagnostics\.py:"):
        server.main(broken, [])
