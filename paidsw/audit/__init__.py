"""Finds everything that still costs money, in every region, and says what ends it."""
