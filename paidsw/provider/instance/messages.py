"""Every sentence about reading, importing and replacing an instance, in English, each with named values."""

from __future__ import annotations

from paidsw.core.messages import Texts


class InstanceText(Texts):
    """The sentences by name."""

    # Read and import
    CANCELLED_BEFORE_READ = "cancelled before instance {instance} was read"
    NOT_IMPORTED = "instance {instance} can't be imported: {why}"
    IMPORT_UNGUARDED = (
        "it runs with nothing that stops it, and an import changes nothing; stop it, or set a timer (定时关机) of at "
        "most {hours} hours, in the PAI console, then import it"
    )
    IMPORT_SETS_GUARDS = (
        "instance {instance} lacks {names} as the import declares it; the first pulumi up sets it"
    )
    IMPORT_OF_OTHER_STACK = (
        "it belongs to {owner}, whose pulumi destroy would delete it; destroy it there, or, where that is lost, take "
        "{labels} off in the PAI console, then import it"
    )
    # `pulumi import` runs no program, so it isn't known which owner the stack has.
    OR_TAKE_BACK = (
        "or, if it is this stack's own and only the state has lost it, take it back: pulumi config set importId "
        "{instance}, then pulumi up"
    )
    ITS_LABEL = "its label {label}"
    ITS_LABELS = "its labels {label} and {other}"
    IMPORT_OVER = (
        "this resource has instance {other} already: importing {instance} in its place would delete all files of "
        "{other}"
    )
    NO_IMPORT_OR_DESTROY = (
        "take the import out, or import it as another resource, or, if the files can go, run pulumi destroy --target "
        "'{urn}' first"
    )
    IMPORT_NOT_FOUND = (
        "importId is {instance}, and {region} has no such instance; correct it, or, if it is destroyed, take it out: "
        "pulumi config rm importId"
    )
    IMPORT_OF_OTHER = (
        "importId is {instance}, which belongs to {owner}; destroy it there, or, where that is lost, take its label "
        "{label} off in the PAI console; if this stack was renamed and has it already, pulumi config rm importId"
    )
    IMPORT_BESIDE = (
        "importId is {instance}, but this stack, or another one of its name, has {other} already; to go on with "
        "{other}: pulumi config rm importId"
    )
    IMPORT_GOING = "importId is {instance}, which is being deleted; take it out: pulumi config rm importId"
    IMPORT_DIFFERS = "{setting} is {declared}, and must be {found} to take over {instance}; {command}"
    IMPORT_NOT_SET = "{setting} is not set, and must be {found} to take over {instance}; {command}"
    IMPORT_UNSHOWN = (
        "{setting} differs from what {instance} has, which isn't shown since a secret is in it; take it from the PAI "
        "console: {command}"
    )
    IMPORT_SURPLUS = "{setting} is {declared}, and must not be set to take over {instance}; {command}"
    IMPORT_HIDDEN = (
        "{setting} differs from what {instance} has, and must not be set to take it over; {command}, it can be set "
        "again afterwards"
    )
    IMPORT_SET_THERE = (
        "{setting} is {declared}, and the idle shutdown of {instance} has none; set it to {declared} in the PAI "
        "console"
    )
    IMPORT_WITHOUT_SETTING = (
        "{setting} of {instance} can't be given by a setting; change it in the PAI console, or import it in a program "
        "of your own"
    )
    LABELS_LOST = "instance {instance} has lost this stack's labels; pulumi up puts them back"
    LABELS_OLD = "instance {instance} still has the labels of {resource}; pulumi up renews them"
    CREATE_UNFINISHED = (
        "instance {instance} is still labelled as one whose create never finished; pulumi up ends that"
    )
    FOREIGN = "instance {instance} belongs to {owner} and not to this state, which leaves it alone"
    FORGET_IT = (
        "take it out of this state: pulumi state delete '{urn}', and likewise its workspace if this state has that "
        "(where an interrupted pulumi up of this stack gave it that owner, run pulumi up again instead)"
    )
    IN_BETWEEN = "instance {instance} is {status}, not {end} yet; pulumi up waits for it"
    FAILED_SINCE = "instance {instance} failed: {why}; {advice}"
    STOPPED_SINCE = "instance {instance} was stopped by the cloud: the account owes money; {advice}"

    # Replacement
    WOULD_BE_REPLACED = "{changes}: that would replace instance {instance} and delete all its files"
    CHANGED_FROM = "{name} changes from {old} to {new}"
    SET_BACK_OR_REPLACE = (
        "set it back, or, to give the files up: pulumi config set replaceId {instance} (in a program of your own "
        "the input replaceId)"
    )
    REPLACED_AS_ASKED = "instance {instance} is replaced, as replaceId says, and all its files are deleted"
    REPLACED_BY_ENGINE = (
        "instance {instance} is deleted with all its files, and a new one is made in its place"
    )
    MAY_BE_REPLACED = (
        "{names} is not known yet; if it differs, pulumi up refuses to replace instance {instance}, whose files would "
        "be deleted"
    )
