"""Every sentence about the trial, in English; what changes in one is a named value."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences by name."""

    # What the trial pays for
    PLAN = "the trial has {left} left this month, {hours} h on {type} after this session; {timer}"
    LEFT = "{cu} CU"
    LEFT_WITH_RESERVED = "{cu} CU ({reserved} of them reserved for others)"
    TIMER = "the timer stops it after {hours} hours, at {at}"
    TIMER_BY_QUOTA = (
        "the timer stops it after {hours} hours and not after sessionHours, since the quota pays for no "
        "more, at {at}"
    )
    TIMER_BY_MONTH = (
        "the timer stops it after {hours} hours and not after sessionHours, since the month's quota ends, at "
        "{at}"
    )
    TIMER_BY_TRIAL = (
        "the timer stops it after {hours} hours and not after sessionHours, since the trial ends, at {at}"
    )

    # The trial itself
    NOT_ACTIVATED = "PAI is not activated in {region}"
    ACTIVATE = (
        "activate it, without buying anything, at https://pai.console.aliyun.com/?regionId={region} and run "
        "again"
    )
    NOT_CLAIMED = "this account has no PAI-DSW trial"
    CLAIM = (
        "claim it first (交互式建模 PAI-DSW at {address}), an instance created before is billed from its first "
        "minute"
    )
    ENDED = "the trial ended at {end}"
    DESTROY = "pulumi destroy releases what is left, with its files; with allowBilling a notebook starts, and is billed"
    NOT_BEGUN = "the trial begins at {start}"
    LATER = "run again after that"
    NOT_VALID = "the cloud says that this account's trial is {status}, not valid"
    SEE_TRIAL = "see its state under 我的试用 at {address}"
    UNCLEAR = "the cloud's answer about the trial can't be understood, its {field} is {value}"
    COMPARE = "if 我的试用 at {address} says that the trial pays, allowBilling lets it run, at your own risk"
    NO_VALUE = "missing"

    # Region and type
    NOT_A_REGION = "{region} is not a region of the trial"
    NOT_A_TYPE = "{type} is not an instance type of the trial"
    TYPE_WITHOUT_RATE = "{type} has no known CU per hour"
    USE_ONE_OF = "use one of {names}"
    NO_TYPES_IN_REGION = "the cloud offers no types of the trial in {region}"
    TRY = "try {names}"
    STAYS_THERE = (
        "run again later, a notebook can't be moved with its files; or give them up with pulumi destroy, then set "
        "alicloud:region to one of {names}"
    )
    TYPE_NOT_OFFERED = "{type} is not offered in {region}"
    TYPE_NOT_PAID_FOR = "{type} is not marked as paid for by the trial in {region}"
    USE_OTHER = "use {names} or another region"
    USE_OTHER_TYPE = "use {names}"

    # The quota
    RUNS_WITHOUT_TIMER = (
        "instance {name} runs without a shutdown timer and may use up all that is left of the quota"
    )
    STOP_OR_SET_TIMER = "stop it, or give it a timer in the PAI console"
    RUNS_ON_UNKNOWN_RATE = (
        "instance {name} runs on {type}, whose CU per hour are not known, so neither is what it leaves of "
        "the quota"
    )
    UNKNOWN_TYPE = "an unknown type"
    STOP_IT = "stop it first"
    ENDS_TOO_SOON = "the trial ends at {end}, too soon for a session"
    MONTH_ENDS = "the month's quota ends in a moment"
    TOO_LITTLE = (
        "{cu} CU are left of the month's quota, too few for a session on {type}, since what the last hours used may "
        "not show yet"
    )
    TOO_LITTLE_BESIDE_OTHERS = (
        "{cu} CU are left of the month's quota, and {reserved} are reserved for others until their timers end, which "
        "leaves too few for a session on {type}"
    )
    STOP_OTHERS = "stop {names}, then run again"
    NAMES_AND_MORE = "{names} and {count} more"
    RENEWED = "it is renewed at {month}, run again after that"
    NOT_RENEWED = "it is not renewed any more, the trial ends at {end}: {destroy}"

    # What a user adds to the terms
    OVERLAY = (
        "{file} IS IN FORCE and adds {added}: no source of this project says that the trial pays for that, and if it "
        "doesn't you are billed"
    )
    OVERLAY_REFUSED = "{file} IS NOT IN FORCE, none of it: {reason}; correct or remove it"
    ADDED_REGION = "region {key}"
    ADDED_TYPE = "type {key} at {cu} CU an hour"
    UNREADABLE = "it can't be read ({reason})"
    NOT_TOML = "it is not TOML ({reason})"
    ADDS_NOTHING = "it adds nothing, neither [regions.…] nor [types.…]"
    REGION_KNOWN = "{key} is a region of the trial already"
    RATE_KNOWN = "{key} has a rate already, which can't be changed"
    NO_ACCELERATOR = '{key} needs accelerator = "GPU" or "CPU"'
    NO_CU = "cuPerHour of {key} must be a number of CU above 0 and below {highest}"
    NO_SOURCE = '{key} needs source = "who says so" and date = "when"'
    NO_TABLES = "{name} must be tables like [{name}.NAME]"
    ODD_KEY = "{place} has {key!r}, allowed are {names}"
    THE_FILE = "the file"
