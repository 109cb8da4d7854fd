"""Distractors: passages that stand beside the gold. Which come next, and how many it takes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from evaluation.arms import Length
from evaluation.contexts.pool import Collection
from evaluation.examples import Example
from evaluation.metrics.normalise import normalised
from indexes.passages import Passage
from indexes.ranking import Mode, rank
from indexes.reranker import Reranker
from rag.duplicates import near_duplicates
from rag.prompt import render_passage

Count = Callable[[Sequence[str]], Sequence[int]]
"""The tokens of each text."""

SHORT = 3
"""Letters of an answer that says nothing by standing in a passage."""

DEPTH = 50
"""How many passages are ranked at first in search of hard distractors; more where these do not do."""


@dataclass(frozen=True, slots=True)
class Need:
    """What the largest contexts take: so many passages that differ, and so many tokens.

    Attributes:
        passages: near-duplicates do not count; so do not their tokens.
        tokens: as `count` counts; 0: no length is in tokens.
    """

    passages: int
    tokens: int
    count: Count

    def lacking(self, different: Sequence[Passage]) -> int:
        """How many passages it takes beside these, as far as is known before one sees them; 0: these do."""
        lacking = max(0, self.passages - len(different))
        short = self.tokens - self.tokens_of(different) if self.tokens else 0
        if short > 0:
            mean = (self.tokens - short) / len(different) if different else self.tokens
            lacking = max(lacking, 1, int(short / mean) if mean else 1)
        return lacking

    def tokens_of(self, passages: Sequence[Passage]) -> int:
        """The fewest tokens that `passages` may take in a prompt: with the narrowest label."""
        return sum(self.count([render_passage(passage, 1) for passage in passages]))

    def __str__(self) -> str:
        parts = [f"{self.passages} passages"] if self.passages else []
        return " and ".join([*parts, *([f"{self.tokens} tokens"] if self.tokens else [])])


def need_of(lengths: Sequence[Length], count: Count) -> Need:
    """What the largest of `lengths` takes."""
    return Need(
        passages=max((length.passages or 0 for length in lengths), default=0),
        tokens=max((length.tokens or 0 for length in lengths), default=0),
        count=count,
    )


def without_answers(passages: Iterator[Passage], answers: Sequence[str]) -> Iterator[Passage]:
    """The passages in which none of `answers` stands word for word: what holds an answer is no wrong passage.

    Answers of up to three letters, such as "no", stand anywhere, and are not looked for.
    """
    wanted = [f" {words} " for answer in answers if len(words := normalised(answer)) > SHORT]
    for passage in passages:
        text = f" {normalised(passage.text)} "
        if not any(words in text for words in wanted):
            yield passage


class Filled(NamedTuple):
    """Passages for a context, and of these the ones that nearly repeat none before them."""

    passages: tuple[Passage, ...]
    different: tuple[Passage, ...]


def filled(passages: Sequence[Passage], more: Iterator[Passage], need: Need) -> Filled:
    """`passages`, and then of `more` those that nearly repeat none before them, until the need is met or none is left.

    What is given stays, near-duplicates too.
    """
    taken, different = list(passages), _different((), passages)
    while lacking := need.lacking(different):
        batch = list(islice(more, lacking))
        if not batch:
            break
        new = _different(different, batch)
        taken += new
        different += new
    return Filled(tuple(taken), tuple(different))


def _different(known: Sequence[Passage], passages: Sequence[Passage]) -> list[Passage]:
    """Those of `passages` that nearly repeat none before them, nor any of the known, which differ."""
    twins = near_duplicates([passage.text for passage in (*known, *passages)])
    return [passage for passage, twin in zip(passages, twins[len(known) :], strict=True) if twin is None]


def hard(
    question: str, collection: Collection, *, mode: Mode, reranker: Reranker | None, depth: int = DEPTH
) -> Iterator[Passage]:
    """What retrieval finds for `question`, best first, whole passages of the dataset where it was made of one.

    Args:
        question: is not empty.
        collection: where to look.
        mode: of retrieval.
        reranker: scores the best passages again.
        depth: how many are ranked at first.
    """
    given: set[str] = set()
    while True:
        ranking = rank(collection.index, question, k=depth, mode=mode, reranker=reranker)
        for ranked in ranking.passages:
            passage = collection.whole(ranked.passage)
            if passage.id not in given:
                given.add(passage.id)
                yield passage
        if len(ranking.passages) < depth:
            return
        depth *= 4


def random(example: Example, collection: Collection, *, seed: int) -> Iterator[Passage]:
    """All passages of the collection but those of the example itself, in an order drawn for it.

    Drawn from SHA-256 of seed and example, by Fisher and Yates; the same on every machine.
    """
    own = {passage.text for passage in example.passages}
    originals = tuple(collection.originals.values())
    size = len(originals) or collection.index.manifest.passages
    origin = sha256(f"{seed}\n{example.id}".encode()).digest()
    moved: dict[int, int] = {}
    for at in range(size):
        drawn = at + int.from_bytes(sha256(origin + at.to_bytes(8, "big")).digest(), "big") % (size - at)
        row, moved[drawn] = moved.get(drawn, drawn), moved.get(at, at)
        passage = originals[row] if originals else collection.index.passages([row])[0]
        if passage.text not in own:
            yield passage
