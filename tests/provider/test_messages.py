"""What the provider says is data: a text with its values, each in one place."""

from __future__ import annotations

import re
from pathlib import Path

from paidsw.core.messages import message
from paidsw.provider import messages
from paidsw.provider.messages import Text

FOLDER = Path(messages.__file__).parent


def test_no_sentence_is_written_twice() -> None:
    # Two names of one text would be one member.
    assert len(Text) == len(Text.__members__)


def test_a_sentence_with_its_values_is_data() -> None:
    gone = Text.GONE(instance="dsw-1")
    assert gone == message("instance {instance} is gone", instance="dsw-1")
    assert str(gone) == "instance dsw-1 is gone"
    nested = Text.OF_INSTANCE(instance="dsw-2", error=gone)
    german = {"instance {instance}: {error}": "Instanz {instance}: {error}", gone.text: "{instance} ist weg"}
    assert nested.render(german.__getitem__) == "Instanz dsw-2: dsw-1 ist weg"


def test_no_error_or_line_of_the_instance_is_written_where_it_is_reported() -> None:
    found = [
        f"{path.name}: {line.strip()}"
        for path in FOLDER.joinpath("instance").glob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"""(?:raise \w+|op\.(?:warn|tell|report))\(f?["']""", line)
    ]
    assert found == []
