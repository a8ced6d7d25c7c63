"""Every sentence for the user of the emulator, in English; the answers of its services are with the services."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences by name."""

    # The folder
    CANNOT_USE = "the emulator can't use the folder {folder}: {reason}"
    CANNOT_WRITE = "the emulator can't write to {folder}: {reason}"
    IN_USE = "another emulator uses the folder {folder}"
    STOP_IT = "stop it with `dsw emulator stop`"
    STOP_IT_FIRST = "stop it with `dsw emulator stop` first"
    NO_RECORD = "an emulator holds {folder} but left no record"
    END_PROCESS = "end its process by hand"

    # Start and stop
    CANNOT_START = "the emulator can't be started: {reason}"
    NOT_STARTED = "the emulator did not answer within {seconds} s"
    ENDED = "the emulator ended at once"
    SEE = "see {log}"
    ELSEWHERE = "the emulator of {folder} runs on {where} and does not answer here"
    STOP_THERE = "stop it there"
    STILL_RUNS = "the emulator (process {pid}) does not end"
    END_IT = "end it by hand"
    SILENT = "the emulator of {folder} does not answer"
    LOOPBACK_ONLY = "the emulator listens on loopback only, and {host} is not"
    USE_LOOPBACK = "use 127.0.0.1"
    PORT_IN_USE = "port {port} is in use by another program"
    ANOTHER_PORT = "stop that, or choose another port with --port"
    PORT_REFUSED = "port {port} may not be used by this user"
    HIGHER_PORT = "choose one above 1023 with --port"
    CANNOT_LISTEN = "the emulator can't listen on port {port}: {reason}"

    # The state
    STATE_UNREADABLE = "the emulator's state {file} can't be read: {reason}"
    STATE_DAMAGED = "the emulator's state {file} is damaged"
    START_EMPTY = "delete it, or run `dsw emulator reset`, to begin with an empty account"
    STATE_NEWER = (
        "the emulator's state {file} was written by a newer version (format {found}, this one knows {known})"
    )
    OTHER_VERSION = "use that version, or delete the file to begin with an empty account"
    STATE_KEPT = "the emulator's state in {folder} can't be deleted: {reason}"

    # Its control interface
    NOT_AN_ADDRESS = "{url!r} is not an emulator's address"
    LIKE_THIS = "give one like http://127.0.0.1:8790"
    NOT_AN_EMULATOR = "what answers at {url} is not an emulator, or one of another version"
    NO_ANSWER = "no emulator answers at {url}"
    START_IT = "start it with `dsw emulator start`"
    STRANGER = "what answers at {url} is another emulator or program"
    START_YOURS = "start yours with `dsw emulator start`"
    REFUSED = "the emulator at {url} refused: {reason}"
    OTHER_SERVER = "it is some other server"
