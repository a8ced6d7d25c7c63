"""Serves the language host: prints its port on standard output, then works until it is told to stop."""

import gc
import os
import signal
import stat
import sys
import threading
import types
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

_BARE = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto", "pulumi.runtime.proto.codegen")


def bare_packages() -> None:
    """Make the SDK's protocol stubs importable without running the SDK's own `__init__` modules.

    The host needs four generated modules of the SDK. Importing them the usual way loads the whole SDK, 0.2 s that
    every Pulumi command would wait for.
    """
    spec = find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        sys.exit(
            f"pulumi-language-python: the Pulumi SDK is not installed in {sys.prefix}; run the set-up again"
        )
    home = Path(spec.submodule_search_locations[0])
    for name in _BARE:
        package = types.ModuleType(name)
        package.__path__ = [str(home.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


def engine_address(arguments: list[str]) -> str:
    """The engine's address: the last positional argument ("" if there is none); flags are for the official host."""
    positional = [argument for argument in arguments if not argument.startswith("-")]
    return positional[-1] if positional else ""


def tell_when_engine_dies(writer: int) -> None:
    """The engine holds our standard input open as long as it lives: its end means that nobody is left to serve."""
    try:
        if not stat.S_ISFIFO(os.fstat(0).st_mode):
            return
        while os.read(0, 4096):
            pass
    except OSError:
        return
    os.write(writer, b"\0")


def serve(address: str) -> NoReturn:
    """Serve until a signal or the end of the engine at `address`; then stop all children and exit."""
    from .children import Children
    from .server import start

    # A signal may arrive in any thread of the server, which would not wake the main one from a lock: it waits for a
    # byte, the signal's number, that the interpreter writes whichever thread is hit.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    children = Children()
    server, port = start(children, address)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Thread(target=tell_when_engine_dies, args=(writer,), daemon=True).start()
    received = os.read(reader, 1)[0]
    children.stop_all(received or None)
    server.stop(None)
    # Handlers of a vanished engine may hang in a half-closed stream; nothing is left that an orderly exit would save.
    os._exit(0)


def main() -> NoReturn:
    """The `pulumi-language-python` command."""
    gc.set_threshold(200_000)  # as in program.py
    if "pulumi" not in sys.modules:
        bare_packages()
    serve(engine_address(sys.argv[1:]))


if __name__ == "__main__":
    main()
