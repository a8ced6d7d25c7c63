"""Versions that have to agree in several places."""

# The alicloud plugin and its Python package, which the engine compares; our stand-in for the plugin says the same.
ALICLOUD = "4.0.0"
