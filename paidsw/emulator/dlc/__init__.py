"""PAI-DLC 2020-12-03 as far as an audit asks it: importing this package registers its operations."""

from . import jobs

__all__ = ["jobs"]
