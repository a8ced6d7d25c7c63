"""PAI-EAS 2021-07-01 as far as an audit asks it: importing this package registers its operations."""

from . import services

__all__ = ["services"]
