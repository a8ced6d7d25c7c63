"""A local PAI-DSW and AIWorkSpace on one loopback port, with its own clock, ledger and faults."""
