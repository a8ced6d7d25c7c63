"""Every sentence of the components, in English; what changes in one is a named value. The rules say the rest."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences by name."""

    NO_REGION = "{key} is missing; set it to a region of the trial: pulumi config set {key} {region}"
    REGION_REQUIRED = "region is missing, it is required; set it"
    UNREADABLE = "{prefix}{problem}"
    REFUSED = "{key}: {problem}"
    HIDDEN_REFUSED = "its value, which is secret, is refused; what is allowed: docs/rules.md [{rule}]"
    IN_FILE = "Pulumi.{stack}.yaml: {problem}"
    NOT_PLAIN = "{key} is a secret or not known yet; give a plain value"
    NOT_A_RESOURCE = "{type} is not a resource of {package}; use {token}"
