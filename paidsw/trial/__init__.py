"""The trial: its terms as data, who is entitled to it, and the arithmetic of computing units (CU)."""
