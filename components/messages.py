"""Every sentence of the components, in English; what changes in one is a named value. The rules say the rest."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences by name."""

    NO_REGION = "{key} is missing; set it to a region of the trial: pulumi config set {key} {region}"
    REGION_REQUIRED = "region is missing, it is required; set it"
    UNREADABLE = "{prefix}{problem}"
    REFUSED = "{key}: {problem}"
    HIDDEN_REFUSED = "its value, which is secret, is refused; what is allowed: docs/rules.md [{rule}]"
    IN_FILE = "{file}: {problem}"
    TWICE = "{key} sets {name} twice; remove one of the two"
    OTHER_NAMESPACE = (
        "{key} is not read, as this project's settings begin with {project}:; write {project}:{name} instead"
    )
    NO_PATH = (
        "{key} is a key of its own and not a part of {setting}; run pulumi config rm {path}, then "
        "pulumi config set --path {path} VALUE"
    )
    PYTHON_NAME = "{key} is the name in a Python program; in a stack's configuration write {name} instead"
    NOT_KNOWN_YET = "{key} comes from another resource, or isn't known yet; give a value that is known before"
    REGION_NOT_PLAIN = (
        "region is a secret, or isn't known yet, and it is part of names and ids; give it as a plain value"
    )
    KEPT_IN_PLAIN = (
        "{key} is secret, but Pulumi keeps {what} in plain, of which it is a part; set it as a plain value: "
        "pulumi config set {key} VALUE"
    )
    IDS = "the ids of resources"
    NAMES_AND_IDS = "the names and ids of resources"
    NOT_A_RESOURCE = "{type} is not a resource of {package}; use {token}"

    # The workspace
    NOTEBOOK_ELSEWHERE = (
        "no other workspace is made: instance {instance} named {notebook} of this stack is in workspace {id} in "
        "{region}; {advice}"
    )
    UP_SAYS_MORE = "pulumi up refuses it, and says how to go on"
    KEEP_OR_IMPORT = (
        "if this run was to replace the workspace, leave --replace out; if the state has lost it, run pulumi up after "
        "{command}; to give the notebook's files up: pulumi config set replaceId {instance} (in a program of your own "
        "the argument replace_id)"
    )
    NAME_IS_TAKEN = (
        "the name {name} is taken in {region}: a workspace has it, or had it within the last 14 days, and DataWorks "
        "workspaces share the names; give this one another: pulumi config set workspaceName NAME"
    )
    NAME_IN_RECYCLE_BIN = (
        "no workspace in {region} has the name {name} now, but it is taken: a deleted workspace keeps its name in the "
        "recycle bin for 14 days, and DataWorks workspaces share the names; give this one another: "
        "pulumi config set workspaceName NAME"
    )
    NAME_OF_OTHER_WORKSPACE = (
        "workspace {id} in {region} has the name {name} already, and this stack didn't make it; to use it and never "
        "delete it: pulumi config set workspaceId {id}; to give this one another name: "
        "pulumi config set workspaceName NAME"
    )
    NAME_OF_OWN_WORKSPACE = (
        "this stack has made workspace {id} in {region} with the name {name} already; if the answer was lost, run "
        "pulumi up after {command}; if this run was to replace it, leave --replace out"
    )
