"""What a check found as a comment on a pull request: complete, short, and nothing but text where others wrote."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evaluation.check.outputs.markdown import markdown
from tests.evaluation.check.building_checks import against, checked, metric, stage
from tests.evaluation.check.building_outputs import HOSTILE, full_check, undecided_check

GITHUB = MarkdownIt("gfm-like", {"linkify": False})
OURS = {"p", "strong", "ul", "li", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"}
CALLS = re.compile(r"@(?=\w)(?!(?<=\w@)10\b)|#(?=\w)|://|www\.|GH-\d", re.I)
"""What GitHub makes links or mentions of, after entities and escapes are decoded; "recall@10" is none."""


class Shown(HTMLParser):
    """The tags and the text that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {name for name, _ in attrs} - {"style"}

    def handle_data(self, data: str) -> None:
        self.text += data


def lines(text: str) -> list[str]:
    return markdown(full_check(text, path="a path")).split("\n")


def test_the_verdict_stands_first_then_the_stages() -> None:
    said = markdown(full_check()).splitlines()
    assert said[0].startswith("**REGRESSED**: retrieval lost 3 of 64 questions (recall")
    assert said[2] == "64 questions against the baseline of 2026-05-01T12:00:00Z (plain words):"
    assert said[4] == "| stage | metric | verdict | baseline | now | change | margin | \\+ / − |"
    assert said[5] == "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"
    assert said[6] == (
        "| retrieval: regressed | recall&#64;10 | regressed: net loss beyond the margin | 96.9 % | 92.2 % | −4.7 | 2 "
        "| 0 / 3 |"
    )
    assert "| generation: inconclusive (tells, does not gate) | sub_span |" in markdown(full_check())


def test_what_changed_is_said_and_the_lost_questions_are_folded() -> None:
    text = markdown(full_check())
    assert "\n- corpus: documents 33 → 34\n" in text
    folded = text.split("<details>")[1].split("</details>")[0]
    assert folded.startswith("<summary>Lost questions (3)</summary>\n\n- plain words 0: plain words (retrieval recall")
    assert folded.count("\n- ") == 3


def test_an_open_verdict_says_what_to_do() -> None:
    assert markdown(undecided_check()).startswith("**inconclusive**: end to end sub_span over 60 questions: too few")
    assert "what to do: ask more questions, or raise the margin" in markdown(undecided_check())


def test_without_a_baseline_it_says_how_to_bless() -> None:
    text = markdown(checked("inconclusive", baseline=None))
    assert 'make this result the baseline: rag check bless --reason "…"' in text
    assert "| retrieval | recall&#64;10 | 100.0 % | 1 |" in text


def test_texts_of_others_stay_text() -> None:
    shown = Shown(GITHUB.render(markdown(full_check(HOSTILE))))
    assert set(shown.tags) == OURS
    assert shown.tags.count("table") == shown.tags.count("details") == 1
    assert CALLS.findall(shown.text) == []
    assert "<script>alert(1)</script> &lt;b&gt;" in shown.text


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(
        st.text(st.characters(), max_size=40),
        st.text(st.sampled_from("ab1_*`[]()<>|~&!#+-=.:/@$\\\"'\n\t\r;\x0b\x85\u2028 "), max_size=40),
        st.lists(st.sampled_from(["@a", "#1", "www.", "http://", "<b>", "|", "GH-1", "&#64;", "a", " "])).map("".join),
    )
)
def test_any_text_leaves_the_document_as_it_is(text: str) -> None:
    """The same lines, each a line of its own, and the same elements as with words."""
    said, wanted = lines(text), lines("words")
    assert len(said) == len(wanted)
    unescaped = [len(re.findall(r"(?<!\\)\|", line)) for line in said]
    assert unescaped == [len(re.findall(r"(?<!\\)\|", line)) for line in wanted]
    shown = Shown(GITHUB.render("\n".join(said)))
    assert shown.tags == Shown(GITHUB.render("\n".join(wanted))).tags
    assert CALLS.findall(shown.text) == []


@pytest.mark.parametrize("text", ["q", "<" * 5_000, HOSTILE, "@a" * 3_000, "位" * 3_000])
def test_it_fits_a_comment_whatever_there_is(text: str) -> None:
    """GitHub takes 65,536 characters."""
    said = markdown(full_check(text, questions=3_000))
    assert len(said) < 60_000
    assert "more: `rag check diff`" in said
    assert said.count("</details>") == 1


def test_it_fits_a_comment_with_any_number_of_metrics() -> None:
    name = "<" * 1_000
    many = stage("retrieval", *(metric(f"{name}{number}", verdict="regressed", lost=("q1",)) for number in range(500)))
    said = markdown(checked("regressed", baseline=against(many), anchor=against(many)))
    assert len(said) < 60_000
    assert "more: rag check run --json" in said
