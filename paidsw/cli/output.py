"""How commands print."""

from __future__ import annotations

import json
from typing import Any


def print_json(document: Any) -> None:
    """Print a document for programs; what an encoding lacks is escaped."""
    print(json.dumps(document, indent=2))
