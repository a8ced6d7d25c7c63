"""AIWorkSpace 2021-02-04: importing this package registers its operations."""

from . import images, products, workspaces

__all__ = ["images", "products", "workspaces"]
