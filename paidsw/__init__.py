"""The library of the stack: rules, provider, audit, emulator, set-up and the `dsw` command."""

__version__ = "0.4.0"
