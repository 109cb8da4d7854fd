from hypothesis import given
from hypothesis import strategies as st

from indexes.sentences import iter_sentences, sentence_spans

WORDS = st.text(st.sampled_from(list("ab. \n\t!?\"'(é世。🎉\x00\u2003")), max_size=300)


@given(WORDS)
def test_spans_are_ordered_and_leave_out_only_white_space(text: str) -> None:
    behind = 0
    for span in sentence_spans(text):
        assert not text[behind : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip() != ""
        behind = span.end
    assert not text[behind:].strip()


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = "Dr. Smith paid $3.50 in the U.S. market. He left."
    assert [text[s.start : s.end] for s in sentence_spans(text)] == [
        "Dr. Smith paid $3.50 in the U.S. market.",
        "He left.",
    ]


def test_a_text_longer_than_a_block_is_split_at_the_same_sentences() -> None:
    sentence = "Dr. Smith went to the U.S. in 1999. "
    text = sentence * 5_000
    assert [text[s.start : s.end] for s in sentence_spans(text)] == [sentence.strip()] * 5_000


def test_a_giant_sentence_is_divided_between_words() -> None:
    text = "word " * 50_000
    spans = sentence_spans(text)
    assert len(spans) > 1
    assert {len(text[s.start : s.end]) % 5 for s in spans} == {4}


def test_a_giant_word_loses_nothing() -> None:
    text = "x" * 100_000
    assert "".join(text[s.start : s.end] for s in sentence_spans(text)) == text


def test_part_of_a_text_keeps_the_offsets_of_the_whole() -> None:
    text = "One. Two here. Three."
    assert [text[s.start : s.end] for s in iter_sentences(text, 5, 14)] == ["Two here."]


def test_headings_list_items_table_rows_and_fences_are_sentences_of_their_own() -> None:
    text = (
        "## Placement\nA policy is a pure\nfunction. It may\n- permute\n- drop\n  nothing\n"
        "| a | b |\n```\nx = 1\ny = 2\n```\nDone."
    )
    assert [text[s.start : s.end] for s in sentence_spans(text)] == [
        "## Placement",
        "A policy is a pure\nfunction.",
        "It may",
        "- permute",
        "- drop\n  nothing",
        "| a | b |",
        "```",
        "x = 1\ny = 2",
        "```",
        "Done.",
    ]
