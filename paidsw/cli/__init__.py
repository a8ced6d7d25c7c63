"""The `dsw` command."""
