"""How well each sentence of a context supports a text: a question that it may answer, a sentence that it may back."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.embedder.protocol import Embedder, Kind
from indexes.sentences import Span, sentence_spans
from rag.context import Slot

LONGEST = 400
"""Characters of a sentence; longer ones, as tables and code give, are cut at a line's or a word's end."""

Figures = NDArray[np.float32]
"""One figure for each sentence."""

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_STOP_WORDS = frozenset(
    _WORD.findall(
        """a about an and are as at be been being but by can could did do does for from had has have he her his how i if
        in into is it its many me much my of on or our she should so than that the their them there these they this
        those to us was we were what when where which who whom whose why will with would you your"""
    )
)
_SUFFIX = re.compile(r"(?<=\w{3})(?:['’]s|ing|ed|es|s|e)$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage.

    Attributes:
        slot: where its passage stands.
        start: offset of its first character in the passage's text.
        end: offset behind its last.
    """

    slot: Slot
    start: int
    end: int

    @property
    def text(self) -> str:
        """Verbatim, but for white space: single spaces."""
        return " ".join(self.slot.ranked.passage.text[self.start : self.end].split())


def sentences_of(slots: Sequence[Slot]) -> list[Sentence]:
    """The sentences of `slots` that have a letter, by rank and in reading order, whatever the positions."""
    by_rank = sorted(slots, key=lambda slot: (slot.ranked.rank, slot.ranked.passage.id))
    return [
        Sentence(slot, *span)
        for slot in by_rank
        for sentence in sentence_spans(slot.ranked.passage.text)
        for span in _bounded(slot.ranked.passage.text, sentence)
        if any(char.isalpha() for char in slot.ranked.passage.text[span.start : span.end])
    ]


class Support:
    """The sentences of some slots, encoded once, to be compared with any number of texts.

    Equal slots give equal figures in whatever order they come.

    Attributes:
        sentences: those compared; all figures are in their order.
        terms: for each the words that carry meaning, its title's included.
    """

    def __init__(self, slots: Sequence[Slot], embedder: Embedder) -> None:
        """Encodes every sentence with its document's title, which says what "it" and "she" are."""
        self.sentences = tuple(sentences_of(slots))
        self._embedder = embedder
        texts = [f"{sentence.slot.ranked.passage.title}: {sentence.text}" for sentence in self.sentences]
        self._vectors = embedder.encode(_fitting(texts, embedder), kind="document")
        self.terms = tuple(frozenset(terms(text)) for text in texts)

    def cosines(self, text: str, *, kind: Kind) -> Figures:
        """Cosine of each sentence with `text`."""
        vector = self._embedder.encode(_fitting([text], self._embedder), kind=kind)[0]
        return np.asarray(self._vectors @ vector, np.float32)

    def coverage(self, text: str) -> Figures:
        """Share of the words of `text` that each sentence or its title has, rare words counting more, 0..1."""
        wanted = sorted(set(terms(text)))
        has = np.zeros((len(self.sentences), len(wanted)), np.float32)
        for row, found in zip(has, self.terms, strict=True):
            row[:] = [term in found for term in wanted]
        weights = np.log1p(len(has) / (0.5 + has.sum(axis=0)))
        return np.asarray(has @ weights / max(weights.sum(), 1e-9), np.float32)

    def backing(self, text: str) -> Figures:
        """How well each sentence backs `text`, about 0..1: the mean of cosine and coverage."""
        return np.float32(0.5) * (self.cosines(text, kind="document") + self.coverage(text))


def terms(text: str) -> list[str]:
    """The words of `text` that carry meaning, in lower case, without their commonest English endings."""
    return [_SUFFIX.sub("", word) for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS]


def _fitting(texts: Sequence[str], embedder: Embedder) -> list[str]:
    """`texts`, each cut at a word so that the embedder reads it whole: halved until it fits."""
    fitting, room = list(texts), embedder.room()
    while long := [i for i, count in enumerate(embedder.count_tokens(fitting)) if count > room]:
        for i in long:
            fitting[i] = fitting[i][: len(fitting[i]) // 2].rstrip()
    return fitting


def _bounded(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    while span.end - start > LONGEST:
        cut = max(text.rfind("\n", start + 1, start + LONGEST), -1)
        if cut < 0:
            cut = text.rfind(" ", start + 1, start + LONGEST)
        cut = cut if cut > 0 else start + LONGEST
        yield Span(start, cut)
        start = cut + len(text[cut : span.end]) - len(text[cut : span.end].lstrip())
    if start < span.end:
        yield Span(start, span.end)
