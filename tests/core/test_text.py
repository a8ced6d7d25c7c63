import pytest

from paidsw.core.text import camel_case, printable, snake_case


@pytest.mark.parametrize(
    ("snake", "camel"),
    [("only", "only"), ("max_gib", "maxGib"), ("a_b_c", "aBC"), ("web_ide_url", "webIdeUrl")],
)
def test_names_in_python_and_on_the_wire(snake: str, camel: str) -> None:
    assert camel_case(snake) == camel
    assert snake_case(camel) == snake


@pytest.mark.parametrize(
    ("operation", "method"), [("CreateInstance", "create_instance"), ("ListEcsSpecs", "list_ecs_specs")]
)
def test_an_operation_of_the_api_as_a_method_of_its_sdk(operation: str, method: str) -> None:
    assert snake_case(operation) == method


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 文本", "plain 文本"),
        ("a\nb", "a\ufffdb"),
        ("\x1b[31m", "\ufffd[31m"),
        ("\u202eabc", "\ufffdabc"),
        (5, "5"),
    ],
)
def test_what_a_terminal_would_obey_is_not_printed(text: object, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(("length", "shown"), [(3, "xxx"), (4, "xxxx"), (5, "xxx…"), (50, "xxx…")])
def test_a_long_text_is_cut(length: int, shown: str) -> None:
    assert printable("x" * length, 4) == shown
