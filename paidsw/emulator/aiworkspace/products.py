"""Products: whether PAI is activated, and the order that this emulator never fulfils."""

from __future__ import annotations

from ..errors import ApiError
from ..models import Attempt, Json
from ..routing import BARE, Call, operation

CODES = ("PAI_share", "DataWorks_share", "MaxCompute_share", "OSS_share")


@operation("aiworkspace", "GET", "/api/v1/products", "ListProducts", BARE)
def list_products(call: Call) -> Json:
    """Products by their codes; only PAI's own can be switched on here."""
    codes = [code for code in call.query.text("ProductCodes").split(",") if code] or list(CODES)
    activated = call.cloud.state.settings.activated
    return {
        "Products": [
            {
                "HasPermissionToPurchase": True,
                "IsPurchased": activated and code == "PAI_share",
                "ProductCode": code,
                "ProductId": code.lower(),
                "PurchaseUrl": "",
            }
            for code in codes
            if code in CODES
        ],
        "Services": [],
    }


def record_order(call: Call) -> None:
    """Note that someone tried to place an order."""
    products = ", ".join(item.text("ProductCode") for item in call.body.objects("Products"))
    call.cloud.state.attempts.append(Attempt(call.now, call.operation, call.region, products))


@operation("aiworkspace", "POST", "/api/v1/productorders", "CreateProductOrders", BARE)
def create_orders(call: Call) -> Json:
    """Refuse, and remember it: an order is money."""
    record_order(call)
    call.cloud.commit()
    raise ApiError(403, "NoPermission", "The emulator places no orders: this attempt is on the bill's list")
