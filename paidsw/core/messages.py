"""Sentences as data: an English text with named values, put into words only where somebody reads it.

The English text is also the key by which another language finds its own, as in gettext.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# An English text with its {names} → the same text in the reader's language.
Translate = Callable[[str], str]
# A value of a sentence → what is shown of it.
Show = Callable[[object], object]


def _as_it_is(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence or a part of one. Values that are messages are translated too, others are shown as they are."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def render(self, translate: Translate = str, show: Show = _as_it_is) -> str:
        """The sentence in a reader's language, by default in English; `show` sees each value that is no sentence."""
        shown = {
            name: value.render(translate, show) if isinstance(value, Message | UserError) else show(value)
            for name, value in self.values.items()
        }
        return translate(self.text).format(**shown)

    def __str__(self) -> str:
        return self.render()


def message(text: str, /, **values: object) -> Message:
    """A message of this text and these values."""
    return Message(text, values)


def listed(parts: Iterable[Message | UserError | str], separator: str = ", ") -> Message:
    """Several messages in one, each translated by itself."""
    values = {f"part{index}": part for index, part in enumerate(parts)}
    return Message(separator.join(f"{{{name}}}" for name in values), values)


class Texts(StrEnum):
    """The English texts of a package, by name. Called with its values, one gives a message.

    class Text(Texts):
        TOO_LARGE = "a disk of {size} GiB is not free"

    Text.TOO_LARGE(size=200)
    """

    def __call__(self, **values: object) -> Message:
        """The text with its values."""
        return Message(self.value, values)


class UserError(Exception):
    """An error that a user reads, with its advice kept apart: code that passes the error on may advise something else.

    `cause` says what went wrong and `advice` what to do about it (empty: nothing); `str()` gives both.
    """

    def __init__(self, cause: Message | str, advice: Message | str = "") -> None:
        super().__init__(cause, advice)
        self.cause = cause
        self.advice = advice

    def render(self, translate: Translate = str, show: Show = _as_it_is) -> str:
        """Cause and advice in a reader's language; `show` sees what no message of ours is."""
        parts = (self.cause, self.advice) if self.advice else (self.cause,)
        return "; ".join(
            part.render(translate, show) if isinstance(part, Message) else str(show(part)) for part in parts
        )

    def __str__(self) -> str:
        return self.render()


class Text(Texts):
    """The sentences of this package by name."""

    # A value, as far as it may be shown
    VALUE = "{value}"
    NOTHING = "nothing"
    CONFIDENTIAL = "a secret value"
    STRING = "a string of length {length}"
    MAP = "a map"
    LIST = "a list"
    BOOLEAN = "a boolean"
    HUGE = "a huge number"
    UNUSABLE = "a value of an unusable kind"
    MISSING = "a missing {noun}"
    NAMED = "{noun} {value}"
    A_THAT_IS = "a {noun} that is {kind}"
    AN_THAT_IS = "an {noun} that is {kind}"

    # A wrong value
    UNKNOWN_NAME = "{path} is not {of}; remove or correct it"
    MISSPELT_NAME = "{path} is not {of}, did you mean {meant}? remove or correct it"
    REQUIRED = "{path} is missing, it is required; set it"
    IS = "{path} is {value}"
    HIDDEN = "{path} can't be used"
    REASON = "{state}: {reason}"
    WRONG = "{state}; allowed: {allowed}; correct it"
    NO_TEXT = "{path} is {value}, {kind} where a text is wanted; put it in quotes"
    HIDDEN_NO_TEXT = "{path} is {kind} where a text is wanted; put it in quotes"
    WHOLE_NUMBER = "a whole number"
    NUMBER = "a number"
    FINITE_NUMBER = "a number, and a finite one"
    SWITCH = "true or false"
    NON_EMPTY = "a non-empty string"
    ANY_STRING = "a string"
    PATTERN = "a string of the form {pattern}"
    A_KEY = "(a key)"
    CHOICES = "{choices}"
    ABOVE = "a number above {limit}"
    AT_LEAST = "a number of at least {limit}"
    BELOW = "a number below {limit}"
    AT_MOST = "a number of at most {limit}"

    # A setting of a provider
    SENT_ELSEWHERE = "{key} can send signed requests to a host that isn't Alibaba Cloud's"
    WITHOUT_TLS = "{key} can send signed requests without TLS"
    OTHER_SIGNER = "{key} can have requests signed as somebody else"
    OTHER_SITE = "{key} decides which site of Alibaba Cloud is asked, which the account decides by itself"
    OTHER_SIGNATURE = "{key} can have requests signed in an older, weaker way"
    CLAIMED = "{key} can claim that a request came over TLS or from another address"
    OTHER_PLUGIN = "{key} decides which plugin Pulumi downloads and runs"
    REHEARSAL_ONLY = (
        "{key} belongs to a rehearsal, which sets it together with {others}, all of them to an emulator on this "
        "machine"
    )
    REFUSED_SETTING = "{reason}; {remove}"
    SIGN_OTHERWISE = "{reason}; set credentials in the environment or by alicloud:profile, and {remove}"
    REHEARSE = "{reason}; rehearse with make up, and {remove}"
    NEAR_PACKAGE = (
        "{key} is of a package that this stack doesn't have, did you mean {meant}? correct it, or {remove}"
    )
    OTHER_PACKAGE = "{key} is a setting of a package that this stack doesn't have; {remove}"
    MISSPELT_SETTING = "{key} is not a setting of {package}, did you mean {meant}? correct it, or {remove}"
    UNKNOWN_SETTING = (
        "{key} is not a setting that is known to be safe; allowed of {package}: {known}; {remove}"
    )
    REMOVE_SETTING = "remove it: pulumi config rm {key}"
    REMOVE_ARGUMENT = "remove it from provider {provider}"
    RELATIVE_CA_BUNDLE = (
        '{key} is "{file}", which may come with the branch: whom TLS trusts is for your machine to say; give an '
        "absolute path, or set SSL_CERT_FILE"
    )
    VARIABLE_REFUSED = (
        "the environment variable {name} can send the alicloud provider's signed requests to a host that isn't Alibaba "
        "Cloud's; unset it: unset {name}"
    )
    ENDPOINTS_FILE_REFUSED = (
        "{file} can send the alicloud provider's signed requests to hosts that aren't Alibaba Cloud's; delete it or "
        "move it away"
    )

    # Forms of text
    SNAPSHOT_NAME = "up to 41 lower-case letters, digits and hyphens"
    REPOSITORY = "a repository without a tag, like registry.cn-wulanchabu.aliyuncs.com/me/notebooks"
    CAPACITY = "a size like 100Gi"
    LABEL_KEY = "a name without commas that begins with none of paidsw-, acs:, aliyun, http://, https://"
    WORKSPACE_NAME = "3 to 23 letters, digits and underscores, a letter first"
    INSTANCE_ID = "an instance's id like dsw-0123456789abcdef"
    OWNER_ID = "an owner's id like 0123456789ab: up to 13 lower-case letters and digits"
    ID = "an id of letters, digits, hyphens and underscores"
    DRIVER = "a version like 535.54.03"
    IMAGE_AUTH = "base64 of user:password"
    MOUNT_PATH = "a folder that begins with /"
    STORAGE_URI = "a storage path like oss://bucket.endpoint/path/"

    # Files of settings
    LARGE = "{file} is larger than {most} bytes, too large for settings"
    SHORTEN = "shorten it"
    NOT_UTF8 = "{file} is not UTF-8 text"
    SAVE_AS_UTF8 = "save it as UTF-8"
    NO_MAP = "{file} is not a map of keys and values"
    NO_SETTINGS = "{file} has no map of settings below config:"
    NOT_A_TEXT = "{file} line {line}: {key} is not a text"
    NOT_YAML = "{file} line {line}: this is not YAML, {problem}"
    NO_PAIR = "{file} line {line}: this is not a key with a value"
    NO_PAIRS = "{file} line {line}: this, or the line before, is not a key with a value"
    WRITE_PAIR = (
        "write KEY: VALUE, indented as its neighbours, with an ASCII colon and a space after it, and a value with "
        "another such colon in quotes"
    )
    TAB = "{file} line {line}: here is a tab where spaces belong"
    INDENT = "write spaces instead"
    NOT_ALLOWED = "a character that YAML doesn't allow"
    CORRECT_IT = "correct it"
    SECOND_DOCUMENT = "{file} line {line}: here a second document begins, and Pulumi reads only the first"
    REMOVE_DOCUMENT = "remove the line ---, or what doesn't belong here"
    DIRECTIVE = "{file} line {line}: directives are not for settings"
    REMOVE_LINE = "remove the line"
    DEEP = "{file} line {line}: maps and lists are nested more than {most} deep"
    WITHIN_ITSELF = "{file} line {line}: the alias *{alias} is part of what it repeats"
    NO_ANCHOR = "{file} line {line}: there is no &{alias} before the alias *{alias}"
    REPEATED = "{file} line {line}: aliases repeat more than {most} values"
    WRITE_OUT = "write the value out"
    TAG = "{file} line {line}: the tag {tag} is not one for settings"
    REMOVE_TAG = "remove the tag"
    LOST_BEGINNING = (
        "{file} line {line}: Pulumi loses an empty line or a tab at the beginning of a text of several lines"
    )
    BEGIN_OTHERWISE = "begin the text with a letter"
    NOT_FINITE = "{file} line {line}: {value} is not a number that Pulumi takes"
    IN_LINE = "{file} line {line}: {cause}"
    NOT_TAKEN = "{path} is written {written}, and of numbers a project's file may have only whole ones"
    NO_SWITCH = "secret of {key} is not true or false"
    NOT_A_PART = "{key} has {name}, but a setting in a project's file has only {parts}"
    AS_VALUE = "give a map or a list as value"
    OF_OTHERS = (
        "{key} is not a setting of {project}, so in this file it has a value and neither a type nor a default"
    )
    ONLY_VALUE = "write it as {{value: VALUE}}"
    BOTH = "{key} has a default and a value"
    NO_TYPE = "{key} has the type {kind}, which Pulumi doesn't know: {kinds}"
    NO_ITEMS = "{key} has the type array, but no items with a type"
    GIVE_ITEMS = "add what is in the list, as items: {{type: string}}"
    OTHER_TYPE = "the default of {key} is not of the type {kind}"
    WITH_ADVICE = "{cause}; {advice}"
    READ_AS = "{path} is written {written}, which Pulumi reads as {read}"
    HIDDEN_READ_AS = "{path} is not what was written once Pulumi has read it; put it in quotes"
    READ_AS_KIND = "{path} is written {written}, which Pulumi reads as {kind}, not as a text"
    A_NUMBER = "a number"
    NO_VALUE = "{path} has no value"
    GIVE_VALUE = "give it one, or remove it"
    QUOTE = "put it in quotes: {quoted}"
    KEY_NOT_TEXT = "{file} line {line}: a key is a map or a list"
    KEY_CHANGED = "{file} line {line}: the key {key} is {read} to Pulumi"
    NO_KEY = "{file} line {line}: {key} is not a key of the configuration"
    NAMESPACE = "write it as namespace:name"
    TWICE = "{file} line {line}: {key} is set in line {first} already"
    SAME_SETTING = "{file} line {line}: {key} is the setting that line {first} sets already"
    REMOVE_ONE = "remove one of the two"
    NO_MERGE = "{file} line {line}: to Pulumi << is a merge key only without quotes, tag or alias"
    WRITE_PLAIN = "write the keys out"
    MERGED = "{file} line {line}: << takes a map, or a list of maps"

    # Times
    IN_CHINA = "{china:%Y-%m-%d %H:%M} China time (the same here)"
    IN_CHINA_AND_HERE = "{china:%Y-%m-%d %H:%M} China time ({here:%Y-%m-%d %H:%M} here)"
