"""BssOpenApi 2017-12-14 as far as an audit asks it: importing this package registers its operations."""

from . import account

__all__ = ["account"]
