"""Scalars and files of YAML that readers disagree on, for the tests that compare ours with the real Pulumi's."""

from __future__ import annotations

import itertools

# Each alone, without quotes.
_ALONE = """
3.10 3.1 12.0 012345 12345 -012 +012 08 019 0o17 0O17 -0o17 0x1F 0X1f -0x1f 0x_1F 0b11 -0b11 0b2 1_000
1__0 _1 1_ 1e3 1E3 1e21 1e20 1e-7 0.000001 1e400 -0.0 -0 +0 0 +1 -1 +1.5 .5 -.5 5. ._1 .5_65 1.2.3
100000.0 1000000.0 12345678901234567890 9223372036854775807 9223372036854775808 18446744073709551616
-9223372036854775809 99999999999999999999999 535.10 535.54.03 1:30 1:30:00 2024-05-01 2024-5-1 2024-02-30
0000-01-01 2024-05 20240501 2024-05-01T10:00:00Z 2024-05-01t1:2:3.50Z 2024-05-01T10:00:00
2024-05-01T25:00:00Z yes Yes YES no on off y n true True TRUE tRUE false False null Null NULL nULL ~ ~~
text a-b a:b x#y 课程 cn-wulanchabu oss://b/p
"""
SCALARS = tuple(_ALONE.split())
# The same written in other ways, and values of more than one word.
VALUES = (
    *SCALARS,
    *(f'"{scalar}"' for scalar in ("3.10", "012345", "yes", "~", "2024-05-01", "")),
    "'it''s 3.10'",
    "",
    "2024-05-01 10:00:00",
    "2024-05-01 10:00:00.120",
    "2024-05-01 10:00:00Z",
    "!!str 3.10",
    "! 3.10",
    "&anchor 3.10",
    ">-\n    folded\n    text",
    "|\n    literal\n    text",
    "3.10 # a comment",
    "3.10\t# after a tab",
    '"\\u8bfe\\t<&>"',
    "[1, 012, [3.10, ~]]",
    "{a: {5: x, true: y, no: z}}",
    "{<<: {a: 1, b: 2}, b: 3}",
    "{<<: [{a: 1}, {a: 2, c: 4}], b: 3}",
)
# Files that Pulumi refuses, each with words of our reader's sentence.
REFUSED = {
    "config: {a: 1}\nconfig: {b: 2}\n": "config is set in line 1 already",
    "config:\n  a: 1\n  a: 2\n": "line 3: a is set in line 2 already",
    "config:\n  a: {b: 1, b: 2}\n": "b is set in line 2 already",
    "config:\n  a: &r [*r]\n": "the alias \\*r is part of what it repeats",
    "config:\n  a: *none\n": "there is no &none before the alias",
    "config:\n  a: .inf\n": 'put it in quotes: ".inf"',
    "config:\n  a: {b: -.INF}\n": "is not a number that Pulumi takes",
    "config:\n  a: [1\n  b: 2\n": "is not YAML",
    "config:\n\ta: 1\n": "line 2: here is a tab where spaces belong",
    "config:\n  5: x\n": '5 is not a key of the configuration; put it in quotes: "5"',
    "config:\n  a:b:c: x\n": "a:b:c is not a key of the configuration",
    "config: [1]\n": "no map of settings below config",
    "config: text\n": "no map of settings below config",
    "- a\n": "is not a map of keys and values",
    "text\n": "is not a map of keys and values",
    "%YAML 1.2\n---\nconfig: {a: 1}\n": "directives are not for settings",
    "encryptionsalt: {}\nconfig: {a: 1}\n": "encryptionsalt is not a text",
    "config:\n  a: {<<: 5}\n": "<< takes a map",
}
# Files that Pulumi reads otherwise than they look, which we refuse.
MISLEADING = {
    "config:\n  a: 1\n---\nconfig:\n  b: 2\n": "line 3: here a second document begins, and Pulumi reads only the first",
    "config:\n  image: a\n  dsw-free-tier:image: b\n": "line 3: dsw-free-tier:image is the setting that line 2 sets",
    "config:\n  dsw-free-tier:config:image: a\n  image: b\n": "line 3: image is the setting that line 2 sets",
    "config:\n  a: {3.10: x}\n": 'line 2: the key 3.10 is 3.1 to Pulumi; put it in quotes: "3.10"',
    "config:\n  a: {~: x}\n": 'put it in quotes: "~"',
    "config:\n  a: {True: x}\n": "the key True is true to Pulumi",
    "config:\n  a: !!float 3\n": "the tag !!float is not one for settings; remove the tag",
    "config:\n  a: !own 3\n": "the tag !own is not one",
    "config:\n  a: !!set {x, y}\n": "the tag !!set is not one",
    "config:\n  a: !!binary aGVsbG8=\n": "the tag !!binary is not one",
    "config:\n  a: 1\n  '<<': {dsw-free-tier:a: 2}\n": "line 3: to Pulumi << is a merge key only without quotes",
    "config:\n  !!str <<: {dsw-free-tier:a: 2}\n": "line 2: to Pulumi << is a merge key only without quotes",
    "config:\n  a: &m <<\n  *m : {dsw-free-tier:b: 2}\n": "to Pulumi << is a merge key only without quotes",
    'config:\n  a: "\\nx"\n': "Pulumi loses an empty line or a tab at the beginning",
    "config:\n  a: |\n\n    x\n": "Pulumi loses an empty line or a tab at the beginning",
}


def all_in_one() -> str:
    """A stack's file with every value, by itself and within a map."""
    lines = ["config:"]
    for number, value in enumerate(VALUES):
        lines += [f"  single{number}: {value}"]
    # A block scalar, a comment or a list can't stand within braces.
    inner = [one for one in VALUES if not set(one) & set("\n#{[")]
    for number, value in enumerate(inner):
        lines += [f"  within{number}: {{inner: {value} }}"]
    return "\n".join(itertools.chain(lines, [""]))
