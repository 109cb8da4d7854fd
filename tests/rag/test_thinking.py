"""Tests of taking thinking and answer apart: the rules on whole texts, and that a stream gives the same."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.answerer import Delta
from rag.thinking import NO_TAG, SEVERAL_TAGS, Split, ThinkingSplitter, Thinks, split

THINKS: tuple[Thinks, ...] = ("inside", "own_tag", "never", "unknown")


def test_the_answer_follows_the_closing_tag_where_the_prompt_opened_the_thinking() -> None:
    assert split("Hm.\n</think>\n\nBlue.", thinks="inside") == Split("Hm.", "Blue.", closed=True)


def test_the_models_own_opening_tag_is_no_part_of_the_thinking() -> None:
    assert split("\n<think>\nHm.</think>Blue.", thinks="own_tag") == Split("Hm.", "Blue.", closed=True)


def test_an_opening_tag_written_again_after_the_prompts_is_dropped() -> None:
    assert split("<think>\n<think>Hm.</think>Blue.", thinks="inside").reasoning == "Hm."


@pytest.mark.parametrize("thinks", ["inside", "own_tag", "unknown"])
def test_the_answer_follows_the_last_closing_tag(thinks: Thinks) -> None:
    taken = split("a</think>b</think>c", thinks=thinks)
    assert taken == Split("a</think>b", "c", closed=True, warnings=(SEVERAL_TAGS,))


def test_thinking_that_the_prompt_opened_and_nothing_closes_has_no_answer() -> None:
    assert split("It may be blue.", thinks="inside") == Split("It may be blue.", None, closed=False)


@pytest.mark.parametrize("thinks", ["inside", "own_tag", "unknown"])
def test_thinking_that_the_model_opened_and_did_not_close_has_no_answer(thinks: Thinks) -> None:
    assert split("<think>It may be blue.", thinks=thinks) == Split("It may be blue.", None, closed=False)


def test_thinking_opened_again_and_not_closed_has_no_answer() -> None:
    assert split("a</think> <think>b", thinks="inside") == Split("a</think> <think>b", None, closed=False)


def test_thinking_in_its_own_channel_with_empty_content_is_unfinished() -> None:
    assert split("", thinks="inside", reasoning="Hm.") == Split("Hm.", None, closed=False)


@pytest.mark.parametrize("thinks", THINKS)
def test_where_the_server_separates_the_content_is_the_answer(thinks: Thinks) -> None:
    assert split("Blue.", thinks=thinks, reasoning="Hm.") == Split("Hm.", "Blue.", closed=True)


@pytest.mark.parametrize("thinks", THINKS)
def test_tags_inside_the_thinking_channel_are_text(thinks: Thinks) -> None:
    taken = split("Blue.", thinks=thinks, reasoning="<think>\nThey wrote </think> here.\n")
    assert taken == Split("They wrote </think> here.", "Blue.", closed=True)


def test_a_closing_tag_alone_leaves_no_thinking() -> None:
    assert split("\n</think>\n\nBlue.", thinks="inside") == Split(None, "Blue.", closed=True)


def test_closed_thinking_without_an_answer_is_closed() -> None:
    assert split("Hm.</think>\n", thinks="inside") == Split("Hm.", None, closed=True)


@pytest.mark.parametrize("thinks", THINKS)
def test_nothing_is_neither_thinking_nor_answer(thinks: Thinks) -> None:
    assert split(" \n", thinks=thinks) == Split(None, None, closed=True)


def test_unknown_and_no_tag_is_an_answer_with_a_warning() -> None:
    assert split("Blue.", thinks="unknown") == Split(None, "Blue.", closed=True, warnings=(NO_TAG,))


def test_a_model_that_opens_its_own_thinking_may_answer_without() -> None:
    assert split("Blue.", thinks="own_tag") == Split(None, "Blue.", closed=True)


def test_an_opening_tag_within_an_answer_is_text() -> None:
    assert split("R1 writes <think> first.", thinks="own_tag").answer == "R1 writes <think> first."


def test_tags_are_text_for_a_model_that_never_thinks() -> None:
    text = "<think> opens, </think> closes."
    assert split(text, thinks="never") == Split(None, text, closed=True)


def stream(chunks: list[str], thinks: Thinks, reasoning: list[str]) -> tuple[list[Delta], Split]:
    splitter = ThinkingSplitter(thinks)
    deltas: list[Delta] = []
    for chunk in reasoning:
        deltas += splitter.feed(reasoning=chunk)
    for chunk in chunks:
        deltas += splitter.feed(chunk)
    return deltas + splitter.flush(), splitter.split()


def shown(deltas: list[Delta], kind: str) -> str:
    return "".join(delta.text for delta in deltas if delta.kind == kind)


def test_a_tag_split_over_three_deltas_is_found() -> None:
    deltas, taken = stream(["Hm.</", "thi", "nk>Blue."], "inside", [])
    assert deltas == [Delta("thinking", "Hm."), Delta("answer", "Blue.")]
    assert taken == Split("Hm.", "Blue.", closed=True)


def test_what_only_looked_like_a_tag_is_shown() -> None:
    deltas, _ = stream(["a </", "th", "ing> b <"], "own_tag", [])
    assert shown(deltas, "answer") == "a </thing> b <"


def test_the_stream_of_an_unknown_model_is_provisional_until_a_tag_comes() -> None:
    splitter = ThinkingSplitter("unknown")
    assert splitter.feed("Hm. ") == [Delta("provisional", "Hm. ")]
    assert splitter.feed("So</think>Blue.") == [Delta("thinking", "So"), Delta("answer", "Blue.")]


def test_the_thinking_channel_settles_an_unknown_model() -> None:
    deltas, _ = stream(["Blue."], "unknown", ["Hm."])
    assert deltas == [Delta("thinking", "Hm."), Delta("answer", "Blue.")]


def cut(text: str, at: list[int]) -> list[str]:
    borders = sorted({0, len(text), *(i % (len(text) + 1) for i in at)})
    return [text[start:end] for start, end in pairwise(borders)]


texts = st.lists(
    st.sampled_from(["<think>", "</think>", "<", "</", "think>", "</thi", "a", "Blue. ", "\n", " ", "é"]),
    max_size=12,
).map("".join)
cuts = st.lists(st.integers(0, 200), max_size=20)


@given(texts, st.sampled_from(THINKS), cuts, st.sampled_from(["", "Hm. ", "<think>x</think>"]), cuts)
@example("\n<think>a</think>b", "own_tag", [1, 2, 3, 4], "", [])
def test_a_stream_gives_what_the_whole_text_gives(
    text: str, thinks: Thinks, at: list[int], reasoning: str, reasoning_at: list[int]
) -> None:
    whole = split(text, thinks=thinks, reasoning=reasoning)
    _, taken = stream(cut(text, at), thinks, cut(reasoning, reasoning_at))
    assert taken == whole
    assert taken.closed or taken.answer is None


words = st.text("ab </>\n", max_size=20).filter(lambda text: "<think>" not in text and "</think>" not in text)


@given(st.sampled_from(["", "<think>", "\n<think>\n"]), words, words, cuts)
def test_the_deltas_of_a_stream_add_up_to_its_thinking_and_its_answer(
    opening: str, thought: str, answer: str, at: list[int]
) -> None:
    deltas, taken = stream(cut(f"{opening}{thought}</think>{answer}", at), "inside", [])
    assert shown(deltas, "thinking").strip() == (taken.reasoning or "") == thought.strip()
    assert shown(deltas, "answer").strip() == (taken.answer or "") == answer.strip()


@given(texts, st.sampled_from(THINKS), cuts)
def test_a_stream_shows_everything_but_tags_and_the_space_around_them(text: str, thinks: Thinks, at: list[int]) -> None:
    deltas, _ = stream(cut(text, at), thinks, [])
    together = "".join(delta.text for delta in deltas)
    once, _ = stream([text], thinks, [])
    assert together == "".join(delta.text for delta in once)
    if thinks == "never":
        assert together == text
