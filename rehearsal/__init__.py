"""The rehearsal: the same program on a local cloud."""
