"""The provider plugin: `pulumi-resource-paidsw ENGINE_ADDRESS`, or `python -m paidsw.provider`."""

from __future__ import annotations

import sys

from paidsw.provider.launch import prepare


def main() -> None:
    """Serve the engine whose address is on the command line."""
    prepare()
    from paidsw.provider.server import main as serve
    from paidsw.provider.servicer import PaiDswServicer

    serve(PaiDswServicer, sys.argv[1:])


if __name__ == "__main__":
    main()
