"""The operations of AIWorkSpace: method, path, handler and envelope of the answer."""

from __future__ import annotations

from functools import partial

from ..routing import BARE, Operation, Service
from . import handlers

SERVICE = Service("aiworkspace", "aiworkspace", "2021-02-04", "paiworkspace")
operation = partial(Operation, SERVICE, envelope=BARE)
WORKSPACES = "/api/v1/workspaces"
WORKSPACE = WORKSPACES + "/{WorkspaceId}"
IMAGES = "/api/v1/images"

OPERATIONS = (
    operation("CreateWorkspace", "POST", WORKSPACES, handlers.create_workspace),
    operation("GetWorkspace", "GET", WORKSPACE, handlers.get_workspace),
    operation("ListWorkspaces", "GET", WORKSPACES, handlers.list_workspaces),
    operation("UpdateWorkspace", "PUT", WORKSPACE, handlers.update_workspace),
    operation("DeleteWorkspace", "DELETE", WORKSPACE, handlers.delete_workspace),
    operation("GetDefaultWorkspace", "GET", "/api/v1/defaultWorkspaces", handlers.get_default_workspace),
    operation("ListImages", "GET", IMAGES, handlers.list_images, ram_actions=("paiimage:ListImages",)),
    operation(
        "GetImage", "GET", IMAGES + "/{ImageId}", handlers.get_image, ram_actions=("paiimage:GetImage",)
    ),
    operation(
        "ListProducts", "GET", "/api/v1/products", handlers.list_products, ram_actions=("pai:ListProducts",)
    ),
    operation(
        "CreateProductOrders",
        "POST",
        "/api/v1/productorders",
        handlers.create_orders,
        ram_actions=("pai:CreateOrder",),
    ),
)
