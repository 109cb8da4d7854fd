"""Which texts count as near-duplicates."""

from hypothesis import given
from hypothesis import strategies as st

from rag.duplicates import near_duplicates

WORDS = [f"word{number}" for number in range(100)]


def test_case_space_and_punctuation_do_not_tell_texts_apart() -> None:
    assert near_duplicates(["A cat, sat.", "a  CAT\nsat", "a-cat sat!", "a dog sat"]) == (None, 0, 0, None)


def test_words_are_compared_in_every_script() -> None:
    assert near_duplicates(["कि", "का", "東京。", "東京", "Straße", "STRASSE"]) == (None, None, None, 2, None, 4)


def test_four_fifths_of_shared_shingles_make_a_near_duplicate() -> None:
    """Of n words in front of a hundred, n - 4 shingles are shared, out of 96: 77/96 = .802, 76/96 = .792."""
    whole = " ".join(WORDS)
    assert near_duplicates([whole, " ".join(WORDS[:81]), " ".join(WORDS[:80])]) == (None, 0, None)


def test_the_first_of_its_kind_stays_and_a_chain_does_not_carry_on() -> None:
    """The third repeats the second, but that went, and it is too far from the first (72/96)."""
    texts = [" ".join(WORDS[:100]), " ".join(WORDS[:86]), " ".join(WORDS[:76])]
    assert near_duplicates(texts[1:]) == (None, 0)
    assert near_duplicates(texts) == (None, 0, None)


def test_short_texts_without_a_shingle_are_compared_as_a_whole() -> None:
    assert near_duplicates(["", "one two", "one two three", "one two"]) == (None, None, None, 1)


@given(st.lists(st.text(max_size=30), max_size=20))
def test_every_text_has_a_first_of_its_kind(texts: list[str]) -> None:
    twins = near_duplicates(texts)
    assert all(twin is None or (twin < index and twins[twin] is None) for index, twin in enumerate(twins))
    assert all(near_duplicates([text, text]) == (None, 0) for text in texts)
