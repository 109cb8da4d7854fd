"""The passages that questions are drafted about: spread over all documents by a seed, no near-duplicates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from indexes.errors import RequestError
from indexes.index import Index
from indexes.passages import Passage
from rag.duplicates import near_duplicates

LEAST = 200
"""Characters of a passage that is worth a question, space as single spaces."""
_BLOCK = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """Passages of an index in the order in which they are to be tried.

    Attributes:
        rows: of the index; those that have a question are not among them.
        used: the texts of those that have one.
    """

    rows: tuple[int, ...]
    used: tuple[str, ...]

    def passages(self, index: Index) -> Iterator[Passage]:
        """The passages in order, without those that nearly repeat an earlier or a used one."""
        taken = list(self.used)
        for first in range(0, len(self.rows), _BLOCK):
            block = index.passages(self.rows[first : first + _BLOCK])
            twins = near_duplicates([*taken, *(passage.text for passage in block)])[len(taken) :]
            fresh = [passage for passage, twin in zip(block, twins, strict=True) if twin is None]
            taken += [passage.text for passage in fresh]
            yield from fresh


def sample(index: Index, *, seed: int, used: Sequence[str] = ()) -> Sample:
    """The passages of `index` that are long enough: of each document one, then of each the next, documents shuffled.

    It goes on behind the last of `used`; what comes before it follows at the end. Documents whose source another
    folder of the index has too are left out: gold could not name them.

    Args:
        index: the whole of it is looked at.
        seed: equal seeds give equal orders while the index stays as it is.
        used: ids of the passages that have a question, the latest last; those of other indexes do no harm.

    Raises:
        RequestError: no passage is long enough.
    """
    rows: dict[str, list[int]] = {}
    met: dict[str, tuple[int, int]] = {}  # by source: the last passage's row and start
    again: dict[str, tuple[int, int]] = {}  # where a document of the same source may begin, and the row before
    rows_used: dict[str, int] = {}
    wanted, previous = set(used), ""
    for row, passage in enumerate(index.all_passages()):
        source = passage.source
        if source in met and (source != previous or passage.start <= met[source][1]):
            again[source] = met[source][0], row
        met[source], previous = (row, passage.start), source
        if passage.id in wanted:
            rows_used.setdefault(passage.id, row)
        if len(" ".join(passage.text.split())) >= LEAST:
            rows.setdefault(source, []).append(row)
    for source, pair in again.items():
        if len({index.file_of(passage).root for passage in index.passages(pair)}) > 1:
            rows.pop(source, None)
    if not rows:
        raise RequestError(
            f"the index {index.manifest.name!r} has no passage of at least {LEAST} characters to ask about; "
            "add documents with `rag index PATH`"
        )
    order = _spread(list(rows.values()), np.random.default_rng(seed))
    latest = [rows_used[one] for one in used if one in rows_used]
    places = {row: place for place, row in enumerate(order)}
    begin = next((places[row] + 1 for row in reversed(latest) if row in places), 0)
    gone = set(latest)
    return Sample(
        rows=tuple(row for row in order[begin:] + order[:begin] if row not in gone),
        used=tuple(passage.text for passage in index.passages(latest)),
    )


def _spread(documents: Sequence[Sequence[int]], rng: np.random.Generator) -> list[int]:
    places = rng.permutation(len(documents))
    turns = [
        (turn, int(place), int(row))
        for place, rows in zip(places, documents, strict=True)
        for turn, row in enumerate(rng.permutation(rows))
    ]
    return [row for _, _, row in sorted(turns)]
