"""An example: a question with its right answers and its evidence. A dataset: examples from one place."""

from dataclasses import dataclass

from evaluation.must import Must
from indexes.passages import Passage


@dataclass(frozen=True, slots=True)
class Gold:
    """Evidence that is to be found in an index.

    Attributes:
        source: the document, as its path relative to the index's root (``#id`` for records).
        quote: verbatim words; gold is every passage of the document that contains them. None: all its passages.
        grade: how relevant it is, above 0; only graded judgements know more than 1.
    """

    source: str
    quote: str | None = None
    grade: int = 1


@dataclass(frozen=True, slots=True)
class Example:
    """A question of a dataset.

    Attributes:
        id: unique in its dataset.
        answers: each of them is right; () for a question that is to be refused; None where nothing is known.
        passages: that the dataset itself gives for this question, in its order; () where an index gives them.
        gold_ids: of the gold ones among `passages`.
        gold: evidence to be found in an index; () where `gold_ids` says it, or nothing is known.
        tags: to choose examples by.
        must: what an answer must be, for `rag check`; an experiment takes no notice of it and does not store it.
    """

    id: str
    question: str
    answers: tuple[str, ...] | None
    passages: tuple[Passage, ...] = ()
    gold_ids: tuple[str, ...] = ()
    gold: tuple[Gold, ...] = ()
    tags: tuple[str, ...] = ()
    must: Must | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples, and where they come from.

    Attributes:
        name: for people: a file's name, or a generator with its parameters.
        format: the reader's or generator's name.
        checksum: SHA-256 (hex) of the file's bytes, or of the generator's spec: equal checksums, equal examples.
        examples: in the dataset's order.
        corpus: passages that belong to no question, as of a BEIR corpus.
        warnings: what the reader should know, one sentence each.
    """

    name: str
    format: str
    checksum: str
    examples: tuple[Example, ...]
    corpus: tuple[Passage, ...] = ()
    warnings: tuple[str, ...] = ()
