"""A stand-in for the alicloud plugin: PAI workspaces on a local emulator, nothing else."""
