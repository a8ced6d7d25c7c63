"""Stands in for an environment's `python`: has the fork server run a script, with this process's streams.

`launcher.py PYTHON SOCKET SCRIPT ARGS…`. What is neither a script nor the emulator is run by PYTHON itself. Signals
are passed on; the exit code is the script's. Imports next to nothing, for it runs hundreds of times.
"""

import marshal
import os
import signal
import sys
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket

EMULATOR = ("-m", "paidsw.emulator")


def main(python: str, address: str, *command: str) -> int:
    """Run the command; its exit code."""
    if command[:2] != EMULATOR and (not command or command[0].startswith("-")):
        os.execv(python, [python, *command])
    passed_on = (signal.SIGINT, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, passed_on)
    server = socket(AF_UNIX, SOCK_STREAM)
    server.connect(address)
    request = marshal.dumps((os.getcwd(), command, dict(os.environ)))
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
    server.sendmsg([len(request).to_bytes(4, "big")], [(SOL_SOCKET, SCM_RIGHTS, streams)])
    server.sendall(request)
    child = int.from_bytes(server.recv(4), "big")
    for number in passed_on:
        signal.signal(number, lambda received, _: os.kill(child, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
    return int.from_bytes(server.recv(4), "big") if child else 1


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))
