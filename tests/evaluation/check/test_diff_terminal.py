"""The questions that differ on a terminal and as JSON: side by side, width, missing texts, hostile words."""

import io
import json
from collections.abc import Mapping, Sequence

import pytest
from rich.cells import cell_len
from rich.console import Console

from evaluation.check.differences import Difference, differences
from evaluation.check.outputs.diff_contract import diff_contract
from evaluation.check.outputs.diff_terminal import render_differences
from evaluation.check.values import Reply, Slot
from tests.evaluation.check.building_checks import baseline, failed, outcome, reply, result

HOSTILE = "[bold]x[/] a|b \x1b[2J\x9b31m\u202e\ttab\r\nnext\x00"
LONG = "docs/" + "deep/" * 40 + "guide.md"
TEXTS = {"a": "Gold says Paris. " * 30, "b": "Bread is baked.", "c": "Cats\nand dogs."}


def slots(*names: str) -> tuple[Slot, ...]:
    return tuple(Slot(name, f"{name}.md", rank, name == "a") for rank, name in enumerate(names, 1))


LOST = Difference(
    id="q1",
    question="Where is it?",
    kind="worse",
    changes=("recall@10 1 → 0", "sub_span 3 of 3 → 0 of 1"),
    baseline_context=slots("a", "b"),
    context=slots("b", "c", "z"),
    baseline_replies=(reply(answer=None),) * 3,
    replies=(reply(0.0, answer="Lyon. " * 200, cited=("b.md",)),),
)


def drawn(
    found: Sequence[Difference],
    texts: Mapping[str, str] = TEXTS,
    *,
    width: int = 80,
    full: bool = False,
    colour: bool = False,
) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=colour, color_system="standard" if colour else None)
    console.print(render_differences(found, texts, full=full))
    return file.getvalue()


def row(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.strip().startswith(start))


def test_nothing_that_differs_is_one_line() -> None:
    assert drawn([]) == "no question differs from the baseline\n"


def test_a_question_stands_with_its_changes_contexts_and_answers() -> None:
    text = drawn([LOST])
    parts = [
        "1 question differs from the baseline: 1 worse\n",
        "★ holds gold",
        "worse: q1: Where is it?\n",
        "• recall@10 1 → 0\n",
        "• sub_span 3 of 3 → 0 of 1\n",
        "context, baseline\n",
        "  1 ★− rank 1  a.md  Gold says Paris.",
        "  2    rank 2  b.md  Bread is baked.\n",
        "context, now\n",
        "  1    rank 1  b.md  Bread is baked.\n",
        "  2  + rank 2  c.md  Cats and dogs.\n",
        "  3  + rank 3  z.md  text no longer in the index\n",
        "answers, baseline\n",
        "  3 answered; sub_span 1\n",
        "    not kept; `rag check bless --answers` keeps them\n",
        "answers, now\n",
        "  answered; sub_span 0; cites b.md\n",
        "    Lyon. Lyon.",
    ]
    found = [text.find(part) for part in parts]
    assert -1 not in found
    assert found == sorted(found)
    assert text.count("not kept") == 1


def test_a_wide_terminal_has_the_baseline_left_and_now_right() -> None:
    lines = drawn([LOST], width=140).splitlines()
    at = next(line.index("context, now") for line in lines if line.startswith("context, baseline"))
    assert at > 60
    first = next(line for line in lines if line.startswith("  1 ★− rank 1"))
    assert first[at:].startswith("  1    rank 1  b.md")
    third = next(line for line in lines if "z.md" in line)
    assert not third[:at].strip()
    assert any(line.startswith("answers, baseline") and line[at:] == "answers, now" for line in lines)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("width", [20, 40, 80, 109, 110, 111, 200])
@pytest.mark.parametrize("words", [HOSTILE, "位置" * 60, "x" * 300, "", "e\u0301" * 200])
def test_no_line_is_wider_than_the_terminal(width: int, words: str, full: bool) -> None:
    one = Difference(
        words,
        words,
        "worse",
        (words,),
        (Slot("a", words, 1), Slot("z", LONG, 12, True)),
        (Slot("b", LONG, 1),) * 12,
        (reply(answer=words, cited=(words,)),),
        (reply(answer=words * 100), failed(words)),
    )
    text = drawn([one], {"a": words * 100}, width=width, full=full)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_a_long_source_keeps_its_end() -> None:
    one = Difference("q", "?", "other", ("moved",), (Slot("b", LONG, 1),), (Slot("c", LONG, 1),))
    assert "/guide.md  Bread is baked." in drawn([one])


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("full", [False, True])
def test_untrusted_words_are_neither_markup_nor_control(width: int, full: bool) -> None:
    one = Difference(
        HOSTILE,
        HOSTILE,
        "worse",
        (HOSTILE,),
        (Slot("a", HOSTILE, 1),),
        (Slot("z", HOSTILE, 1),),
        (Reply("answered", {HOSTILE: 1.0}, HOSTILE, (HOSTILE,)),),
        (failed(HOSTILE),),
    )
    text = drawn([one], {"a": HOSTILE}, width=width, full=full)
    assert "[bold]x[/]" in text
    assert not {"\x1b", "\x9b", "\u202e", "\t", "\r", "\x00"} & set(text)
    coloured = drawn([one], {"a": HOSTILE}, width=width, full=full, colour=True)
    assert "\x1b[2J" not in coloured
    assert "\x1b[1" in coloured


def test_contexts_that_are_the_same_are_one_line_unless_all_is_asked_for() -> None:
    one = Difference("q", "?", "worse", ("sub_span 1 → 0",), slots("a", "b"), slots("a", "b"))
    assert "context: the same 2 passages in the same order\n" in drawn([one])
    assert "rank 1" not in drawn([one])
    text = drawn([one], full=True)
    assert text.count("rank 1") == 2
    assert "−" not in row(text, "1 ★")


def test_full_shows_whole_passages_and_answers() -> None:
    short, full = drawn([LOST]), drawn([LOST], full=True)
    assert (short.count("Paris"), full.count("Paris")) == (row(short, "1 ★").count("Paris"), 30)
    assert full.count("Lyon.") == 200
    assert short.count("Lyon.") < 60
    assert "    …\n" in short
    assert "…" not in full


def test_lines_of_an_answer_stay_lines() -> None:
    one = Difference("q", "?", "other", ("x",), replies=(reply(answer="First.\n\nSecond."),))
    assert "    First.\n    Second.\n" in drawn([one])


def test_what_has_no_answer_says_why() -> None:
    thinking = reply(0.0, answer=None, finish="unfinished_thinking")
    now = (thinking, failed("HTTP 500"), reply(answer=None))
    text = drawn([Difference("q", "?", "other", ("x",), baseline_replies=(thinking,), replies=now)])
    assert "  unfinished thinking; sub_span 0\n    no answer\nanswers, now\n" in text
    assert "  2 failed\n    HTTP 500\n" in text
    assert text.endswith("  3 answered; sub_span 1\n    not kept\n")


def test_a_side_that_a_question_does_not_have_is_empty() -> None:
    found = differences(baseline(outcome("old")), result(outcome("new", replies=[reply(0.46, tokens=5)])))
    text = drawn(found)
    assert text.startswith("2 questions differ from the baseline: 2 other\n")
    assert "• added\ncontext, baseline\n  none\ncontext, now\n  1 ★+ rank 1  guide.md" in text
    assert "answers, baseline\n  not asked\nanswers, now\n  answered; sub_span 0.46\n" in text
    assert text.endswith("context, now\n  none\n")


def test_json_has_both_sides_with_positions_from_one() -> None:
    (one,) = diff_contract([LOST])
    assert json.loads(json.dumps(one, allow_nan=False)) == one
    assert (one["id"], one["question"], one["kind"]) == ("q1", "Where is it?", "worse")
    assert one["changes"] == ["recall@10 1 → 0", "sub_span 3 of 3 → 0 of 1"]
    assert one["baseline"]["context"] == [
        {"position": 1, "rank": 1, "passage_id": "a", "source": "a.md", "gold": True},
        {"position": 2, "rank": 2, "passage_id": "b", "source": "b.md", "gold": False},
    ]
    assert len(one["baseline"]["replies"]) == 3
    assert one["current"]["replies"] == [
        {
            "finish": "answered",
            "values": {"sub_span": 0.0},
            "answer": "Lyon. " * 200,
            "cited": ["b.md"],
            "tokens": None,
            "seconds": None,
            "error": None,
        }
    ]


def test_json_of_nothing_is_an_empty_list() -> None:
    assert diff_contract([]) == []
