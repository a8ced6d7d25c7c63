"""Every sentence that the provider says, in English; what changes in one is a named value.

The rules' own sentences, and those about the trial, are in `paidsw.rules` and `paidsw.trial`.
"""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences by name."""

    # Start, configuration and functions
    NO_SDK = "the Pulumi SDK is not installed in {folder}; run python3 tools setup"
    NOT_A_KEY = "paidsw:{key} is not a configuration key of paidsw, which has {named}; remove it"
    MISSPELT_KEY = (
        "paidsw:{key} is not a configuration key of paidsw, did you mean paidsw:{meant}? remove or correct it"
    )
    EMULATOR_NO_TEXT = "paidsw:{key} is not a text; give the folder of an emulator"
    CA_BUNDLE_NO_TEXT = "paidsw:{key} is not a text; give the path of a PEM file"
    STACK_IN_EMULATOR = "{key} was removed, but what this stack has is in that emulator"
    SET_EMULATOR = "set it again: pulumi config set {key} {value}; for the real cloud make another stack"
    STACK_IN_CLOUD = "{key} was set, but what this stack has is in the real cloud"
    REMOVE_EMULATOR = "remove it: pulumi config rm {key}; for an emulator make another stack"
    NOT_A_FUNCTION = "{token} is not a function of paidsw; use one of {known}"
    NOT_A_RESOURCE = "{token} is not a resource of paidsw; use one of {known}"
    BUG = "internal error{where}: {kind} at {place}; please report it"

    VERBATIM = "{sentence}"

    # Inputs and ids
    BOTH_IMAGES = "both imageUrl and imageId are given; give exactly one"
    NO_IMAGE = "neither imageUrl nor imageId is given; give exactly one"
    NO_GPU = "idleInstanceCuller.gpuPercentThreshold is set, and the type {type} has no GPU; remove it"
    ONE_SOURCE = "give either datasetId or uri"
    OPTIONS_NO_JSON = "options is not a JSON object; correct it"
    SAME_FOLDER = "two datasets are mounted at {folder}; give each a mountPath of its own"
    NOT_KNOWN = "{names} is not known yet, so the free-tier rules can't be checked"
    IN_THE_ID = "{name} is secret, but part of the resource's id, which Pulumi keeps in plain; give it as a plain value"
    NO_PLACE = (
        "{identifier!r} doesn't say where the instance is; import it as REGION/INSTANCE_ID, like "
        "cn-wulanchabu/dsw-abc123"
    )
    NEW_BACKUP_AND_REPLACED = (
        "backup is new, and {what} differs from the instance's, which a replacement would delete unsaved; run pulumi "
        "up with the backup alone first, then change {what}; or leave backup out until then, which gives the files up"
    )
    BACKUP_AFTER_IMPORT = (
        "an import takes in what the instance has, and no backup yet: run pulumi up once more after it, until then a "
        "destroy saves nothing"
    )

    # What somebody can run next
    RUN_UP_AGAIN = "run pulumi up again"
    RUN_UP_LATER = "run pulumi up again later"
    RUN_UP_TO_RESUME = "run pulumi up to resume"
    RUN_UP_OR_DESTROY = "run pulumi up to resume, or pulumi destroy to release it"
    RUN_UP_WHEN_GONE = "run pulumi up once it is gone, which creates it again"
    CORRECT_THEN_UP = "correct what the cloud refuses, then run pulumi up; or release it with pulumi destroy"
    CORRECT_IMAGE = (
        "correct the image or its credentials, then run pulumi up; or release it with pulumi destroy"
    )
    UP_LATER = "run pulumi up again later, when there is stock; or release it with pulumi destroy"
    SET_IDLE_SHUTDOWN = (
        "set an idle shutdown (idleMinutes, idleInstanceCuller of an Instance), then run pulumi up again"
    )
    RUN_DESTROY_AGAIN = "run pulumi destroy again"
    RUN_DESTROY_OR_LOOK = "run pulumi destroy again, and look into the PAI console if it stays"
    RUN_REFRESH_THEN_UP = "run pulumi refresh, then pulumi up creates it again"

    # Progress
    RETRIED = "{operation} is retried: {why}"
    WAITING_FOR_ANSWER = "waiting for the cloud to answer: {why}"
    STATUS = "{status}"
    STATUS_WHY = "{status} ({why})"
    NO_REASON = "status {status}, the cloud gives no reason"
    STOPPING_FOR_CHANGE = "stopping for the change"
    STOPPING_AS_DECLARED = "stopping, as declared"
    CHECKING_UPDATE = "checking what UpdateInstance did: {code}"
    SAVING = "saving the environment: {status}"

    # Preview
    WILL_START_FIRST = "a new instance always starts; it is stopped once it runs, as declared"
    WILL_STOP = (
        "instance {instance} is stopped, as declared: what runs in it ends; its disk is kept for {days} days from "
        "then on"
    )
    WILL_RESTART = (
        "instance {instance} is stopped and started again to change {changes}: what runs in it ends, the files on "
        "its disk stay"
    )

    # Create
    CANCELLED_BEFORE_CREATE = "cancelled before an instance was created; nothing was made"
    STILL_BEING_DELETED = "the instance of the same name was still being deleted after {seconds:.0f} s"
    STARTS_FIRST = "a new instance always starts; {instance} is stopped now, as declared"
    TAKEN_OVER = (
        "instance {instance} named {name} was left by an interrupted run; it is taken over (if Pulumi goes on to warn "
        "of an interrupted create, pulumi refresh --clear-pending-creates ends that)"
    )
    TAKEN_BACK = (
        "instance {instance} named {name} belongs to this stack, whose state doesn't have it; it is taken over (if "
        "pulumi state move put it into another state, forget it there: pulumi state delete; if Pulumi goes on to warn "
        "of an interrupted create, pulumi refresh --clear-pending-creates ends that)"
    )
    WILL_BE_TAKEN_OVER = (
        "instance {instance} named {name} ({status}) belongs to this stack, whose state doesn't have it; it will be "
        "taken over, and nothing is created"
    )
    SECOND_ONE = (
        "instance {instance} named {name} ({status}) carries the labels of this resource as well; release it: dsw "
        "release {instance} {options}"
    )
    LOOKING_FOR_NOTED = (
        "an interrupted run may have created an instance that isn't listed yet; looking for it, up to {minutes} "
        "minutes"
    )
    CANCELLED_WHILE_LOOKING = (
        "cancelled while looking for an instance named {name} that an interrupted run may have created; nothing else "
        "was made"
    )
    NAME_OF_OTHER_STACK = (
        "an instance named {name} exists already ({instance}, {status}) and belongs to {owner}"
    )
    NAME_OF_STRANGER = (
        "an instance named {name} exists already ({instance}, {status}) and was not made by this stack"
    )
    NAME_WITHOUT_OWNER = (
        "an instance named {name} exists already ({instance}, {status}); an earlier version made it, for this stack or "
        "for another one of its name"
    )
    MADE_WITHOUT_OWNER = (
        "instance {instance} named {name} ({status}) carries the labels of this resource, but without an owner nobody "
        "can tell if an interrupted run of this stack made it, or another stack of the same name"
    )
    OWNED_ALREADY = (
        "instance {instance} named {name} ({status}) belongs to the same owner already, made by {resource}"
    )
    LEFT_ELSEWHERE = (
        "instance {instance} named {name} ({status}) belongs to this stack, whose state doesn't have it, and is in the "
        "workspace {found} and not in {wanted}"
    )
    CHOOSE_NAME = "choose another instanceName"
    OTHER_NAME = "choose another instanceName, or destroy it there"
    OTHER_NAME_OR_PLACE = (
        "choose another instanceName, or destroy it there, or, if that state is lost, take its place: pulumi config "
        "set ownerId {owner} (in a program of your own ownerId of the Owner)"
    )
    NAME_OF_THIS_STACK = (
        "an instance named {name} exists already ({instance}, {status}) and belongs to this stack, where another "
        "resource has it"
    )
    OTHER_NAME_OR_CHANGE = "choose another instanceName; it can't be taken over: {why}"
    OTHER_NAME_OR_IMPORT = (
        "choose another instanceName, or take it over: {commands} (in a program of your own "
        "import_={region}/{instance}, and inputs as it has them)"
    )
    RELEASE_UNFINISHED = "its create never finished, so release it: dsw release {instance} {options}"
    KEEP_OR_RELEASE = (
        "keep it: {commands} (in a program of your own import_={region}/{instance}, and inputs as it has them), or "
        "give its files up: dsw release {instance} {options}"
    )
    ALIAS_OR_ELSE = (
        "if the resource was renamed, or the component that it is in, undo that and run pulumi up, then rename it with "
        'its old name as an alias: aliases=[pulumi.Alias(name="{name}")]; otherwise {way_out}'
    )
    MOVED_OR_ELSE = (
        "if it changed its parent in the program, undo that, or give it that alias: aliases=[{urn!r}]; if pulumi state "
        "move brought it here without its component, forget it and run pulumi up where it came from: pulumi state "
        "delete {urn!r}; otherwise {way_out}"
    )
    RENAMED = (
        "the notebook {old} of this stack may have become {new} in the program, which would delete instance {instance} "
        "with all its files; give it its old name as an alias: "
        'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="{old}")]); if both are in the program, declare {old} '
        "before {new}; if its files can go: pulumi destroy --target {urn!r}"
    )
    WORKSPACE_OR_ELSE = "use it where it is: pulumi config set workspaceId {found}; or {way_out}"
    THIS_STACKS_OR_NOT = (
        "if another stack made it, give this one an owner (ownerId, of a resource of the type Owner); otherwise "
        "{way_out}"
    )
    NOTHING_APPEARED = "{error}; no instance named {name} has appeared since"
    TAKEN_OVER_LATER = "run pulumi up again: if it appears later, that takes it over"
    NAMED_LATER = "run pulumi up again: if it appears later, that names it and the command that releases it"
    OWNER = "a resource of the stack {stack!r} of the project {project!r}"
    OWNER_NAMED = "{resource} (owner {owner})"
    OWNER_ALIKE = "{resource} in another state (owner {owner})"
    OWNER_ID = "the owner {owner}"

    # Entitlement
    NOT_ASKED = "whether the trial pays can't be checked ({error})"
    OTHERS_NOT_SEEN = (
        "instances of other workspaces, which use the same quota, can't be listed, so whether the trial pays can't be "
        "checked ({error})"
    )
    OR_BILLED = "{advice}; or set {setting}, and what the trial doesn't pay for is billed"
    RUN_DOCTOR = "dsw doctor says what is wrong"
    PAYS_IN_PART = "the trial doesn't pay for the whole session"
    BILLED = "{setting} is on, so it runs although {why}; WHAT THE TRIAL DOESN'T PAY IS BILLED, {cost}"
    PRICE_UNKNOWN = "at a price that the cloud doesn't state"
    PRICE = "at {price} yuan an hour"
    SOLD_OUT = "{type} is sold out in {region} at the moment"
    LATER = "try again later"
    LATER_OR_REGION = "try again later, or another region of the trial"
    NOT_OFFERED = "{region} doesn't offer the instance type {type} to this account"
    OTHER_TYPE = "choose another ecsSpec"
    OTHER_TYPE_OR_REGION = "choose another ecsSpec or another region of the trial"

    # Startup and guards
    NOT_GUARDED = "timer and idle shutdown are not as declared"
    ENDING_UNGUARDED = "instance {instance} has {missing}; ending it"
    NO_GUARDS = "neither shutdown timer nor idle shutdown"
    NO_TIMER = "no shutdown timer"
    NO_IDLE_SHUTDOWN = "no idle shutdown"
    OTHER_GUARDS = "guards that are not as declared"
    ENDING_QUEUED = "instance {instance} still waits for a machine and would start at any hour; ending it"
    GUARDS_NOT_SET = "its guards could not all be set, so {end}"
    GUARDS_NOT_SET_SINCE = "its guards could not all be set ({why}), so {end}"
    WOULD_START_LATE = "it would start at an hour that nobody chose, so {end}"
    ENDED_GONE = "it is gone"
    ENDED_DELETED = "it was deleted, it held nothing yet"
    ENDED_STOPPED = "it was stopped"
    NOT_ENDED = (
        "AND IT COULD NOT BE STOPPED ({error}): stop or delete instance {instance} in the PAI console now, it uses up "
        "computing hours"
    )
    NOT_STOPPED_AGAIN = "instance {instance} could not be stopped again; its guards will stop it"
    NOT_STOPPED_NOR_GUARDED = (
        "instance {instance} could not be stopped again, AND NO GUARD OF IT WAS SEEN; see dsw status, and stop it in "
        "the PAI console"
    )
    START_FAILED = "instance {instance} failed: {why}"
    START_DELETED = "instance {instance} is being deleted: somebody deleted it"
    START_STOPPED = "instance {instance} is {status}, not Running: somebody or a guard stopped it"
    SESSION_NOT_MOVED = (
        "the session of instance {instance} isn't changed, since its idle shutdown is missing, which guards it "
        "meanwhile"
    )
    SESSION_MOVED = "the timer stops instance {instance} in {hours} hours, at {at}"
    SESSION_MOVED_LESS = (
        "the timer stops instance {instance} in {hours} hours, at {at}, and not after sessionHours, since "
        "{why}"
    )
    QUOTA_PAYS_NO_MORE = "the quota pays for no more"
    MONTH_ENDS = "the month's quota ends"
    TRIAL_ENDS = "the trial ends"
    CANCELLED_WHILE = "cancelled while instance {instance} was {status}"
    NOT_IN_TIME = "instance {instance} was not {wanted} after {seconds:.0f} s, last seen {status}"
    STOPPED_FOR_DEBT = "instance {instance} was stopped by the cloud ({error}): the account owes money"
    SETTLE = (
        "settle it in the console's 费用中心 (Expenses), then pulumi up starts it again; the cloud keeps the files for "
        "some days only"
    )
    OF_INSTANCE = "instance {instance}: {error}"

    # Workspace and image
    NO_WORKSPACE = "there is no workspace {workspace} in {region}"
    OTHER_WORKSPACE = (
        "set workspaceId to one that the PAI console lists there, or leave it out for a workspace of the stack's own "
        "(pulumi config rm workspaceId); if the stack made it, pulumi up --refresh makes another"
    )
    NO_OFFICIAL_IMAGE = "{region} has no official image {image}"
    NO_IMAGE_OF_ID = "{region} has no image with the id {image}"
    IMAGE_ALIKE = "set image to one that it has, such as {names}"
    OTHER_IMAGE = (
        "set image to one of the list on the PAI console's create page, or to the address of your own"
    )
    IMAGE_OUT_OF_REACH = (
        "the image's registry is reached from the network of {network} only, and not from {region}"
    )
    IMAGE_IN_REGION = (
        "set image to an address in the notebook's own region, or to the tag of an official image"
    )
    IMAGE_NOT_ASKED = "whether there is such an image can't be checked ({error})"
    NO_IMAGES_LISTED = (
        "the cloud lists no official image in {region}, so whether {image} is one can't be checked; if it isn't, the "
        "notebook doesn't start"
    )

    # The disk of a stopped instance
    CANNOT_SHRINK = "the system disk of instance {instance} has {gib}Gi and can't shrink to {wanted}Gi"
    DECLARE_DISK = (
        "set systemDiskGib to {gib} (in a program of your own the capacity of cloudDisks); a smaller disk takes a new "
        "notebook: save what you need (dsw backup), pulumi destroy, then pulumi up"
    )
    CLEARED = (
        "instance {instance} was stopped for more than {days} days: since {end} the cloud keeps its disk no longer, so "
        "its files are gone"
    )
    START_CLEARED = (
        "start it with an empty disk: pulumi config set startClearedId {instance} && pulumi up (in a program of your "
        "own startClearedId of the Instance), or release it with pulumi destroy"
    )
    STARTS_CLEARED = (
        "instance {instance} is started with an empty disk, as startClearedId says: it was stopped for more than "
        "{days} days, and its files were kept until {end}"
    )

    # Update
    GOING = "instance {instance} is being deleted by now"
    GONE = "instance {instance} is gone"
    CANCELLED_BEFORE_CHANGE = "cancelled before instance {instance} was changed"
    CHANGE_NOT_SHOWN = "the cloud accepted the change of {what} but doesn't show it"
    LABELS_NOT_SHOWN = "the cloud accepted the labels {what} but doesn't show the change"
    STAYS_PUBLIC = (
        "instance {instance} is PUBLIC and can't be made private again, others in its workspace can use up the quota; "
        "{way_out}"
    )
    STAYS_GROWN = (
        "the system disk of instance {instance} was grown to {gib}Gi and can't shrink{cost}; {way_out}"
    )
    GROWN_COST = (
        ": its {gib} GiB beyond the free ones are billed by the hour, stopped or not, until it is deleted"
    )
    REPLACE_IT = (
        "save what you need (dsw backup), then replace it: pulumi up --replace '{urn}' (with importId set, pulumi "
        "config rm importId first)"
    )

    # Delete and backup
    CANCELLED_WHILE_DELETED = "cancelled while instance {instance} was being deleted"
    CANCELLED_BEFORE_DELETED = "cancelled before instance {instance} was being deleted"
    NOT_READ_BEFORE_DELETE = (
        "instance {instance} is not deleted, since it could not be read whose it is ({error})"
    )
    WANTED_NOT_DELETED = (
        "instance {instance} is not deleted: another resource of this run was to have its name, as if this one was "
        "renamed; undo that and run pulumi up, then rename it with its old name as an alias "
        '(aliases=[pulumi.Alias(name="{name}")]); or choose another instanceName'
    )
    IMPORTED_NOT_DELETED = (
        "instance {instance} was imported, and no pulumi up has agreed with it since, so it is not deleted; run pulumi "
        "up until it succeeds, then pulumi destroy; or forget it: pulumi state delete '{urn}'"
    )
    FOREIGN_NOT_DELETED = "instance {instance} is not deleted: it belongs to {owner} and not to this state"
    STILL_THERE = "instance {instance} was still there {seconds:.0f} s after its delete{why}"
    NOT_DELETED = "instance {instance} could not be deleted: {error}; it still exists"
    LOSING = "instance {instance} is deleted with all files on its {disk}; {rest}"
    NOTHING_SAVED = "nothing of it is saved"
    NEVER_RAN = "it never ran, so there is nothing to save"
    SAVED = "its environment is saved: pulumi config set image {image}"
    SAVED_UNSHOWN = "its environment is saved; dsw backup --list shows where, which is a secret here"
    DISK = "disk"
    DISK_SIZES = "disk ({sizes})"
    STARTED_TO_SAVE = "instance {instance} is stopped, and the cloud saves a running one only: it is started"
    SNAPSHOT_FAILED = "snapshot {name} is {status}: {why}"
    NO_REASON_GIVEN = "no reason given"
    KEPT = "instance {instance} is not deleted, since its environment could not be saved ({why}); {state}"
    FIX = "fix that and run pulumi destroy again"
    FIX_OR_BILL = (
        "fix that, or set allowBilling and run pulumi up, which is billed, and then run pulumi destroy again"
    )
    OR_GIVE_UP = "{fix}; or give its files up with dsw release {instance} {options}"
    IT_IS_STOPPED = "it is stopped"
    GUARDS_STAY = "its guards stay in force"
    READ_AND_LIST_DIFFER = "a read says that it is gone, but the list still has it"
    WAS_CANCELLED = "that was cancelled"
    TOOK_TOO_LONG = "it took longer than {seconds:.0f} s"
