from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.cutting import Cut, Cutting, cut
from indexes.documents import Document, Heading
from indexes.embedder.hashing import HashingEmbedder
from indexes.embedder.protocol import Embedder
from indexes.errors import RequestError
from indexes.sections import sections

LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["", "A sentence. And another, rather longer than the first one!", "def f(x): return x", "第三句。第四句。"]
        ),
        st.text(st.sampled_from(list("ab .\t!é世🎉\x00\u2003#")), max_size=60),
        st.integers(1, 3_000).map("x".__mul__),
        st.integers(1, 400).map("word ".__mul__),
        st.integers(1, 60).map("Short one. ".__mul__),
    ),
    min_size=1,
    max_size=12,
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    lines = draw(LINES)
    headings: list[Heading] = []
    start = 0
    for line in lines:
        if title := line[:200].strip():
            level = draw(st.sampled_from([0, 0, 1, 2, 3]))
            headings += [Heading(start, level, title)] if level else []
        start += len(line) + 1
    title = draw(st.sampled_from(["", "Title", "A long title " * 40, "t" * 5_000]))
    return Document("a.txt", "\n".join(lines) + "\n", title, headings=tuple(headings))


def check(document: Document, embedder: Embedder, cuts: Sequence[Cut], limit: int) -> None:
    behind = 0
    for piece in cuts:
        assert not document.text[behind : piece.start].strip()  # in order, without overlap, without loss
        text = document.text[piece.start : piece.end]
        assert text == text.strip() != ""
        assert piece.embedded == piece.lead + text
        [section] = [s for s in sections(document) if s.start <= piece.start and piece.end <= s.end]
        assert piece.heading == (" > ".join(section.path) or None)
        behind = piece.end
    assert not document.text[behind:].strip()
    assert max(embedder.count_tokens([piece.embedded for piece in cuts]), default=0) <= limit
    assert all(len(piece.embedded) <= 8 * limit for piece in cuts)


@given(documents(), st.integers(16, 64))
def test_passages_cover_the_text_verbatim_within_the_limit(document: Document, room: int) -> None:
    embedder = HashingEmbedder(max_tokens=room)
    check(document, embedder, cut(document, embedder), room)


def test_a_passage_is_as_many_sentences_as_fit() -> None:
    document = Document("a.txt", "One two three four five. " * 10, "")
    assert [(c.start, c.end) for c in cut(document, HashingEmbedder(max_tokens=16))] == [
        (0, 74),
        (75, 149),
        (150, 224),
        (225, 249),
    ]


def test_headings_separate_passages_and_are_their_context() -> None:
    text = "# Guide\nWelcome\nto it.\n## Install\nType\nthis.\n"
    headings = (Heading(0, 1, "Guide"), Heading(text.index("##"), 2, "Install"))
    cuts = cut(Document("a.md", text, "Manual", headings=headings), HashingEmbedder())
    assert [(c.heading, c.lead) for c in cuts] == [
        ("Guide", "Manual > Guide\n"),
        ("Guide > Install", "Manual > Guide > Install\n"),
    ]


def test_a_title_that_is_the_first_heading_is_not_repeated() -> None:
    document = Document("a.md", "Guide\nText\nhere.", "Guide", headings=(Heading(0, 1, "Guide"),))
    assert [c.lead for c in cut(document, HashingEmbedder())] == ["Guide\n"]


def test_a_long_context_loses_its_outermost_part_first() -> None:
    document = Document("a.md", "Install\nText\nhere.", "word " * 20, headings=(Heading(0, 1, "Install"),))
    assert [c.lead for c in cut(document, HashingEmbedder(max_tokens=16))] == ["Install\n"]


def test_code_is_divided_at_line_ends() -> None:
    text = "".join(f"value_{n} = compute(first, second)\n" for n in range(100))
    for piece in cut(Document("a.py", text, ""), HashingEmbedder(max_tokens=32)):
        assert text[piece.start : piece.end].startswith("value_")
        assert text[piece.end] == "\n"


@pytest.mark.parametrize(
    "text", ["word " * 400_000, "x" * 2_000_000, "A sentence here. " * 100_000, "\n" * 2_000_000 + "x"]
)
def test_a_giant_single_line_is_cut(text: str) -> None:
    embedder = HashingEmbedder()
    document = Document("a.txt", text, "Title")
    check(document, embedder, cut(document, embedder), embedder.room())


class Greedy(HashingEmbedder):
    """Its tokens do not add up: a long text has more than its parts have together."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [count + count // 4 for count in super().count_tokens(texts)]


@given(documents())
def test_the_limit_holds_where_tokens_do_not_add_up(document: Document) -> None:
    embedder = Greedy(max_tokens=32)
    check(document, embedder, cut(document, embedder), 32)


def test_only_white_space_has_no_passages() -> None:
    assert cut(Document("a.txt", " \n\t ", ""), HashingEmbedder()) == []


@pytest.mark.parametrize("tokens", [0, 15, 257])
def test_a_limit_that_the_embedder_cannot_keep_is_refused(tokens: int) -> None:
    with pytest.raises(RequestError, match="between 16 and 256 tokens"):
        cut(Document("a.txt", "Text.", ""), HashingEmbedder(), Cutting(tokens))


def test_long_reading_embedders_still_get_short_passages() -> None:
    assert Cutting().limit(HashingEmbedder(max_tokens=8_192)) == 256
