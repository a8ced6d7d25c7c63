"""The provider's functions that the component calls."""

from __future__ import annotations

from typing import Any

import pulumi

from components.arguments import NotebookArgs

_GET_ACCESS = "paidsw:index:getAccess"
_CHECK_IMPORT = "paidsw:index:checkImport"
_GET_WORKSPACE = "paidsw:index:getWorkspace"
# What the SDK and the engine put before a provider's own sentence.
_ANSWERED = "returned an error: "


def require_access() -> None:
    """Ask for credentials, so that missing ones are one sentence and not two failed resources."""
    _call(_GET_ACCESS, {})


def require_import(args: NotebookArgs, region: str) -> None:
    """Ask whether the notebook of `import_id` is as the settings declare it.

    The engine records an import before the provider can refuse it, and the next update would replace what differs.
    """
    if args.import_id is None:
        return
    problems = _call(
        _CHECK_IMPORT,
        {
            "region": region,
            "instanceId": args.import_id,
            "inputs": args.instance_inputs(region, args.workspace_id),
            "project": pulumi.get_project(),
            "stack": pulumi.get_stack(),
        },
    )["problems"]
    if problems:
        raise pulumi.RunError("\n".join(problems))


async def workspace_of_name(name: str, region: str, parent: pulumi.Resource) -> str:
    """The id of the workspace that has a name now; empty for none. Asked under the providers of `parent`."""
    arguments = {"region": region, "workspaceName": name}
    found = await pulumi.runtime.invoke_async(_GET_WORKSPACE, arguments, pulumi.InvokeOptions(parent=parent))
    return str(found["workspaceId"])


def _call(token: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer of a function; its error as a RunError, which the engine shows without a traceback."""
    try:
        answer: dict[str, Any] = pulumi.runtime.invoke(token, arguments).value
    except Exception as error:
        raise pulumi.RunError(str(error).rpartition(_ANSWERED)[2]) from None
    return answer
