"""The RAM actions of each call that the product makes, in the names of Alibaba Cloud's permission lists.

Where these disagree, all names are here: an action that doesn't exist grants nothing.
"""

from __future__ import annotations

# What an audit calls.
AUDIT: dict[str, tuple[str, ...]] = {
    # Whether a list of all workspaces needs the second one is not known.
    "ListInstances": ("paidsw:ListInstances", "paidsw:ListAllInstances"),
    "ListEcsSpecs": ("paidsw:ListEcsSpecs",),
    "GetUserConfig": ("paidsw:GetUserConfig",),
    "ListWorkspaces": ("paiworkspace:ListWorkspaces",),
    "ListImages": ("paiimage:ListImages",),
    "ListServices": ("eas:ListServices",),
    "ListResources": ("eas:ListResources",),
    "ListJobs": ("paidlc:ListJobs",),
    "QueryAccountBalance": ("bssapi:QueryAccountBalance",),
    "QueryBillOverview": ("bssapi:QueryBillOverview",),
    "QueryResourcePackageInstances": ("bssapi:QueryResourcePackageInstances",),
}
# What preview and status call as well.
READS: dict[str, tuple[str, ...]] = AUDIT | {
    "GetInstance": ("paidsw:GetInstance",),
    "GetInstanceEvents": ("paidsw:GetInstanceEvents",),
    "GetLifecycle": ("paidsw:GetLifecycle",),
    "GetInstanceSnapshot": ("paidsw:GetInstanceSnapshot",),
    "ListInstanceSnapshot": ("paidsw:ListInstanceSnapshot",),
    "GetWorkspace": ("paiworkspace:GetWorkspace",),
    "GetImage": ("paiimage:GetImage",),
    "ListProducts": ("pai:ListProducts",),
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
ACTIONS = READS | WRITES
