"""The passage: a verbatim span of a document, and the values that retrieval makes of it. Cutting is in `cutting`."""

from dataclasses import dataclass

from indexes.documents import Metadata


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim span of a document: ``document.text[start:end] == text``.

    Attributes:
        id: 16 hex digits of a hash over source, text and which repetition of that text it is in its document.
        text: verbatim, as it stands in the extracted text.
        source: the document's source (path relative to its root, ``#id`` for records).
        title: the document's title.
        page: page on which the passage starts, from 1; None without pages.
        heading: enclosing headings, outermost first, joined by " > "; None without.
        start: offset of the first character in the document's text.
        end: offset behind the last character.
        line: line of the file on which it starts, from 1; None where the text is not the file's own.
        metadata: the document's.
    """

    id: str
    text: str
    source: str
    title: str
    page: int | None
    heading: str | None
    start: int
    end: int
    line: int | None = None
    metadata: Metadata = ()


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage with the rank that retrieval gave it.

    Attributes:
        rank: 1 is best; never changed afterwards, wherever the passage is placed.
        score: higher is better; comparable within one ranking only.
    """

    passage: Passage
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer of retrieval to one query: passages by rank.

    Attributes:
        passages: ranks 1, 2, ... in order.
        mode: "dense", "lexical" or "hybrid".
        reranker: the cross-encoder's name; None without.
    """

    query: str
    passages: tuple[RankedPassage, ...]
    mode: str
    reranker: str | None = None
