"""The rehearsal: the same program on an emulator."""
