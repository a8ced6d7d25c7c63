"""Writes the table of settings into the READMEs: `python -m components.reference [--check]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from components.arguments import settings_table

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "README.md": "| Key | Type | Default | Meaning |",
    "README.zh-CN.md": "| 配置项 | 类型 | 默认值 | 含义 |",
}
_BLOCK = re.compile(r"(<!-- settings: [^>]*-->\n).*?(<!-- end of settings -->)", re.DOTALL)


def table(heading: str) -> str:
    """The settings as a Markdown table."""
    lines = [heading, "|---|---|---|---|", "| `alicloud:region` | string | | The region of everything. |"]
    for row in settings_table():
        default = f"`{row['default']}`" if row["default"] else ""
        lines.append(f"| `{row['key']}` | {row['type']} | {default} | {row['meaning']} |")
    return "\n".join(lines) + "\n"


def rewritten(text: str, heading: str) -> str:
    """A README with the table of today's settings."""
    return _BLOCK.sub(lambda found: found[1] + table(heading) + found[2], text)


def main(arguments: list[str]) -> int:
    """Write, or with --check compare; 1 when a README is out of date."""
    stale = []
    for name, heading in FILES.items():
        path = ROOT / name
        old = path.read_text(encoding="utf-8")
        new = rewritten(old, heading)
        if new != old:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"{', '.join(stale)} out of date; run python -m components.reference", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
