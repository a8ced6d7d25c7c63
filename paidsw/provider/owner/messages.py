"""Every sentence about owners and cleanups, in English; what changes in one is a named value."""

from __future__ import annotations

from paidsw.core.messages import Texts


class OwnerText(Texts):
    """The sentences by name."""

    OWNER_NOT_IMPORTED = (
        "an owner can't be imported; set ownerId to {owner}, and pulumi up takes its place: pulumi config set ownerId "
        "{owner} (in a program of your own the input ownerId)"
    )
    NOT_AN_OWNER = (
        "an owner can't be imported, and {identifier!r} isn't the id of one, which its instances carry as the label "
        "{label}; set ownerId to that, and pulumi up takes its place: pulumi config set ownerId ID (in a program of "
        "your own the input ownerId)"
    )
    NO_SCOPE = (
        "{identifier!r} doesn't say what is cleaned up; import it as REGION/WORKSPACE_ID/OWNER_ID, with the id that "
        "the instances carry as the label {label}"
    )
    TAKES_PLACE = "this stack takes the place of the owner {owner}, who has {instances}"
    NO_PLACE_TAKEN = "ownerId is {owner}, and nothing in {region} belongs to that owner"
    PLACE_HELD = (
        "{change}, and instance {instance} named {name} ({status}) lives there: that would delete it with all its "
        "files"
    )
    OWNER_HELD = (
        "{change}, and instance {instance} named {name} ({status}) belongs to the owner so far: that would delete it "
        "with all its files"
    )
    NOTHING_THERE = "nothing"
    NOT_KNOWN_YET = "a value that is not known yet"
    SET_BACK_OR_GIVE_UP = (
        "set it back: {back}, or, to give the files up: pulumi config set replaceId {instance} (in a program of your "
        "own the input replaceId)"
    )
    NOT_MOVED_UNSEEN = (
        "{names} can't change, since it can't be checked whether that would delete an instance with all its files "
        "({error})"
    )
    OWN_WORKSPACE = (
        "workspaceId is {workspace}, the workspace that the stack makes itself and would delete then"
    )
    REMOVE_ID_AND_FORGET_OTHER = (
        "remove it: pulumi config rm workspaceId; if the state of this stack has another workspace, take that one out "
        "of it: pulumi state delete URN --target-dependents; pulumi stack --show-urns lists the URNs"
    )
    REMOVE_WORKSPACE_ID = "remove it: pulumi config rm workspaceId"
    HAS_ANOTHER = (
        "importId is {wanted}, and this stack has instance {instance} named {name} ({status}): taking the other one "
        "over would delete all files of {instance}"
    )
    RM_IMPORT_OR_GIVE_UP = (
        "remove it: pulumi config rm importId, or, to give the files up: pulumi config set replaceId {instance} (in a "
        "program of your own the input replaceId)"
    )
    NOT_CLAIMED_UNSEEN = "instance {instance} isn't taken over, since it could not be read ({error})"
    NOT_CLAIMED = "instance {instance} could not be given this owner's label ({error})"
    IMPORT_OWNED = "importId is {instance}, which belongs to {owner}"
    DESTROY_OR_TAKE_PLACE = (
        "destroy it there, or, if that state is lost, take its place: pulumi config set ownerId {owner} (in a program "
        "of your own ownerId of the Owner)"
    )
    IMPORT_ELSEWHERE = "importId is {instance}, which is in the workspace {found}"
    SET_WORKSPACE_ID = "take it over where it is: pulumi config set workspaceId {workspace}"
    RELEASING_UNFINISHED = (
        "instance {instance} named {name} was left by an interrupted create; it holds nothing and is deleted (if "
        "Pulumi goes on to warn of an interrupted create, pulumi refresh --clear-pending-creates ends that)"
    )
    KEEPS_WORKSPACE = (
        "instance {instance} named {name} isn't this stack's and is left alone, but workspace {workspace} can't be "
        "deleted while it is there; once it is gone, run pulumi destroy again"
    )
    OF_REPLACED_OWNER = (
        "instance {instance} named {name} still carries the id of the owner that was replaced; pulumi up gives it the "
        "new one"
    )
    LEFT_AND_STOPPED = (
        "instance {instance} named {name} belongs to this stack, whose state doesn't have it: it is stopped, and its "
        "files are kept; {way_out}"
    )
    LEFT_AND_NOT_STOPPED = (
        "instance {instance} named {name} belongs to this stack, whose state doesn't have it, AND IT COULD NOT BE "
        "STOPPED ({error}): stop it in the PAI console now, it uses up computing hours; {way_out}"
    )
    NO_ANSWER_IN_TIME = "no answer in time"
    WORKSPACE_RELEASED = (
        "workspace {workspace} named {name} was left by an interrupted create; it is empty and is deleted"
    )
    WORKSPACE_STAYS = (
        "workspace {workspace} named {name} was left in {region} by an interrupted create and could not be deleted "
        "({error})"
    )
    WORKSPACE_NOT_ASKED = (
        "whether an interrupted create has left a workspace named {name} in {region} could not be checked ({error}); "
        "it costs nothing, and the PAI console shows it"
    )
    OR_FORGET_OWNER = (
        "empty it in the PAI console and run pulumi destroy again, or keep it: pulumi state delete '{urn}'"
    )
    RUN_DESTROY_AFTER_THAT = (
        "if another stack has it by now, run pulumi up there; after that run pulumi destroy again"
    )
    CANCELLED_CLEANUP = "cancelled before it was clear whether anything of this stack is left in {region}"
    CLEANUP_TOOK_TOO_LONG = "what this stack has left in {region} could not be ended in {seconds:.0f} s"
    CLEANUP_NOT_ASKED = (
        "whether anything of this stack (owner {owner}) is left in {region} can't be checked ({error})"
    )
    OR_FORGET_CLEANUP = (
        "{step}; or, if nothing can be left there that would be billed, leave the check out: pulumi state delete "
        "'{urn}'"
    )
    THEN = "{first}, then {again}"
    SOME_NOT_SEEN = (
        "whether the owner {owner} has anything left in workspaces of {region} that this user may not see could not be "
        "checked ({error})"
    )
