"""The sentences of `dsw check` that neither a rule nor the engine says."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences by name."""

    # Files that are read as data
    LEADS_OUT = "{file} is a symbolic link that leads out of the folder; put the file itself there"
    NOT_A_FILE = "{file} is not a file; remove it, or put a file there"
    COMES_FIRST = "Pulumi reads {file} instead of Pulumi.yaml; remove one of the two"
    NO_STACK_FILE = (
        "there is no stack file, so nothing can be judged; write the settings of a stack to {file}"
    )
    TOO_MANY_STACKS = (
        "there are {count} stack files, and one check judges at most {most}; name some with --stack"
    )
    NOT_A_STACK = "{file} can't be the file of a stack; use letters, digits, - _ . only in the stack's name"
    NOT_READ = (
        "Pulumi doesn't read {file} beside Pulumi.yaml, so it isn't judged; name it {wanted}, or remove it"
    )

    # The project file
    PROJECT_DIFFERS = "{key} decides what runs, and the base has it otherwise; change it back"
    PROJECT_LACKS = "{key} decides what runs, and only the base has it; put it back"
    NAME_OF_A_PROVIDER = (
        "a project can't have the name {name}: its settings would be the provider's; give it another"
    )
    NOT_A_NAME = "name is not a project's name; use letters, digits, - _ . only"
    CONFIG_IS_A_FOLDER = "config names a folder of stack files; use stackConfigDir for that, in the base"

    OTHER_LANGUAGE = (
        "the program's language is {language}, and dsw check runs Python; judge the stack's state:"
        " pulumi policy analyze --stack STACK --policy-pack policies"
    )
    MAIN_LEADS_OUT = "main leads out of the project; put the program into it"

    # Stack files
    ENVIRONMENT = (
        "environment takes settings from Pulumi ESC, which can't be judged; write them into the file"
    )
    READS_SECRETS = (
        "{key} says who can read the stack's secrets, and no stack of the base has this one; remove it, or have a code"
        " owner add it to the base first"
    )
    ON_WHAT_EXISTS = (
        "{key} acts on a notebook that exists, which isn't seen here; run pulumi preview before you merge"
    )
    NOT_A_KEY = "{key} is not a key of a stack file; remove it"
    ENCRYPTED = "{key} is encrypted, so it can't be judged; set it in plain: pulumi config set {path} VALUE --plaintext"
    UNSEEN = "{key} is encrypted, so what the program makes of it isn't judged"

    # What a branch has and the judge doesn't run
    PROGRAM_CHANGED = (
        "the program differs from the base's, and isn't run here: {files}; judge it with --run-program, in a job"
        " without secrets"
    )
    ONLY_SETTINGS = (
        "the project's own program isn't run here; judge it with --run-program, in a job without secrets"
    )
    CODE_CHANGED = (
        "judged as the base has it, and different here: {files}; a code owner has to review it, and"
        " dsw check in this folder judges by it"
    )
    OTHER_PROJECTS = (
        "other projects aren't judged here: {files}; judge each folder: dsw check FOLDER --other-project"
    )
    MORE = "{files} and {count} more"
    ONLY_IN_UPDATES = (
        "{name} tells a preview from an update, and what the program does only in an update isn't judged"
    )
    HIDES_PROGRAM = "{file} hides the program, __main__.py, from Python; rename it"
    SHADOWS = (
        "{file} has the name of an installed module, and would run instead of it in pulumi up; rename it"
    )

    # The preview
    NO_NOTEBOOK = (
        "the program declares no notebook for stack {stack}, so nothing was judged; let it always declare one"
    )
    OF_A_PROVIDER = (
        "the program gives a provider the setting {key}, by which signed requests may go elsewhere; allowed: {known};"
        " remove it"
    )
    OWN_PROVIDER = (
        "the program's own alicloud provider {name} can't be judged: it has other settings than the stack's; leave the"
        " provider to FreeTierNotebook"
    )
    NOT_KNOWN = "{path} isn't known before the update, so it can't be judged; give a plain value [{rules}]"
    NO_PROGRAM = "there is no {file} to run; bring it back"
    TOO_LONG = "the preview of stack {stack} took more than {minutes} minutes"
    UNREADABLE_EVENT = "the engine says something of a resource that can't be read"
    MAKE_SHORTER_VALUES = "use shorter and less nested values in the program"
    ENDED = "the check has ended"
    MAKE_SHORTER = "let the program end by itself"
    MORE_FINDINGS = "there are {count} more findings; fix these first"
