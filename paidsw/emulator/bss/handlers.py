"""Resource packs, balance and the month's bill. The real ones are hours late; these are not."""

from __future__ import annotations

import re

from pydantic import JsonValue

from ..clock import iso, month_of
from ..errors import ApiError
from ..ledger.bill import trial_end
from ..request import Call, Json

PAI = "learn"
MAX_PAGE = 300


def query_account_balance(call: Call) -> Json:
    """What is left on the account, in yuan, as texts with thousands separators like the service's."""
    balance = {
        "AvailableAmount": "1,000.00",
        "AvailableCashAmount": "1,000.00",
        "CreditAmount": "0.00",
        "MybankCreditAmount": "0.00",
        "QuotaLimit": "0.00",
        "Currency": "CNY",
    }
    over = call.account.state.settings.billing.get("Balance")
    return {"Data": balance | over if isinstance(over, dict) else balance}


def query_packs(call: Call) -> Json:
    """The trial's pack while it is claimed, and the packs in the settings."""
    number = call.query.integer("PageNum", 1) or 1
    size = call.query.integer("PageSize", 20, high=MAX_PAGE) or 20
    packs = [*_trial_packs(call), *_added(call, "Packs")]
    shown = packs[(number - 1) * size : number * size]
    data = {"Instances": {"Instance": shown}, "PageNum": str(number), "PageSize": str(size)}
    return {
        "Data": data | {"TotalCount": str(len(packs))},
        "Page": number,
        "PageSize": size,
        "Total": len(packs),
    }


def query_bill_overview(call: Call) -> Json:
    """What each product cost in a month; use in the emulator counts towards the present month."""
    cycle = call.query.required("BillingCycle")
    if not re.fullmatch(r"\d{4}-\d{2}", cycle):
        raise ApiError(400, "InvalidBillingCycle", "BillingCycle must look like 2026-01")
    total = call.account.bill().total
    items = _added(call, "Items")
    if cycle == month_of(call.now) and total:
        items.insert(
            0,
            {
                "ProductCode": PAI,
                "ProductName": "PAI",
                "Item": "PayAsYouGoBill",
                "SubscriptionType": "PayAsYouGo",
                "PretaxAmount": float(total),
                "Currency": "CNY",
            },
        )
    return {"Data": {"BillingCycle": cycle, "AccountID": call.user_id, "Items": {"Item": items}}}


def _added(call: Call, member: str) -> list[JsonValue]:
    """What the settings add to an answer."""
    added = call.account.state.settings.billing.get(member)
    return list(added) if isinstance(added, list) else []


def _trial_packs(call: Call) -> list[Json]:
    account, trial = call.account, call.account.state.trial
    if trial.claimed_at is None:
        return []
    end = trial_end(account.state, account.tariff)
    return [
        {
            "InstanceId": "dsw-trial-pack",
            "PackageType": "FPT_learn_dsw_free",
            "CommodityCode": "learn_dsw_dp",
            "Region": "cn-all",
            "TotalAmount": str(account.tariff.monthly_cu),
            "TotalAmountUnit": "CU*H",
            "RemainingAmount": str(account.bill().cu_left),
            "RemainingAmountUnit": "CU*H",
            "EffectiveTime": iso(trial.claimed_at),
            "ExpiryTime": iso(end),
            "Status": "Available" if call.now < end else "Expired",
            "DeductType": "Absolute",
            "Remark": "PAI-DSW 免费试用资源抵扣包",
            "ApplicableProducts": {"Product": [PAI]},
        }
    ]
