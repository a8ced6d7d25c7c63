"""The library of the stack: rules, provider, audit, emulator, set-up and the `dsw` command."""
