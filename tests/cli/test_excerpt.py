import re

from rich.console import Console

from cli.excerpt import excerpt, words_pattern

CONSOLE = Console(width=100)


def lines(text: str, query: str, *, width: int = 40, count: int = 2) -> list[str]:
    found = excerpt(text, words_pattern(query), console=CONSOLE, width=width, lines=count)
    return [line.plain for line in found]


def bold(text: str, query: str) -> list[str]:
    [line] = excerpt(text, words_pattern(query), console=CONSOLE, width=90, lines=1)
    return [line.plain[span.start : span.end] for span in line.spans if span.style == "bold"]


def test_a_short_text_is_shown_whole_line_by_line() -> None:
    assert lines("def f():\n    return 1\n", "return") == ["def f():", "    return 1"]


def test_the_lines_with_most_words_of_the_query_are_chosen() -> None:
    text = "\n".join(["owls", "none", "none", "owls hunt", "at night", "none"])
    assert lines(text, "owls hunting at night") == ["… owls hunt", "at night …"]


def test_the_first_of_equals_is_chosen() -> None:
    assert lines("a\nb\nc\nd", "x") == ["a", "b …"]


def test_what_the_file_wrapped_is_wrapped_anew_and_lists_stay() -> None:
    wrapped = "This line of a paragraph is longer than sixty characters by far,\nso it goes on.\n- a list item"
    assert lines(wrapped, "x", width=92) == [
        "This line of a paragraph is longer than sixty characters by far, so it goes on.",
        "- a list item",
    ]


def test_words_are_found_in_their_common_forms_but_not_inside_others() -> None:
    assert bold("A raven, ravens, RAVEN's and ravenous; the hunter hunts.", "hunting the raven") == [
        "raven", "ravens", "RAVEN's", "hunts",
    ]  # fmt: skip


def test_scripts_without_spaces_are_matched_within() -> None:
    assert bold("彼は東京に住む", "東京") == ["東京"]


def test_a_query_of_stop_words_only_matches_these() -> None:
    assert bold("To be or not", "to be") == ["To", "be"]


def test_a_query_without_words_matches_nothing() -> None:
    assert words_pattern("?! …") is None
    assert lines("text", "?!") == ["text"]


def test_a_query_cannot_be_a_pattern() -> None:
    pattern = words_pattern("a.* (b|c) [d]+ " + "very long " * 10_000)
    assert pattern is not None
    assert re.fullmatch(pattern, "axx") is None


def test_controls_are_pictured_and_endless_words_are_cut() -> None:
    assert lines("\x1b[2J\x9b", "x") == ["␛[2J\ufffd"]
    assert all(len(line) <= 40 for line in lines("a" * 1_000_000, "a", count=4))


def test_nothing_gives_no_line() -> None:
    assert lines(" \n ", "x") == []
