"""Writes the table of settings into the READMEs: `python -m components.reference [--check]`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from components.arguments import NotebookArgs
from paidsw.core.settings import REGION_KEY
from paidsw.core.yaml_scalars import json_text

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = "| Key | Type | Default | Meaning |"
CHINESE = "| 配置项 | 类型 | 默认值 | 含义 |"
FILES = {"README.md": ENGLISH, "README.zh-CN.md": CHINESE}
# The meanings in Chinese; in English the settings say it themselves.
_MEANINGS_ZH = Path(__file__).with_name("meanings.zh.yaml")
_BLOCK = re.compile(r"(<!-- settings: [^>]*-->\n).*?(<!-- end of settings -->)", re.DOTALL)


def settings_table() -> list[Mapping[str, str]]:
    """Every setting with its type, default and meaning, for the documentation."""
    rows: list[Mapping[str, str]] = []
    for alias, spec in NotebookArgs.model_json_schema(by_alias=True)["properties"].items():
        kind = spec.get("type") or next(
            part.get("type", "object") for part in spec["anyOf"] if part.get("type") != "null"
        )
        default = spec.get("default")
        shown = (
            "" if default in (None, {}, []) else default if isinstance(default, str) else json_text(default)
        )
        rows.append({"key": alias, "type": kind, "default": shown, "meaning": spec["description"]})
    return rows


def table(heading: str) -> str:
    """The settings as a Markdown table, in the heading's language."""
    region = {
        "key": REGION_KEY,
        "type": "string",
        "default": "",
        "meaning": "The region of everything.",
    }
    chinese = yaml.safe_load(_MEANINGS_ZH.read_text(encoding="utf-8"))
    lines = [heading, "|---|---|---|---|"]
    for row in (region, *settings_table()):
        default = f"`{row['default']}`" if row["default"] else ""
        meaning = chinese[row["key"]] if heading == CHINESE else row["meaning"]
        lines.append(f"| `{row['key']}` | {row['type']} | {default} | {meaning} |")
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
