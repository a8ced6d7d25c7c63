"""States that released versions wrote: a folder for each, with the stack, its settings and the account it was for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
VERSIONS = sorted(path.name for path in FOLDER.iterdir() if (path / "stack.json").is_file())
# In the files; each test has a port of its own.
ADDRESS = "127.0.0.1:8790"
# Where the program of that version stood is nobody's business.
_PLACES = frozenset({"sourcePosition", "stackTrace"})


def settled(text: str) -> str:
    """An exported stack as it is kept: without places, under the address that stands for all."""
    document = json.loads(text)
    for resource in document["deployment"]["resources"]:
        for key in _PLACES & resource.keys():
            del resource[key]
    return addressed(json.dumps(document, indent=1, sort_keys=True) + "\n", ADDRESS)


def addressed(text: str, address: str) -> str:
    """A kept file for the emulator at an address."""
    return re.sub(r"127\.0\.0\.1:\d+", address, text)


# Everything that a stack can declare without a bill, so that an upgrade has to do with all of it.
SETTINGS: Mapping[str, Any] = {
    "labels": {"course": "one"},
    "environmentVariables": {"HF_HOME": "/mnt/workspace/hf"},
    "datasets": [{"mountPath": "/mnt/data", "uri": "oss://bucket.oss-cn-wulanchabu.aliyuncs.com/data/"}],
    "driver": "550.54.15",
}
