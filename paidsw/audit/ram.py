"""The RAM policies, made from the calls that the code makes: `python -m paidsw.audit.ram` writes docs/ram/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from paidsw.cloud.permissions import AUDIT, READS, WRITES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "ram"

# What places orders. CreateProductOrders is pai:CreateOrder in the permission list.
ORDERS = (
    "pai:CreateOrder",
    "pai:CreateProductOrders",
    "paiworkspace:CreateProductOrders",
    "paidsw:CreatePrePaidInstance",
    "bssapi:CreateInstance",
    "bssapi:CreateResourcePackage",
    "bssapi:RenewInstance",
    "bssapi:RenewResourcePackage",
    "bssapi:UpgradeResourcePackage",
)


# What gives a way into a notebook, or shows what runs in it and what was said of it.
INSIDE = (
    "paidsw:GetToken",
    "paidsw:ListSystemLogs",
    "paidsw:GetInstanceMetrics",
    "paidsw:GetMetrics",
)


def audit_policy() -> dict[str, Any]:
    """Lists only. A workspace role may allow more than RAM does, so all else is denied, not just left out."""
    others = {name: actions for name, actions in (READS | WRITES).items() if name not in AUDIT}
    return _policy(AUDIT, denied=(*ORDERS, *INSIDE, *_actions(others)))


def read_policy() -> dict[str, Any]:
    """Reads only. A workspace role may allow more than RAM does, so writes are denied, not just left out."""
    return _policy(READS, denied=(*ORDERS, *_actions(WRITES)))


def write_policy() -> dict[str, Any]:
    """Reads and writes, no orders."""
    return _policy(READS | WRITES, denied=ORDERS)


def _actions(operations: dict[str, tuple[str, ...]]) -> list[str]:
    return [action for actions in operations.values() for action in actions]


def _policy(operations: dict[str, tuple[str, ...]], denied: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Version": "1",
        "Statement": [
            # The permission lists have no finer resource than all.
            {"Effect": "Allow", "Action": sorted(_actions(operations)), "Resource": "*"},
            {"Effect": "Deny", "Action": sorted(denied), "Resource": "*"},
        ],
    }


def files() -> dict[Path, str]:
    """The files and their contents."""
    policies = {"audit.json": audit_policy(), "read.json": read_policy(), "write.json": write_policy()}
    return {FOLDER / name: json.dumps(policy, indent=2) + "\n" for name, policy in policies.items()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
