"""The inputs and outputs of owner and cleanup."""

from __future__ import annotations

from pydantic import Field

from paidsw.core import forms
from paidsw.provider.property_model import PropertyModel


class OwnerInputs(PropertyModel):
    """Whom instances belong to: they carry its id as a label, and nobody else's are touched."""

    region: str = Field(min_length=1, description="Region of the instances, like cn-wulanchabu.")
    workspace_id: str | None = Field(
        default=None,
        min_length=1,
        description="An existing workspace of theirs; none if the stack makes its own.",
    )
    workspace_name: str | None = Field(
        default=None,
        pattern=forms.WORKSPACE_NAME,
        description="Name of the workspace that the stack makes; one with the owner's id if absent.",
    )
    owner_id: str | None = Field(
        default=None,
        pattern=forms.OWNER_ID,
        description="Id of an earlier owner whose state is lost, to take its place; a new one if absent.",
    )
    import_id: str | None = Field(
        default=None, pattern=forms.INSTANCE_ID, description="Id of an instance to take over."
    )
    replace_id: str | None = Field(
        default=None,
        pattern=forms.INSTANCE_ID,
        description="Id of the instance that may be replaced, which deletes all its files.",
    )


class OwnerOutputs(PropertyModel):
    """What is known of an owner."""

    owner_id: str = Field(default="", description="Its id, which is also the label's value.")
    workspace_name: str = Field(
        default="", description="Name of the workspace that the stack makes; empty with workspaceId."
    )


class CleanupInputs(PropertyModel):
    """Deletes last what an owner still has in a workspace, which no state may know of."""

    region: str = Field(min_length=1, description="Region of the workspace.")
    workspace_id: str = Field(min_length=1, description="The workspace.")
    owner_id: str = Field(pattern=forms.OWNER_ID, description="Id of the owner.")


class CleanupOutputs(PropertyModel):
    """Nothing beyond the inputs."""
