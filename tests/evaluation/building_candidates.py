"""Small collections, examples and candidates for tests of what stands between a dataset and the contexts of arms."""

from collections.abc import Sequence
from pathlib import Path

from evaluation.candidates import Candidate, Candidates, Kind
from evaluation.contexts.pool import Collection
from evaluation.examples import Dataset, Example, Gold
from indexes.build import build_index
from indexes.index import Index
from indexes.passages import Passage, RankedPassage
from tests.indexes.collection import HASHING, write


class Words:
    """Counts words as tokens, and notes how many texts it was asked for."""

    name = "words"
    exact = True

    def __init__(self) -> None:
        self.asked = 0

    def count(self, texts: Sequence[str]) -> list[int]:
        self.asked += len(texts)
        return [len(text.split()) for text in texts]


def passage(name: str, text: str | None = None, *, title: str | None = None) -> Passage:
    """A whole document called `name`, whose text, if none is given, differs from that of all other names."""
    text = text or " ".join(f"{name}{number}" for number in range(8))
    return Passage(name, text, name, name if title is None else title, None, None, 0, len(text))


def example(name: str, own: Sequence[str] = (), gold_ids: Sequence[str] = (), gold: Sequence[Gold] = ()) -> Example:
    """A question after the first gold passage, by whose words retrieval finds it."""
    sought = passage(gold_ids[0]).text if gold_ids else "something"
    return Example(
        name, f"where is {sought}?", (f"answer-{name}",), tuple(map(passage, own)), tuple(gold_ids), tuple(gold)
    )


def dataset(*examples: Example, corpus: Sequence[Passage] = ()) -> Dataset:
    return Dataset("made.jsonl", "made", "0" * 64, tuple(examples), tuple(corpus))


def index_of(folder: Path, files: dict[str, str]) -> Collection:
    """A user's index of `files`; whoever asks closes it."""
    write(folder / "docs", files)
    build_index(folder / "indexes" / "docs", [folder / "docs"], cache=folder / "cache", recipe=HASHING)
    return Collection(Index(folder / "indexes" / "docs", cache=folder / "cache"))


def candidates(kinds: Sequence[Kind | tuple[Kind, str]], *, missing: Sequence[str] = ()) -> Candidates:
    """Candidates p1, p2, ... of these kinds by rank, some with a text of their own."""
    made = []
    for rank, given in enumerate(kinds, start=1):
        kind, text = (given, None) if isinstance(given, str) else given
        grade = 1 if kind in ("gold", "unretrieved") else 0
        made.append(Candidate(RankedPassage(passage(f"p{rank}", text), rank, 1 / rank), kind, grade))
    return Candidates("q", tuple(made), tuple(missing))
