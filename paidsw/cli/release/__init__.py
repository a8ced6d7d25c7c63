"""What `dsw release` does: show, ask, delete, and wait until a read confirms it."""
