"""Paired measurements: ratios of one run on one machine, printed and never asserted."""
