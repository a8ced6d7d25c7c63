"""The two RAM policies, made from the calls that the code makes: `python -m paidsw.audit.ram` writes docs/ram/ again.

Names of actions are those of Alibaba Cloud's permission lists. Where these disagree, all names are granted: an action
that doesn't exist grants nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "ram"

# What preview, audit and status call.
READS: dict[str, tuple[str, ...]] = {
    "GetInstance": ("paidsw:GetInstance",),
    "GetInstanceEvents": ("paidsw:GetInstanceEvents",),
    "GetLifecycle": ("paidsw:GetLifecycle",),
    "GetInstanceSnapshot": ("paidsw:GetInstanceSnapshot",),
    "ListInstances": ("paidsw:ListInstances",),
    "ListInstanceSnapshot": ("paidsw:ListInstanceSnapshot",),
    "ListEcsSpecs": ("paidsw:ListEcsSpecs",),
    "GetUserConfig": ("paidsw:GetUserConfig",),
    "GetWorkspace": ("paiworkspace:GetWorkspace",),
    "ListWorkspaces": ("paiworkspace:ListWorkspaces",),
    "ListImages": ("paiimage:ListImages",),
    "ListProducts": ("pai:ListProducts",),
    "ListServices": ("eas:ListServices",),
    "ListResources": ("eas:ListResources",),
    "ListJobs": ("paidlc:ListJobs",),
    "QueryAccountBalance": ("bssapi:QueryAccountBalance",),
    "QueryBillOverview": ("bssapi:QueryBillOverview",),
    "QueryResourcePackageInstances": ("bssapi:QueryResourcePackageInstances",),
}
# What up, destroy and release also call. Pulumi's alicloud provider makes the workspace calls.
WRITES: dict[str, tuple[str, ...]] = {
    "CreateInstance": ("paidsw:CreateInstance", "paidsw:CreatePostPaidInstance"),
    "UpdateInstance": ("paidsw:UpdateInstance", "paidsw:UpdatePostPaidInstance"),
    "StartInstance": ("paidsw:StartInstance",),
    "StopInstance": ("paidsw:StopInstance",),
    "DeleteInstance": ("paidsw:DeleteInstance", "paidsw:DeletePostPaidInstance"),
    "CreateIdleInstanceCuller": ("paidsw:CreateIdleInstanceCuller",),
    "DeleteIdleInstanceCuller": ("paidsw:DeleteIdleInstanceCuller",),
    "CreateInstanceShutdownTimer": ("paidsw:CreateInstanceShutdownTimer",),
    "DeleteInstanceShutdownTimer": ("paidsw:DeleteInstanceShutdownTimer",),
    "CreateInstanceSnapshot": ("paidsw:CreateInstanceSnapshot",),
    "UpdateInstanceLabels": ("paidsw:UpdateInstanceLabels",),
    "DeleteInstanceLabels": ("paidsw:DeleteInstanceLabels",),
    "CreateWorkspace": ("paiworkspace:CreateWorkspace",),
    "UpdateWorkspace": ("paiworkspace:UpdateWorkspace",),
    "DeleteWorkspace": ("paiworkspace:DeleteWorkspace",),
}
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
    policies = {"read.json": read_policy(), "write.json": write_policy()}
    return {FOLDER / name: json.dumps(policy, indent=2) + "\n" for name, policy in policies.items()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
