import json

import pytest

from cli.console import note, print_json, print_result


def test_notes_go_to_stderr_with_markup_as_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    note("[red]x[/red] \x1b]0;pwned\x07 :smile:")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "[red]x[/red] ␛]0;pwned␇ :smile:\n")


def test_a_long_note_is_not_broken_into_lines(capsys: pytest.CaptureFixture[str]) -> None:
    note("word " * 100)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_result_is_one_object_with_the_version_of_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    print_result({"answer": None})
    assert json.loads(capsys.readouterr().out) == {"schema_version": 1, "answer": None}


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b31m", "\u202e", "\udcff", "日本語"])
def test_json_keeps_every_character_and_writes_only_ascii(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": text})
    out = capsys.readouterr().out
    assert out.isascii()
    assert out.replace("\n", "").isprintable()
    assert json.loads(out) == {"text": text}


def test_json_refuses_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json({"value": float("nan")})
