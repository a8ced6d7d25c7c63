"""Every sentence of the audit's findings, with the {names} of its values."""

from __future__ import annotations

from typing import Final

# --- what was found in a notebook ---
RULE_BROKEN: Final = "{what} (allowed: {allowed})"
RULE_BROKEN_STOPPED: Final = "{what} (allowed: {allowed}) (it is stopped: this costs once it is started)"
PAID_IN_ADVANCE: Final = (
    "an instance paid for in advance: stopping or deleting it refunds nothing and may renew itself"
)
LEFT_OVER: Final = "made by this stack, and not in its state: left over from a crash or a lost state"
NOT_OURS: Final = "runs without a label of this project; the quota of the trial is one for all instances"
DISK_CLEARED: Final = (
    "stopped, so the cloud deletes what is on its disk {days} days after the stop: in {left} days at the latest"
    " ({date}); it costs nothing"
)
GONE: Final = "stack {stack} declares it, and it isn't there any more; it costs nothing"
NOT_PAID: Final = "it runs, and the trial doesn't pay: {why}"
CU_USED_UP: Final = "the month's CU are used up"
QUOTA_TOO_SMALL: Final = (
    "the running instances may use {needed} CU until their timers end, and {left} are left this month;"
    " the rest would bill"
)

# --- what was found beside notebooks ---
EAS_SERVICE: Final = (
    "an EAS service ({status}, machines: {machines}); it bills apart from the DSW trial, day and night,"
    " whether anybody calls it or not"
)
EAS_RESOURCES: Final = (
    "a dedicated EAS resource group with {total} machines ({paid} pay as you go, {ahead} paid in advance), which"
    " bill whether a service runs on them or not"
)
DLC_JOB: Final = "a DLC job that hasn't ended ({status}); it bills apart from the DSW trial"
FREE_IMAGE: Final = (
    "a saved image in Container Registry's Personal Edition; it costs nothing, and stays until it is deleted"
)
IMAGE: Final = "a saved image; where its Container Registry is a paid edition, storing it bills"
UNKNOWN_STATUS: Final = "of unknown status"
UNKNOWN_COUNT: Final = "unknown"
BILLED: Final = "{product} was billed in {month} (hours late, so it may be more by now)"
OWES: Final = "the account owes {amount} {currency}"

# --- what ends it ---
DESTROY: Final = "pulumi destroy"
REFRESH: Final = "pulumi refresh"
RELEASE_UNDECLARED: Final = "dsw release --undeclared --state STATE.json"
DELETE_IN_CONSOLE: Final = "delete it at {console} (DSW)"
DESTROY_OR_RELEASE: Final = "pulumi destroy in its stack ({stack}), or dsw release {id} --region {region}"
NAMED_BY_LABELS: Final = "its labels name it"
RELEASE_OR_CONSOLE: Final = "dsw release {id} --region {region}, or {console} (DSW), if it is yours"
END_RENEWAL: Final = "end its renewal in the console's 费用中心 (Expenses), then {end}"
KEEP_OR_END: Final = "start it once to keep the files, or {end}"
STOP_SERVICE: Final = "{console} (Model Deployment, EAS): stop or delete the service"
DELETE_MACHINES: Final = "{console} (EAS, resource groups): delete its machines, then the group"
STOP_JOB: Final = "{console} (Deep Learning Containers, DLC): stop the job"
DELETE_IMAGE: Final = (
    "delete it at https://cr.console.aliyun.com/ and at {console} (AI Asset Management, images)"
)
END_BILLED: Final = "{expenses}: bill details say which thing it is; end that"
SEE_OWED: Final = "{expenses}: see what is owed for"

# --- what is there ---
STOPS_AT: Final = "stops at {time}"
NO_TIMER: Final = "no shutdown timer"
STOPS_IDLE: Final = "stops after {minutes} idle minutes"
NO_CULLER: Final = "no idle culler"
NO_TYPE: Final = "no instance type"
OF_STACK: Final = "stack {stack}"
DEFAULT_WORKSPACE: Final = "the region's default workspace, free"
FREE: Final = "free"
VALID_UNTIL: Final = "valid until {time}"
NOT_READ: Final = "not read"

# --- what wasn't seen ---
PRIVATE_INSTANCES: Final = "private instances of other users of this account"
ADMINISTRATORS_ONLY: Final = "the cloud lists them to administrators of their workspace only"
RUN_AS_ACCOUNT: Final = (
    "run the audit as the account itself or as a workspace administrator, if the account has several users"
)
MONEY: Final = "balance, this month's bill and resource packs"
LEFT_OUT: Final = "--without-billing leaves them out"
RUN_WITH_BILLING: Final = "run the audit without that option"
BALANCE: Final = "the account's balance"
BILL: Final = "this month's bill"
PACKS: Final = "resource packs"
TRIAL: Final = "the trial"
ONE_INSTANCE: Final = "one instance"
NO_ADDRESS: Final = "the service has no address there, and no document says that it is there"
NOT_OFFERED: Final = "nothing: it is probably not offered there"
NO_ANSWER: Final = "no answer within {seconds} s"
NO_CREDENTIALS: Final = "no credentials"
NO_PERMISSION: Final = "no permission ({detail})"
THROTTLED: Final = "asked too often ({detail})"
UNUSABLE: Final = "the answer can't be used ({detail})"
NOT_REACHABLE: Final = "not reachable: {why}"
REFUSED: Final = "refused ({detail})"
CHECK_NETWORK: Final = "check the network, then run the audit again"
RUN_FOR_REGION: Final = "run the audit again, with --region for this region"
SET_CREDENTIALS: Final = "set credentials; dsw doctor says where they are looked for"
ATTACH_POLICY: Final = "attach the policy docs/ram/read.json to this user"
RUN_LATER: Final = "run the audit again in a minute"
RUN_DOCTOR: Final = "run the audit again; dsw doctor tells more"

# --- the verdict ---
NOTHING_COSTS: Final = "nothing that costs"
NOTHING_COSTS_IN: Final = "Nothing that costs in {regions}"
FINDINGS_IN: Final = "{findings} in {regions}"
INCOMPLETE: Final = "INCOMPLETE: {findings} where the audit could look, and {failed} of its looks failed"
ONE_FINDING, MANY_FINDINGS = "{count} finding", "{count} findings"
ONE_REGION, MANY_REGIONS = "{count} region", "{count} regions"

# --- the report around them ---
TITLE: Final = "What still costs on PAI"
AUDIT_OF: Final = "Audit of {cloud} at {time}"
AUDIT_OF_COMPARED: Final = "Audit of {cloud} at {time}, compared with stack {stack}"
AUDIT_VERDICT: Final = "PAI audit: {verdict}"
HEADLINE: Final = "{cloud}, {time}"
HEADLINE_COMPARED: Final = "{cloud}, {time}, compared with stack {stack}"
END_IT: Final = "end it: {end}"
SINCE: Final = "since {time}"
RULE: Final = "rule {rule}"
LIMIT: Final = "(limit) {why}"
MORE_OF_KIND: Final = "{count} more of kind {kind}"
AND_MORE: Final = "and {more}"
COUNT_MORE: Final = "{count} more"
TRIAL_IS: Final = "Trial: {trial}"
TRIAL_IS_WITH: Final = "Trial: {trial}, {left} CU surely left this month"
PACK_IS: Final = "Pack: {name}: {left} of {total} {unit} left, {status}, until {until}"
BALANCE_IS: Final = "Balance: {amount} {currency}"
BILLED_IS: Final = "Billed this month (hours late): {product}: {amount} {currency}"
OWNERS: Final = {
    "declared": "ours, declared",
    "undeclared": "ours, not declared",
    "ours": "ours by its labels",
    "other-stack": "of another stack",
    "not-ours": "not ours",
    "unknown": "",
}
