"""Every sentence with which the set-up and the language host stop, with the {names} of its values.

Other packages have theirs in the same form, on top of paidsw.core.messages: the set-up runs before there are packages
to import, and imports nothing but itself.
"""

from enum import StrEnum

_NEEDS_OFFICIAL = (
    "needs Pulumi's own Python language host, which comes with the official Pulumi CLI: "
    "https://www.pulumi.com/docs/install/"
)


class Text(StrEnum):
    """The sentences of this package by name. Called with its values, one gives the sentence to show."""

    def __call__(self, **values: object) -> str:
        """The text with its values."""
        return self.value.format(**values)

    # The command line
    NO_ARGUMENTS = "{name} takes no arguments, but was given {arguments}; leave them out"

    # The checkout and its lock
    SEPARATOR_IN_PATH = (
        "{root} can't hold an environment: {separator} separates folders in PATH; rename the folder"
    )
    LOCK_NOT_WRITABLE = "{path} can't be written ({why}); correct its rights or free some space"
    UNREADABLE_LOCK = "{lock} can't be read ({why}); restore it: git checkout {lock}"
    NOT_IN_LOCK = "{lock} has no {name}; run make lock"
    LOCK_NOT_COMPARED = "uv.lock could not be compared with pyproject.toml: {why}"
    LOCK_OUTDATED = "pyproject.toml asks for what uv.lock doesn't have; run make lock ({why})"

    # The Python packages, and uv that installs them
    NO_ENVIRONMENT = "no virtual environment could be made in {home}: {why}"
    NO_PATH_FILE = "uv left no path file in {folder}; remove that folder and try again"
    NOT_INSTALLED = "the Python packages could not be installed: {why}"
    NO_OTHER_UV = "{failure}, and there is no other: {why}"
    NO_UV = "uv could not be had from the package index: {why}"
    NO_UV_FOR_MACHINE = "the package uv {version} has no {program} for this machine; install uv yourself"
    NO_PIP = (
        "this Python has neither pip nor ensurepip, and there is no uv {oldest} or newer; install one of them "
        "(Debian and Ubuntu: apt install python{python}-venv) or use another Python: make PYTHON=/path/to/python3"
    )
    UNREADABLE_UV_SETTINGS = "UV_CONFIG_FILE={path} can't be read ({why}); correct it, or unset it"

    # The ways to a Pulumi CLI
    UNKNOWN_WAY = "{variable}={way} names no way to a Pulumi CLI; use {ways} or several of them"
    NO_CLI = "no Pulumi CLI: {reasons}; correct one of these, or {advice}"
    CLI_VANISHED = "the Pulumi CLI has vanished; run the same command again"
    NO_CLI_ON_PATH = "no pulumi there"
    CLI_DOES_NOT_RUN = "{path} does not run"
    CLI_TOO_OLD = "{path} is {version}, older than {oldest}"
    CLI_NOT_COPIED = "{path} could not be copied to {folder}: {why}"
    CLI_NOT_LINKED = "{path} could not be written: {why}"

    # Its release
    NOT_RELEASED = "Pulumi has no release for {system} on {machine}"
    NO_CHECKSUM = "the release's checksums file has no line for {name}"
    WRONG_CHECKSUM = "{url} is not the archive that the release's checksums file names; nothing was unpacked"
    TOO_LARGE = "{url} is larger than a release can be"
    BROKEN_OFF = "{url} stopped in the middle"
    NO_PROGRAM_IN_ARCHIVE = "{archive} holds no {program}"
    ARCHIVE_NOT_STORED = "{archive} could not be stored in {folder}: {why}"
    BROKEN_ARCHIVE = "{archive} is broken: {why}"
    UNEXPECTED_MEMBER = "the archive has an unexpected member {member}"

    # Hosts that it is got from
    NOT_TRUSTED = "{url} is neither https nor on this machine"
    UNSAFE_REDIRECT = "{host} sends on to {url}, which is not https"
    NO_CERTIFICATES = "{path} is not a file of certificates ({why}); correct SSL_CERT_FILE"
    NO_ANSWER = "{host} did not answer within {seconds} s"
    NOT_REACHED = "{host} could not be reached ({why})"

    # Its build
    NO_SPACE = "building it needs {needed} GB in {folder}, {free} MB are free"
    BUILD_FAILED = "go build failed: {why}"
    BUILT_DOES_NOT_RUN = "the built CLI does not run: {why}"

    # Options of a project file that the language host can't honour
    TOOLCHAIN = f"runtime option toolchain: {{toolchain}} {_NEEDS_OFFICIAL}; or set it to pip"
    TYPECHECKER = f"runtime option typechecker {_NEEDS_OFFICIAL}; or remove the option"
    NO_PYTHON = (
        "the virtual environment {name} of {root} has no Python at {python}; "
        "create it and install the packages, or correct runtime.options.virtualenv"
    )

    NOT_INSTALLED_HERE = "{module} could not install {target} (exit code {code})"

    # What the language host leaves to the official one
    NEEDS_OFFICIAL = f"{{what}} {_NEEDS_OFFICIAL}"
    IMPORT_CODE = "printing the code of an import"
    # `pulumi import` asks for the code after it has recorded the resource, protected.
    IMPORTED = (
        "what was imported is in the state (pulumi stack --show-urns): declare it in the program by hand, or take it "
        "out of the state: pulumi state delete URN --force"
    )
    LEAVE_CODE_OUT = "to import without it: --generate-code=false"
    STATE_PROMOTE = "pulumi state promote"
    CONVERT = "pulumi convert to Python"
    GENERATE_SDK = "generating a Python SDK (pulumi package add, pulumi package gen-sdk)"
    ADD_PACKAGE = "pulumi package add"
    PACK_SDK = "pulumi package pack-sdk"
    DEBUGGER = "--attach-debugger"


def needs_official(what: str, advice: str = "") -> str:
    """That something needs Pulumi's own language host, and where to get it."""
    text = Text.NEEDS_OFFICIAL(what=what)
    return f"{text}; {advice}" if advice else text
