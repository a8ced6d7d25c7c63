"""The trial: its terms as data, and the arithmetic of computing units (CU)."""
