"""Errors in the wire form that Alibaba Cloud's services answer with."""

from __future__ import annotations

from typing import Any

from paidsw.core.messages import UserError


class EmulatorError(UserError):
    """An error for the user who runs the emulator."""


class ApiError(Exception):
    """An error answer: HTTP status, ``Code`` and ``Message`` of the body, extra headers."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def body(self, request_id: str, host_id: str) -> dict[str, Any]:
        """The JSON body, as the DSW service and the gateway in front of it write it."""
        return {
            "Code": self.code,
            "HttpStatusCode": self.status,
            "HostId": host_id,
            "Message": self.message,
            "RequestId": request_id,
            "Success": False,
        }


def invalid(message: str) -> ApiError:
    """HTTP 400 ``ValidationError``: one of the two codes that the DSW reference documents."""
    return ApiError(400, "ValidationError", message)


def no_instance(instance_id: str) -> ApiError:
    """HTTP 404 for an instance that does not exist, or does not exist any more."""
    return ApiError(404, "ValidationError", f"instance {instance_id} does not exist")


def no_workspace(workspace_id: str) -> ApiError:
    """HTTP 404 with the code by which clients recognise a workspace that is gone."""
    return ApiError(404, "100400027", f"Workspace not exists: {workspace_id}")


def no_permission(action: str, region: str, owner: str) -> ApiError:
    """HTTP 403 for a RAM action, like ``paidsw:GetInstance``, that the caller doesn't have."""
    code, _, name = action.partition(":")
    return ApiError(
        403, "NoPermissionError", f"No permission {name} for resource: acs:{code}:{region}:{owner}:*"
    )
