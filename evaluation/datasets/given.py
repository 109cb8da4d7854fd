"""The passages that a dataset gives with a question."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evaluation.datasets.record import Record
from indexes.collect import passage_id
from indexes.passages import Passage

UNTITLED = "untitled"
"""The source of passages without a title."""


class Given(NamedTuple):
    """Passages in the dataset's order, and the ids of the gold ones among them."""

    passages: tuple[Passage, ...]
    gold_ids: tuple[str, ...]


def passages_of(texts: Iterable[tuple[str, str]]) -> tuple[Passage, ...]:
    """Passages from titles and texts, with the ids that an index would give them.

    The source is the title: a passage has the same id in whatever example it stands. What an example repeats word for
    word gets ids of its own, as repetitions in a document do.
    """
    repeats: Counter[tuple[str, str]] = Counter()
    passages = []
    for title, text in texts:
        source = " ".join(title.split()) or UNTITLED
        passages.append(passage_of(source, title, text, repeat=repeats[source, text]))
        repeats[source, text] += 1
    return tuple(passages)


def passage_of(source: str, title: str, text: str, *, repeat: int = 0) -> Passage:
    """A passage that is the whole of its document; `repeat` counts equal ones from 0."""
    return Passage(passage_id(source, text, repeat), text, source, title, None, None, 0, len(text))


def given(record: Record, texts: Sequence[tuple[str, str]], gold: Sequence[bool]) -> Given:
    """The passages of an example and its gold.

    Args:
        record: that they stand in.
        texts: title and text of each.
        gold: for each, whether it is evidence.

    Raises:
        RequestError: none of them is.
    """
    if not any(gold):
        raise record.error(f"none of its {len(texts)} passages is marked as gold; repair or delete it")
    passages = passages_of(texts)
    return Given(passages, tuple(one.id for one, is_gold in zip(passages, gold, strict=True) if is_gold))
