"""What each operation of PAI-DSW answers."""
