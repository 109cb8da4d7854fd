"""What `rag ask --explain` shows: the slots, how the thinking went through them, what it misquotes."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

import cli.explain
from cli.explain import show_consultation
from indexes.directory import find_index
from indexes.index import Index
from indexes.ranking import rank
from rag.answer import Answer
from rag.context import Context, Slot
from rag.grounding.citations import check_citations
from rag.grounding.consultation import consult
from tests.cli.conftest import Outcome
from tests.indexes.collection import PAGES, write

Rag = Callable[..., Outcome]
Shown = Callable[[Answer], str]

THINKING = (
    'Passage 3 is of no use. [1] says "the capital of Germany is Berlin", I think. Back to [3]. [1] again; '
    'it never says "Bonn was the capital once".'
)


@pytest.fixture
def index(rag: Rag, project: Path) -> Iterator[Index]:
    """Three documents, one of them deep down."""
    pages = {**PAGES, "a/folder/that/is/far/away/from/the/others/and/long.md": "# Deep\n\nThe capital of depth.\n"}
    write(project / "docs", pages)
    assert rag("index", "docs", "--embedder", "hashing", "--dir", str(project / "indexes")).status == 0
    with Index(find_index(project / "indexes", None), cache=project / "cache") as index:
        yield index


@pytest.fixture
def context(index: Index) -> Context:
    """All passages, the one on Germany in slot 1, the deep one in slot 2."""
    firsts = ("guide/germany.md", "a/folder")
    ranked = sorted(
        rank(index, "What is the capital of Germany?").passages,
        key=lambda r: min((i for i, first in enumerate(firsts) if r.passage.source.startswith(first)), default=9),
    )
    return Context(tuple(Slot(position, r, 10) for position, r in enumerate(ranked, 1)), "edges", 40, "words")


@pytest.fixture
def shown(index: Index, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What is printed on a stdout of 80 columns."""

    def show(answer: Answer) -> str:
        out = io.StringIO()
        monkeypatch.setattr(cli.explain, "stdout", lambda: Console(file=out, width=80, markup=False, highlight=False))
        show_consultation(answer, index)
        return out.getvalue()

    return show


def answered(context: Context, reasoning: str | None, text: str = "It is Berlin [1].") -> Answer:
    citations = check_citations(text, context)
    return Answer(
        question="What is the capital of Germany?",
        text=text,
        reasoning=reasoning,
        finish="answered",
        model="scripted",
        context=context,
        citations=citations,
        consultation=consult(reasoning, context, citations) if reasoning else None,
    )


def test_slots_tell_when_and_how_often_they_were_looked_at(shown: Shown, context: Context) -> None:
    out = shown(answered(context, THINKING))
    head, *lines = out.strip("\n").splitlines()
    assert head.split() == ["slot", "rank", "order", "times", "answer", "source"]
    assert lines[0].split() == ["[1]", "1", "2", "3", "cited", "docs/guide/germany.md:1"]
    rank_of_third = str(context.slots[2].ranked.rank)
    (third,) = (line for line in lines if line.lstrip().startswith("[3]"))
    assert third.split()[:7] == ["[3]", rank_of_third, "1", "2", "consulted,", "not", "cited"]
    assert lines[1].split()[2:] == ["–", "–", "not", "looked", "at"]
    assert lines[-1] == "looked at: [3] → [1]"
    assert max(map(len, out.splitlines())) <= 80


def test_a_long_path_stands_whole_on_its_own_line(shown: Shown, context: Context) -> None:
    lines = [line.strip() for line in shown(answered(context, THINKING)).splitlines()]
    assert "docs/a/folder/that/is/far/away/from/the/others/and/long.md:1" in lines


def test_quotations_of_no_passage_are_warned_of(
    shown: Shown, context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Bonn" not in shown(answered(context, THINKING))
    err = " ".join(capsys.readouterr().err.split())
    assert err == "warning: words that the thinking quotes stand in no passage: “Bonn was the capital once”"


def test_a_draft_of_the_answer_is_no_misquotation(
    shown: Shown, context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    shown(answered(context, 'I will say "the seat is in Berlin" [1].', "So the seat is in Berlin [1]."))
    assert capsys.readouterr().err == ""


def test_a_citation_without_a_look_is_told(shown: Shown, context: Context) -> None:
    assert "cited, not looked at" in shown(answered(context, "Look at [2].")).splitlines()[2]


def test_thinking_that_looks_at_nothing_is_told(shown: Shown, context: Context) -> None:
    assert "the thinking names, quotes and repeats no passage" in shown(answered(context, "Easy."))


def test_without_thinking_nothing_can_be_told(shown: Shown, context: Context) -> None:
    out = shown(answered(context, None))
    assert out.strip().startswith("there was no thinking")
    assert "[1]" not in out


def test_many_looks_wrap(shown: Shown, context: Context) -> None:
    slots = tuple(replace(context.slots[0], position=position) for position in range(1, 31))
    many = replace(context, slots=slots)
    out = shown(answered(many, " ".join(f"[{position}]" for position in range(1, 31))))
    first, *more = out.splitlines()[-3:]
    assert first.startswith("looked at: [1] → [2] → ")
    assert [line[:12] for line in more] == [" " * 11 + "["] * 2
    assert max(map(len, (first, *more))) <= 80


def test_escapes_in_a_quotation_do_not_reach_the_terminal(
    shown: Shown, context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    shown(answered(context, 'It says "some \x1b[31m red words".'))
    err = capsys.readouterr().err
    assert "red words" in err
    assert "\x1b" not in err
