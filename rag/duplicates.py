"""Near-duplicates: texts that say the same in almost the same words."""

import re
from collections.abc import Sequence

SHINGLE = 5
"""Words in a row that are compared as one."""

LIKENESS = 0.8
"""Least Jaccard index of two texts' shingles that makes them near-duplicates."""

_BLANK = re.compile(r"[\s!-/:-@\[-`{-~\xa1-\xbf\u2000-\u206f\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\ufeff]+")

_Shingles = set[tuple[str, ...]]


def near_duplicates(texts: Sequence[str]) -> tuple[int | None, ...]:
    """For each text the index of the earlier one that it nearly repeats, None where it is the first of its kind.

    Nearly equal: equal but for case, space and punctuation, or a Jaccard index of at least 0.8 over shingles of five
    words. Texts are compared with the first of each kind only.
    """
    twins: list[int | None] = []
    equals: dict[str, int] = {}
    kinds: dict[int, _Shingles] = {}
    seen: _Shingles = set()  # of all kinds: a text that shares less with all of them is like none of them
    for index, text in enumerate(texts):
        words = _BLANK.sub(" ", text.casefold()).split()
        joined = "".join(words)
        shingles = set(zip(*(words[offset:] for offset in range(SHINGLE)), strict=False))
        twin = equals.get(joined)
        if twin is None and len(shingles & seen) >= LIKENESS * len(shingles) > 0:
            twin = next((first for first, other in kinds.items() if _likeness(shingles, other) >= LIKENESS), None)
        if twin is None:
            equals[joined] = index
            kinds[index] = shingles
            seen |= shingles
        twins.append(twin)
    return tuple(twins)


def _likeness(one: _Shingles, other: _Shingles) -> float:
    """The Jaccard index of two sets that are not both empty."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
