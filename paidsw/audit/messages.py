"""Every sentence of the audit, with the {names} of its values."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences of this package by name."""

    # What was found in a notebook
    RULE_BROKEN = "{what} (allowed: {allowed})"
    RULE_BROKEN_STOPPED = "{what} (allowed: {allowed}) (it is stopped: this costs once it is started)"
    PAID_IN_ADVANCE = (
        "an instance paid for in advance: stopping or deleting it refunds nothing, and it may renew itself"
    )
    LEFT_OVER = "made by this stack, and not in its state: left over from a crash or a lost state"
    ONLY_CLAIMED = "an import was to take it over and isn't finished; importId and {up} finish it"
    MAYBE_LEFT_OVER = "its labels name this stack, and its state doesn't have it, which proves nothing: {why}"
    NOT_OURS = "runs without a label of this project; all instances share the trial's quota"
    DISK_CLEARED = (
        "stopped, so the cloud deletes what is on its disk {days} days after the stop: {when} ({date}); it costs"
        " nothing"
    )
    DISK_CLEARED_SOME_TIME = (
        "stopped, nobody can tell since when, and the cloud deletes what is on its disk {days} days after the stop; it "
        "costs nothing"
    )
    DISK_IS_CLEARED = (
        "stopped for more than {days} days, so the cloud has deleted what was on its disk; it costs nothing"
    )
    IN_DAYS = "in {left} days at the latest"
    IN_A_DAY = "in 1 day at the latest"
    WITHIN_A_DAY = "within a day"
    GONE = "stack {stack} declares it, and it isn't there any more; it costs nothing"
    NOT_PAID = "it runs, and the trial doesn't pay: {why}"
    CU_USED_UP = "the month's CU are used up"
    QUOTA_TOO_SMALL = (
        "the running instances may use {needed} CU until their timers end, and {left} are left this month;"
        " the rest would bill"
    )

    # Why a state proves nothing about an instance that it doesn't have
    STATE_IS_EMPTY = "the state is empty"
    STATE_HAS_NO_TIME = "the state doesn't say when it was written"
    STATE_IS_OLDER = "the state is of {state}, and it was made or changed at {changed}"
    STATE_IS_OUTDATED = "the stack has another state by now"
    CREATE_IS_PENDING = "in the state, a create is under way"
    AGE_UNKNOWN = "the cloud doesn't say when it was made"
    EARLIER_VERSION = "an earlier version made it, whose labels don't tell one state from another"

    # What was found beside notebooks
    EAS_SERVICE = (
        "an EAS service ({status}, machines: {machines}); it bills apart from the DSW trial, day and night,"
        " whether anybody calls it or not"
    )
    EAS_RESOURCES = (
        "a dedicated EAS resource group with {total} machines ({paid} pay as you go, {ahead} paid in advance), which"
        " bill whether a service runs on them or not"
    )
    DLC_JOB = "a DLC job that hasn't ended ({status}); it bills apart from the DSW trial"
    FREE_IMAGE = (
        "a saved image in Container Registry's Personal Edition;"
        " it costs nothing, and stays until it is deleted"
    )
    IMAGE = "a saved image; where its Container Registry is a paid edition, storing it bills"
    UNKNOWN_STATUS = "of unknown status"
    UNKNOWN_COUNT = "unknown"
    BILLED = "{product} was billed in {month} (hours late, so it may be more by now)"
    OWES = "the account owes {amount} {currency}"

    # What ends it
    DESTROY = "pulumi destroy"
    MAKE_DOWN = "make down"
    UP = "pulumi up"
    MAKE_UP = "make up"
    REFRESH = "pulumi refresh"
    REHEARSE_AGAIN = "make up makes it again, make down forgets it"
    RELEASE = "dsw release {id} --region {region}{option}"
    DELETE_IN_CONSOLE = "delete it at {console} (DSW)"
    EMULATOR_RESET = "dsw emulator reset, which empties the emulator"
    DOWN_AND_RESET = "make down, then {reset}"
    RESET_AT_URL = (
        "curl -X POST -H Content-Type:application/json {url}/_emulator/reset, which empties the emulator"
    )
    DESTROY_OR_RELEASE = "pulumi destroy in its stack ({stack}), or {release}"
    NAMED_BY_LABELS = "its labels name it"
    RELEASE_OR_CONSOLE = "{release}, or {console} (DSW), if it is yours"
    RELEASE_IF_YOURS = "{release}, if it is yours"
    END_RENEWAL = "end its renewal in the console's 费用中心 (Expenses), then {end}"
    KEEP_OR_END = "start it once to keep the files, or {end}"
    KEEP_BILLED_OR_END = "start it once to keep the files, which is billed, or {end}"
    STOP_SERVICE = "{console} (Model Deployment, EAS): stop or delete the service"
    DELETE_MACHINES = "{console} (EAS, resource groups): delete its machines, then the group"
    STOP_JOB = "{console} (Deep Learning Containers, DLC): stop the job"
    DELETE_IMAGE = (
        "delete it at https://cr.console.aliyun.com/ and at {console} (AI Asset Management, images)"
    )
    END_BILLED = "{expenses}: the bill details name it; end that"
    SEE_OWED = "{expenses}: see what the debt is for"

    # What is there
    STOPS_AT = "stops at {time}"
    NO_TIMER = "no shutdown timer"
    STOPS_IDLE = "stops after {minutes} idle minutes"
    NO_CULLER = "no idle culler"
    NO_TYPE = "no instance type"
    OF_STACK = "stack {stack}"
    DEFAULT_WORKSPACE = "the region's default workspace, free"
    FREE = "free"
    VALID_UNTIL = "valid until {time}"
    NOT_READ = "not read"

    # What wasn't seen
    INSTANCES = "notebook instances"
    INSTANCES_ELSEWHERE = "notebook instances of workspaces that this user is not a member of"
    WORKSPACES = "workspaces"
    IMAGES = "saved images"
    EAS_SERVICES = "EAS services"
    EAS_RESOURCE_GROUPS = "EAS resource groups"
    DLC_JOBS = "DLC jobs"
    PRICES = "prices of instance types"
    PRIVATE_INSTANCES = "private instances of other users of this account"
    ADMINISTRATORS_ONLY = "the cloud lists them to administrators of their workspace only"
    RUN_AS_ACCOUNT = (
        "run the audit as the account itself or as a workspace administrator,"
        " if the account has several users"
    )
    MONEY = "balance, this month's bill and resource packs"
    LEFT_OUT = "--without-billing leaves them out"
    RUN_WITH_BILLING = "run the audit without that option"
    BALANCE = "the account's balance"
    BILL = "this month's bill"
    PACKS = "resource packs"
    TRIAL = "the trial"
    ONE_INSTANCE = "one instance"
    NO_ADDRESS = "the service has no address there, and no document says that it is there"
    NOT_OFFERED = "nothing: it is probably not offered there"
    NO_ANSWER = "no answer within {seconds} s"
    NO_CREDENTIALS = "no credentials"
    NO_PERMISSION = "no permission ({detail})"
    THROTTLED = "asked too often ({detail})"
    UNUSABLE = "the answer can't be used ({detail})"
    NOT_REACHABLE = "not reachable: {why}"
    REFUSED = "refused ({detail})"
    CHECK_NETWORK = "check the network, then run the audit again"
    RUN_FOR_REGION = "run the audit again, with --region for this region"
    SET_CREDENTIALS = "set credentials; dsw doctor says where they are looked for"
    ATTACH_POLICY = "attach the policy docs/ram/audit.json to this user, for the whole account"
    RUN_LATER = "run the audit again in a minute"
    RUN_DOCTOR = "run the audit again; dsw doctor tells more"

    # The verdict
    NOTHING_COSTS = "nothing that costs"
    NOTHING_COSTS_IN = "Nothing that costs in {regions}"
    FINDINGS_IN = "{findings} in {regions}"
    INCOMPLETE = "INCOMPLETE: {findings} where the audit could look, and {failed} of its looks failed"
    ONE_FINDING = "{count} finding"
    MANY_FINDINGS = "{count} findings"
    ONE_REGION = "{count} region"
    MANY_REGIONS = "{count} regions"

    # The report around them
    TITLE = "What still costs on PAI"
    AUDIT_OF = "Audit of {cloud} at {time}"
    AUDIT_OF_COMPARED = "Audit of {cloud} at {time}, compared with stack {stack}"
    AUDIT_VERDICT = "PAI audit: {verdict}"
    HEADLINE = "{cloud}, {time}"
    HEADLINE_COMPARED = "{cloud}, {time}, compared with stack {stack}"
    END_IT = "end it: {end}"
    SINCE = "since {time}"
    RULE = "rule {rule}"
    LIMIT = "(limit) {why}"
    MORE_OF_KIND = "{count} more of kind {kind}"
    AND_MORE = "and {more}"
    COUNT_MORE = "{count} more"
    TRIAL_IS = "Trial: {trial}"
    TRIAL_IS_WITH = "Trial: {trial}, at least {left} CU left this month"
    PACK_IS = "Pack: {name}: {left} of {total} {unit} left, {status}, until {until}"
    BALANCE_IS = "Balance: {amount} {currency}"
    BILLED_IS = "Billed this month (hours late): {product}: {amount} {currency}"
    OWNED_DECLARED = "ours, declared"
    OWNED_UNDECLARED = "ours, not declared"
    OWNED_OURS = "ours by its labels"
    OWNED_UNPROVEN = "perhaps ours, of an earlier version"
    OWNED_OTHER_OWNER = "of another state"
    OWNED_OTHER_STACK = "of another stack"
    OWNED_NOT_OURS = "not ours"
