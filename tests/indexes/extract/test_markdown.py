"""Tests of `indexes.extract.markdown`."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from indexes.documents import Document
from indexes.extract import extract
from indexes.extract.markdown import _headings


def markdown(tmp_path: Path, text: str) -> Document:
    (tmp_path / "a.md").write_bytes(text.encode())
    (document,) = extract(tmp_path / "a.md", "a.md")
    return document


def test_text_is_verbatim_and_headings_start_at_their_marks(tmp_path: Path) -> None:
    text = "Intro.\n\n# One *two* `three` [four](url)\n\nText.\n\n  ## Five ##\n\nSetext\nheading\n---\n\nEnd\n"
    document = markdown(tmp_path, text)
    assert document.text == text
    assert document.own_lines
    assert [(h.level, h.title) for h in document.headings] == [
        (1, "One two three four"),
        (2, "Five"),
        (2, "Setext heading"),
    ]
    starts = [text[h.start :] for h in document.headings]
    assert [start.split(" ")[0].split("\n")[0] for start in starts] == ["#", "##", "Setext"]
    assert document.title == "One two three four"


def test_code_comments_quotes_and_empty_headings_are_no_headings(tmp_path: Path) -> None:
    document = markdown(tmp_path, "```\n# comment\n```\n\n    # indented\n\n> # quoted\n\n#\n\n#hashtag\n")
    assert document.headings == ()
    assert document.title == "a.md"


def test_front_matter_gives_title_and_date_and_stays_in_the_text(tmp_path: Path) -> None:
    text = '---\ntitle: "A study"\ndate: 2024-05-01T10:00\ntags: [x]\n---\n\n# Heading\n'
    document = markdown(tmp_path, text)
    assert document.text == text
    assert document.title == "A study"
    assert dict(document.metadata) == {"date": "2024-05-01", "type": "md"}
    assert [(h.start, h.title) for h in document.headings] == [(text.index("# H"), "Heading")]


def test_a_rule_at_the_start_is_no_front_matter(tmp_path: Path) -> None:
    document = markdown(tmp_path, "---\n# Heading\n\ntext\n")
    assert [h.title for h in document.headings] == ["Heading"]


def test_windows_line_ends_and_lone_carriage_returns_shift_nothing(tmp_path: Path) -> None:
    document = markdown(tmp_path, "a\rb\r\n\r\n# Heading\r\n\r\ntext\x0c\u2028more\r\n\r\n## Second\r\n")
    assert [document.text[h.start :].split("\n")[0] for h in document.headings] == ["# Heading", "## Second"]


WORDS = st.text("abc ", min_size=1).filter(str.strip)
BLOCKS = st.one_of(
    WORDS, WORDS.map("# {}".format), WORDS.map("### {}".format), WORDS.map("{}\n====".format), WORDS.map("> {}".format),
    WORDS.map("- {}".format), st.just("```\n# no\n```"), st.text("ab#\r\n\t -=`>é🦜", max_size=12),
)  # fmt: skip


@given(st.lists(BLOCKS, max_size=8).map("\n\n".join))
def test_every_heading_is_where_its_start_says(text: str) -> None:
    headings = _headings(text, skipped_lines=0)
    assert [h.start for h in headings] == sorted(h.start for h in headings)
    for heading in headings:
        folded = " ".join(re.sub(r"\A#{1,6}(?=\s|\Z)", "", text[heading.start :]).split())
        assert folded.startswith(heading.title)
