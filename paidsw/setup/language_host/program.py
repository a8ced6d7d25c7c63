"""Runs a Pulumi program in a fresh interpreter: `python program.py SETTINGS PROGRAM [ARGS…]`.

SETTINGS is a JSON object of what the engine said about the run. Exits as Pulumi's own host does: with 0, with 32 if the
program failed and its reason was sent to the engine, with 1 after a RunError, or with the program's own code.
"""

import asyncio
import gc
import json
import logging
import os
import runpy
import select
import signal
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

REASON_SHOWN = 32
MOST_THREADS = 512
# The engine's words, and the SDK's for the engine's status UNAVAILABLE.
ENGINE_GONE = ("resource monitor shut down", "Resource monitor has terminated")


def user_traceback(error: BaseException, program: str) -> str:
    """The traceback of `error` from the first frame of the program's own folder on; whole if there is none."""
    folder = program if os.path.isdir(program) else os.path.dirname(program)
    found: TracebackType | None = error.__traceback__
    while found is not None and not _own(found.tb_frame.f_code.co_filename, folder):
        found = found.tb_next
    start = found or error.__traceback__
    return "".join(traceback.format_exception(type(error), error, start))


def _own(name: str, folder: str) -> bool:
    # Environments usually live inside the program's folder; so does this file, when the program is its project's.
    if (
        name.startswith("<")
        or _inside(name, sys.prefix)
        or os.path.abspath(name) == os.path.abspath(__file__)
    ):
        return False
    return _inside(name, folder)


def _inside(name: str, folder: str) -> bool:
    return os.path.abspath(name).startswith(os.path.join(os.path.abspath(folder), ""))


def engine_gone(error: BaseException) -> bool:
    """Whether all that failed is a call to an engine that has stopped listening, as it does when a step has failed."""
    return any(text in str(error) for text in ENGINE_GONE)


def configure(settings: dict[str, Any]) -> None:
    """Connect the SDK to the engine and give it the stack's configuration."""
    import pulumi.runtime

    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    )
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=settings["monitor"],
            engine=settings["engine"],
            project=settings["project"],
            stack=settings["stack"],
            parallel=settings["parallel"],
            dry_run=settings["dry_run"],
            organization=settings["organization"] or None,
            root_directory=settings["root_directory"],
        )
    )


def end_with_host() -> None:
    """End this process when the one that started it is gone: a host that was killed has told nobody. Linux only."""
    if sys.platform != "linux":
        return
    host = os.pidfd_open(os.getppid())

    def wait() -> None:
        select.select([host], [], [])
        os._exit(REASON_SHOWN)

    threading.Thread(target=wait, daemon=True).start()


def new_loop(parallel: int) -> asyncio.AbstractEventLoop:
    """An event loop with threads enough for `parallel` resource operations at once."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Each resource operation holds up to four threads of the SDK.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=min(max(parallel, 1) * 4, MOST_THREADS)))
    # The SDK leaves futures unobserved when a program fails; asyncio would report each of them.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    return loop


def run(program: str, parallel: int) -> int:
    """Run the program at the path; the exit code. Failures are shown through the engine."""
    import pulumi
    import pulumi.runtime

    path = os.path.abspath(program)
    if os.path.isdir(path) and not os.path.isfile(os.path.join(path, "__main__.py")):
        pulumi.log.error(f"unable to find main python program `__main__.py` in `{path}`")
        return REASON_SHOWN
    loop = new_loop(parallel)

    def main() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(main))
    except pulumi.RunError as error:
        if engine_gone(error):
            return REASON_SHOWN
        pulumi.log.error(str(error))
        return 1
    except Exception as error:
        if not engine_gone(error):
            pulumi.log.error("Program failed with an unhandled exception:\n" + user_traceback(error, path))
        return REASON_SHOWN
    finally:
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def main() -> None:
    """Run the program that the command line names."""
    # A program loads much and ends soon: a fifth of its time would go into looking for garbage.
    gc.set_threshold(200_000)
    # The engine interrupts a program whose deployment has failed; that isn't an error of the program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The folder of this file must not shadow a module of the program.
    sys.path[:1] = (
        [] if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)) else sys.path[:1]
    )
    end_with_host()
    settings = json.loads(sys.argv[1])
    try:
        configure(settings)
    except ImportError as error:
        sys.exit(
            f"the Pulumi SDK is not installed in {sys.prefix} ({error}); install the project's packages there"
        )
    sys.argv = sys.argv[2:]
    if settings["pwd"]:
        os.chdir(settings["pwd"])
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a real file in a fresh interpreter
    sys.exit(run(sys.argv[0], settings["parallel"]))


if __name__ == "__main__":
    main()
