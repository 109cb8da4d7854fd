import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.printable import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;pwned\x07", "␛]0;pwned␇"),
        ("\x9b31mred", "�31mred"),
        ("\u202egnp.exe\u2069", "�gnp.exe�"),
        ("\x7f\x00\r", "␡␀␍"),
        ("name\udcff.txt", "name�.txt"),
        ("[red]x[/red]\tä\n", "[red]x[/red]\tä\n"),
    ],
)
def test_what_a_terminal_would_obey_becomes_visible(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_printable_text_can_be_written_and_stays_as_it_is(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert len(shown) == len(text)
    assert printable(shown) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
