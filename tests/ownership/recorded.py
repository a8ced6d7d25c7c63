"""Histories that are played on the model and on the engine, which must end alike."""

from __future__ import annotations

from tests.ownership.steps import (
    BESIDE,
    CLEANUP,
    CLONE,
    COMPONENT,
    HERE,
    INSTANCE,
    OWNER,
    WORKSPACE,
    Accident,
    CopyState,
    Destroy,
    Edit,
    Forget,
    Move,
    Preview,
    Refresh,
    RenameStack,
    Rewrite,
    Step,
    Strike,
    Up,
)

AT_CREATE = Accident("all", "CreateInstance")
PROVIDER_AT_CREATE = Accident("provider", "CreateInstance")

# Each is short, and all together have every kind of step that a person with a shell can take.
SHORT: dict[str, tuple[Step, ...]] = {
    "a clone with the same workspace": (
        Edit(HERE, "workspaceId", "other workspace"),
        Edit(CLONE, "workspaceId", "other workspace"),
        Up(HERE),
        Up(CLONE),
        Destroy(CLONE),
        Destroy(HERE),
    ),
    "renamed, moved and replaced": (
        Up(HERE),
        RenameStack(HERE, "prod"),
        Up(HERE, replace=(CLEANUP,)),
        Move(HERE, BESIDE, COMPONENT),
        Destroy(HERE),
        Up(BESIDE),
        Destroy(BESIDE),
    ),
}

LONG: dict[str, tuple[Step, ...]] = {
    "killed at the create, then up": (Up(accident=AT_CREATE), Up(), Destroy()),
    "killed at the create, then destroy": (Up(accident=AT_CREATE), Destroy(), Destroy()),
    "provider killed at the create, then destroy": (Up(accident=PROVIDER_AT_CREATE), Destroy(), Destroy()),
    "provider killed, workspace given": (
        Edit(HERE, "workspaceId", "other workspace"),
        Up(accident=PROVIDER_AT_CREATE),
        Destroy(),
    ),
    "provider killed at the create, then up": (Up(accident=PROVIDER_AT_CREATE), Up(), Destroy()),
    "workspace's create without a reply": (
        Strike("cut-after", "CreateWorkspace"),
        Up(),
        Up(),
        Destroy(),
    ),
    "killed at the workspace's create": (Up(accident=Accident("all", "CreateWorkspace")), Up(), Destroy()),
    "the region is changed and set back": (
        Up(),
        Edit(HERE, "alicloud:region", "cn-beijing"),
        Preview(),
        Up(),
        Edit(HERE, "alicloud:region", None),
        Up(),
        Destroy(),
    ),
    "the region is changed in words": (
        Up(),
        Edit(HERE, "alicloud:region", "cn-beijing"),
        Edit(HERE, "replaceId", "own instance"),
        Up(),
        Destroy(),
    ),
    "another workspace in words": (
        Up(),
        Edit(HERE, "workspaceId", "other workspace"),
        Up(),
        Edit(HERE, "replaceId", "own instance"),
        Up(),
        Destroy(),
    ),
    "a chosen name of a workspace": (Up(), Edit(HERE, "workspaceName", "chosen_name"), Up(), Destroy()),
    "its own id is imported": (Up(), Edit(HERE, "importId", "own instance"), Up(), Destroy()),
    "another's id is imported": (
        Up(HERE),
        Edit(CLONE, "importId", "other's instance"),
        Up(CLONE),
        Destroy(HERE),
    ),
    "renamed without an alias": (Up(), Rewrite(HERE, "lab"), Preview(), Up(), Destroy()),
    "renamed with an alias": (Up(), Rewrite(HERE, "lab", ("notebook",)), Up(), Destroy()),
    "removed from the program": (Up(), Rewrite(HERE, removed=True), Up(), Destroy()),
    "the notebook is retained": (
        Rewrite(HERE, retained=(INSTANCE,)),
        Up(),
        Destroy(),
        Destroy(),
    ),
    "the notebook is forgotten": (Up(), Forget(HERE, INSTANCE), Destroy(), Destroy()),
    "the workspace is forgotten": (Up(), Forget(HERE, WORKSPACE), Up(), Destroy()),
    "the notebook is moved alone": (Up(HERE), Move(HERE, BESIDE, INSTANCE), Destroy(HERE), Destroy(BESIDE)),
    "a copied state": (Up(HERE), CopyState(HERE, CLONE), Up(CLONE), Destroy(CLONE), Up(HERE), Destroy(HERE)),
    "the owner is replaced": (Up(), Up(replace=(OWNER,)), Destroy()),
    "the workspace is replaced": (Up(), Up(replace=(WORKSPACE,)), Up(), Destroy()),
    "the notebook is replaced": (Up(), Up(replace=(INSTANCE,)), Destroy()),
    "the delete gets no reply": (Up(), Strike("cut-after", "DeleteInstance"), Destroy(), Destroy()),
    "killed at the delete": (Up(), Destroy(accident=Accident("all", "DeleteInstance")), Destroy()),
    "a failed start": (
        Strike(
            "failed", "CreateInstance", details=(("code", "ImagePullBackOff"), ("message", "cannot pull"))
        ),
        Up(),
        Refresh(),
        Up(),
        Destroy(),
    ),
}
