"""How well each sentence of a context supports a text: a question that it may answer, a sentence that it may back."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.embedder.protocol import Embedder, Kind, Vectors
from indexes.sentences import Span, sentence_spans
from rag.context import Slot

LONGEST = 400
"""Characters of a sentence; longer ones, as tables and code give, are cut at a line's or a word's end."""

COMPARED = 16
"""Sentences that are compared by their vectors, the most promising ones. More answered no better, and slower."""

Figures = NDArray[np.float64]
"""One figure for each sentence."""

_TITLE = 120
"""Characters of a title that are read with a sentence: a longer one would leave no room for it."""

_WORD = re.compile(r"\w+")
_STOP_WORDS = frozenset(
    _WORD.findall(
        """a about an and are as at be been being but by can could did do does for from had has have he her his how i if
        in into is it its many me much my of on or our s she should so t than that the their them there these they this
        those to us was we were what when where which who whom whose why will with would you your"""
    )
)
_SUFFIX = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|e)$")


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
    """The sentences of some slots, to be compared with any number of texts; each is encoded once, when first needed.

    Equal slots give equal figures in whatever order they come.

    Attributes:
        sentences: those compared, as `sentences_of` gives them; all figures are in their order.
        terms: for each the words that carry meaning, its title's included.
    """

    def __init__(self, slots: Sequence[Slot], embedder: Embedder) -> None:
        """A sentence is read together with its document's title, which says what "it" and "she" are."""
        self.sentences = tuple(sentences_of(slots))
        self._texts = [f"{sentence.slot.ranked.passage.title[:_TITLE]}: {sentence.text}" for sentence in self.sentences]
        self.terms = tuple(frozenset(terms(text)) for text in self._texts)
        self._embedder = embedder
        self._vectors: dict[int, Vectors] = {}

    def coverage(self, text: str) -> Figures:
        """Share of the words of `text` that each sentence or its title has, rare words counting more, 0..1."""
        wanted = sorted(set(terms(text)))
        has = np.zeros((len(self.sentences), len(wanted)))
        for row, found in zip(has, self.terms, strict=True):
            row[:] = [term in found for term in wanted]
        weights = np.log1p(len(has) / (0.5 + has.sum(axis=0)))
        return np.asarray(has @ weights / max(weights.sum(), 1e-9))

    def with_cosines(self, figures: Figures, text: str, *, kind: Kind) -> Figures:
        """`figures` plus the cosine with `text`, for the sentences that have the highest; minus infinity for the rest.

        Only those few are encoded, so that an answer from ten long passages does not wait for hundreds.
        """
        kept = sorted(np.argsort(-figures, kind="stable")[:COMPARED].tolist())
        new = [index for index in kept if index not in self._vectors]
        if new:
            texts = _fitting([self._texts[index] for index in new], self._embedder)
            self._vectors.update(zip(new, self._embedder.encode(texts, kind="document"), strict=True))
        vector = self._embedder.encode(_fitting([text], self._embedder), kind=kind)[0]
        total = np.full(len(figures), -np.inf)
        for index in kept:
            total[index] = figures[index] + float(self._vectors[index] @ vector)
        return total

    def backing(self, text: str) -> Figures:
        """How well each sentence backs `text`, up to 1: the mean of coverage and cosine."""
        return self.with_cosines(self.coverage(text), text, kind="document") / 2


def terms(text: str) -> list[str]:
    """The words of `text` that carry meaning, in lower case, without their commonest English endings."""
    return [_SUFFIX.sub("", word) for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS]


def _fitting(texts: Sequence[str], embedder: Embedder) -> list[str]:
    """`texts`, the ends of those left out that are longer than the embedder reads."""
    fitting, room = list(texts), embedder.room()
    while long := [i for i, count in enumerate(embedder.count_tokens(fitting)) if count > room]:
        for i in long:
            fitting[i] = fitting[i][: len(fitting[i]) // 2]
    return fitting


def _bounded(text: str, span: Span) -> Iterator[Span]:
    """`span` in pieces of at most `LONGEST` characters."""
    start = span.start
    while span.end - start > LONGEST:
        places = (text.rfind(blank, start + 1, start + LONGEST) for blank in "\n ")
        cut = next((place for place in places if place > 0), start + LONGEST)
        yield Span(start, cut)
        start = span.end - len(text[cut : span.end].lstrip())
    yield Span(start, span.end)
