"""Texts from the cloud, made fit to be shown."""

from __future__ import annotations

import re

from paidsw.core.text import printable

LONGEST = 300
# Only links that the audit itself makes; a name may look like one.
LINK = re.compile(
    r"https://(?:pai\.console|cr\.console|usercenter2)\.aliyun\.com/(?:\?regionId=[a-z0-9-]+)?(?= |$)"
)
_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~@&:\"'=-]")


def clean(text: object, longest: int = LONGEST) -> str:
    """A text of the cloud as one line that no terminal obeys, cut to so many characters."""
    return printable(text, longest)


def in_markdown(text: object) -> str:
    """A text that no Markdown reader takes for markup, a link or HTML."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", clean(text))
