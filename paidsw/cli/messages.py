"""Every sentence with which a command ends in an error, with the {names} of its values."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences of this package by name."""

    # The command line
    OPTION_IS = "{option} is {value!r}"
    NUMBER_IS = "{option} is {number:g}"
    OPTION_UNUSABLE = "{option} {value!r} can't be used"
    USE = "use {allowed}"
    GIVE = "give {wanted}"
    GIVE_ONE = "give one of them"
    GIVE_PORT = "give a number from 1 to 65535"
    NO_CHECKOUT = "{command} needs a checkout of this project, and this dsw is installed without one"
    CLONE = "clone the project, run make setup there, and use its .venv/bin/dsw"
    NOT_A_STACK_NAME = "--stack {value!r} is not a stack name"
    NO_FOLDER = "there is no folder {folder}"
    GIVE_CHECKOUT = "give the folder of a checkout"
    STACK_LETTERS = "use letters, digits, - _ . only"
    NO_DSW = "--region {region!r} has no DSW"
    NOT_LOCAL = "--emulator-url {url!r} is not on this machine"
    LOCAL_ADDRESS = "its address starts with http://127.0.0.1:"
    TWO_PAGES = "--webide and --terminal are two pages"
    WHOLE = "a whole number from 1"
    GIVE_HOURS = "give hours above 0 and up to 24, such as 1.5"

    # Files and programs of this machine
    NOT_WRITTEN = "{file} can't be written: {why}"
    NOT_READ = "{file} can't be read: {why}"
    NOT_MADE = "{folder} can't be made: {why}"
    NOT_RUN = "{program} can't be run: {why}"
    FREE_SPACE = "free some space, or get the right to write there, and run it again"
    CORRECT_THAT = "correct that"
    NO_PULUMI = "there is no pulumi on this machine yet"
    RUN_SETUP = "run make setup"
    PULUMI_FAILED = "`pulumi {command}` failed: {why}"
    NO_REHEARSAL = "there is no rehearsal here yet"
    REHEARSE = "run make up first"
    NO_EMULATOR = "the rehearsal's emulator doesn't run"
    START_EMULATOR = "start it with dsw emulator start, or make up"

    # The stack's configuration
    NO_STACK_FILE = "there is no {file} in {folder}"
    GIVE_REGION = "give --region, or run it in the folder of the stack"
    BRING_BACK = "bring it back, or run it in the folder of the stack"
    NO_REGION = "{file} has no alicloud:region"
    OF_FILE = "{file}: {problem}"
    SET_REGION = "set it, or give --region"
    ENCRYPTED = "{key} is encrypted in {file} and can't be read here"
    GIVE_AS_OPTIONS = "give it as options, or without --secret"
    CORRECT_IT = "correct it"

    # The notebook that is meant
    NOT_THERE = "there is no {instance!r} in {region}"
    SEE_STATUS = "see dsw status, or name its --region"
    SEVERAL = "{region} has several notebooks"
    SEVERAL_RUN = "{region} has several that run"
    GIVE_ID = "give the id of one: {names}"
    GIVE_ID_OF_MORE = "give the id of one: {names} and {count} more"
    NO_NOTEBOOK = "there is no notebook in {region}"
    MAKE_ONE = "make one with pulumi up, or name another --region"
    NONE_RUNS = "no notebook is running in {region}"
    START_ONE = "start one with pulumi up, or name another --region"
    NOT_YET_RUNNING = "{notebook} is not running yet but {status}"
    WAIT = "wait a minute and run it again"
    NOT_RUNNING = "{notebook} is not running but {status}"
    UP_STARTS_IT = "pulumi up starts it, unless running is set to false"

    # dsw status
    NOT_ALL_LISTED = (
        "notebooks of workspaces that this user is not a member of, which use the same quota ({why}); ask the account's"
        " administrator for the policy docs/ram/read.json"
    )

    # Whose a notebook is
    OF_THIS_STACK = "this stack's"
    OF_THIS_STACK_UNDECLARED = "this stack's, which isn't in its state"
    PERHAPS_OF_THIS_STACK = "perhaps this stack's, made by an earlier version and not in its state"
    OF_ANOTHER_STATE = "another state's, of stack {stack}"
    OF_STACK = "of stack {stack}"
    NOT_OF_THIS_PROJECT = "not made by this project"

    # dsw open
    NO_LINK = "the cloud gives no link to {what}"
    NOT_A_LINK = "the cloud's link to {what} is not a plain web address"
    OPEN_IN_CONSOLE = "open it in the PAI console"
    NO_BROWSER = "no browser can be opened here"
    PRINT_LINK = (
        "print the link with dsw open --print, and open it where there is one; anybody who has it gets in"
    )
    NO_PAGE_THERE = (
        "if the browser can't read the page (one of snap or flatpak, of Windows under WSL, of another machine): dsw "
        "open --print prints the link; anybody who has it gets in"
    )

    # dsw extend
    NO_TIMER = "{name} has no shutdown timer, so its timer can't be moved safely"
    NO_IDLE_SHUTDOWN = "{name} has no idle shutdown, so its timer can't be moved safely"
    GUARD_IT = "run pulumi up first, which sets it for a notebook of the stack, or set it in the PAI console"
    NOT_LONGER = "{name} can't run longer: the trial pays for no more than its timer gives already"
    SEE_LEFT = "dsw status says what is left, and when it is renewed"
    AT_LONGEST = "{name} has as long to run as a session may have: {hours} h from now"
    EXTEND_LATER = "run the same command again later"

    # dsw audit
    TWO_FORMATS = "--json and --format {form} are two formats"
    MINUTES = "minutes from 1 to 1440"
    WATCHED_STDIN = "--watch reads the state again each time, --state - can't be"
    GIVE_FILE = "give a file"
    SECONDS = "seconds from {shortest:g} to {longest:g}"
    STATE_NOT_READ = "--state {file} can't be read: {why}"
    NOT_TEXT = "it is not text"
    GIVE_EXPORT = "give what pulumi stack export wrote"
    WRONG_STATE = "--state {file}: {why}"
    NO_PROJECT_NAME = "{file} doesn't say the project's name"
    NO_AUDIT = "the audit can't begin: {why}"
    OUTPUT_NOT_WRITTEN = "--output {file} can't be written: {why}"

    # A stack's state, and whether it may decide what is deleted
    STATE_FILE = "--state {file}"
    STATE_OF_REHEARSAL = "the rehearsal's state"
    STATE_EMPTY = "{state} is empty, so it can't tell what is left over"
    NAME_INSTANCES = "name what is to be deleted, as dsw audit{option} lists it: dsw release ID{option}"
    STATE_UNDATED = "{state} doesn't say when it was written"
    EXPORT_AGAIN = "export it again: pulumi stack export --file stack.json"
    STATE_OF_STACK = "{state} is of stack {found}, and this is {wanted}"
    GIVE_THIS_STACK = "give the state of this stack, or another --stack in the folder of its project"
    STATE_OF_CLOUD = "{state} is of {found}, and this asks {asked}"
    GIVE_STATE_THERE = "give the state of the stack there, or ask the cloud that it is of"
    THE_CLOUD = "Alibaba Cloud"
    THE_EMULATOR = "the emulator {name}"
    NO_CLOUD = "no cloud"
    STATE_PENDING = "in {state}, the create of {name} is under way"
    CLEAR_PENDING = (
        "wait for the pulumi up that makes it; if that was killed, run"
        " pulumi refresh --clear-pending-creates and export the state again"
    )
    CLEAR_IN_REHEARSAL = "wait for the make up that makes it; if that was killed, run make up or make down"
    STATE_OUTDATED = "{state} isn't the state that the rehearsal has now"
    LEAVE_STATE_OUT = "leave --state out: with --emulator the rehearsal's own state counts"
    STATE_OLDER = "{state} proves nothing about {instance}: {why}"
    REFRESH_AND_EXPORT = "run pulumi refresh and export the state again, or name the instance: {release}"

    # dsw backup
    TWO_SHOWN = "--list and --guide show two things"
    SAVES_NOTHING = "{option} saves nothing"
    LEAVE_OUT_PLACE = "leave out ID, --snapshot and --repository"
    GUIDE_IS_TEXT = "--guide is text"
    LEAVE_OUT_JSON = "leave out --json"
    PART_NOT_SET = "backup.{part} is not set, so there is no place to save to"
    NONE_SET = "backup.snapshot and backup.repository are not set, so there is no place to save to"
    SET_PLACE = (
        "give --snapshot and --repository, or set them once: `pulumi config set --path backup.snapshot llm` and"
        " `pulumi config set --path backup.repository REPO`, where REPO is the VPC address, without a tag, of a"
        " private repository that you make at {registry} in the Personal Edition (个人版), in the notebook's"
        " region"
    )
    CORRECT_PLACE = "correct --snapshot, --repository, or backup in Pulumi.dev.yaml"
    PLACE_NOT_A_MAP = "{setting} in Pulumi.dev.yaml is not a map of snapshot and repository"
    BEING_DELETED = "{notebook} is being deleted, so nothing of it can be saved"
    NOT_SAVED = "{instance} is not saved: {why}"
    INTERRUPTED = "interrupted"
    TOO_LONG = "it took too long"
    IS_GONE = "{not_saved}; it is gone"
    STATE_UNKNOWN = "how it stands can't be told now, see dsw status and run the same again"
    IT_IS = "{not_saved}; it is {status}, and {way}"
    IT_IS_UNGUARDED = "{not_saved}; it is {status} WITH NOTHING THAT STOPS IT, and {way}"
    SNAPSHOT_UNDER_WAY = "snapshot {name} is {status}, which continues in the cloud"
    RUN_TO_WAIT = "run the same again to wait for it"
    NO_SNAPSHOT = "no snapshot is under way"
    THEN_RUN_SAME = "{advice}; then run the same command again"
    FIX_AND_RUN = "fix that and run the same command again"

    # dsw release
    NOTHING_ANSWERS = "--state - leaves nothing to answer from"
    ANSWER_OTHERWISE = "give a file, or --yes, or --dry-run"
    JSON_ASKS_NOTHING = "--json asks nothing"
    GIVE_YES = "give --yes or --dry-run as well"
    TWO_CHOICES = "--undeclared and ids are two choices"
    NONE_NAMED = "no instance is named"
    NAME_SOME = "give the ids of instances, or --undeclared with --state"
    NEEDS_STATE = "--undeclared needs --state"
    EXPORT_FIRST = "run pulumi stack export --file stack.json first"
    NOT_AN_ID = "{value!r} is not an instance id"
    ID_LOOKS_LIKE = "it looks like dsw-0123456789abcdef"
    PLACE_WITHOUT_BACKUP = "--snapshot and --repository say where to save"
    GIVE_BACKUP = "give --backup as well"
    NOT_LOOKED = "nothing can be looked for: {why}"
    NO_INSTANCE = "there is no instance {name} in the regions that were looked at"
    NO_INSTANCE_SEEN = "there is no instance {name} in the regions that were looked at; not seen: {regions}"
    SEE_AUDIT = "see dsw audit{option}"
    IS_DECLARED = "{name} is declared by the stack"
    RELEASE_WITH = "release it with {command}"
    LOST_WITHOUT_BACKUP = "without --backup it is deleted and its files are lost"
    LABELS_CHANGED = "its labels have changed since it was listed"
    STATE_CHANGED = "the state declares it now, or another one has it"
    RUN_SAME = "run the same command again"

    # What dsw release leaves alone
    OF_OTHER_STATE = "another state owns it ({stack}, owner {owner})"
    OF_OTHER_STACK = "stack {stack} owns it"
    OF_EARLIER_VERSION = (
        "an earlier version made it, whose labels don't tell one checkout's state from another's"
    )
    RELEASE_BY_NAME = "if it is left over: {release}"
    ONLY_CLAIMED = "an import was to take it over and isn't finished, so this stack hasn't made it"
    IMPORT_OR_NAME = "finish that with importId and {up}, or name it: {release}"
    ON_ITS_WAY_UP = "it is {status}, so somebody may be making or starting it"
    WAIT_OR_NAME = "wait, or name it: {release}"
    IT_RUNS = "it runs, and nobody said by its id that it shall go"
    SAY_RUNNING = "type its id when asked, or add --running {instance}"
    NOT_LISTED = "--running {instance} is not among what is to be released"
    CORRECT_RUNNING = "give ids that are"
