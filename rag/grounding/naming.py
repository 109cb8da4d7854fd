"""Where a text names passages by number, in the words that models use: "passages 2 and 5", "the third passage"."""

import re
from collections.abc import Iterator

from rag.grounding.labels import Mark

_NOUN = r"(?:passage|document|doc|source|excerpt|snippet|chunk|context|text|reference|ref)"
_UNIT = r"(?:(?:minute|hour|day|week|month|year|decade)s?|centur(?:y|ies)|people|per ?cent|[mb]illion)\b"
_NUMBER = rf"\d{{1,3}}(?!\w|%|\.\d|,\d{{3}}|[\s-]{{0,3}}{_UNIT})"
_JOIN = r"\s*(?:,\s*(?:and|or|&)?|and|or|&|/|\+|to|through|-|–|—)\s*"
_CLOSE_JOIN = r"(?:\s+(?:and|or|&)\s+|[/–-])"
_REST = "{0,30}"  # of a list: without a bound, long ones would be read again from each of their members
_ONE = rf"[#(]?{_NUMBER}\)?"
_SIGNED = rf"(?:#{_NUMBER}|\({_NUMBER}\))"
_OTHERS = r"(?!\s+(?:others?|more|further|additional|different|separate|times)\b)"
_NUMBERED = re.compile(
    rf"\b{_NOUN}s:?\s*(?:numbers?\s|nos?\.\s?)?({_ONE}(?:{_JOIN}{_ONE}){_REST})"  # passages 1, 2, and 4
    # no list behind the singular: "passage 3, 2 of them", "passage 3 and 2 others"
    rf"|\b{_NOUN}[\s_-]*(?:number\s|no\.\s?)?({_ONE}(?:{_CLOSE_JOIN}{_ONE}{_OTHERS}){_REST})"
    rf"|\b(?:in|from|per|see)\s+({_SIGNED}(?:{_JOIN}{_SIGNED}){_REST})",  # in #2
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)(?:\)?\s*(?:-|–|—|to|through)\s*[#(]?(\d+))?", re.IGNORECASE)
_WIDEST_RANGE = 50

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_COUNTS = ("two", "three", "four", "five")
_ORDINAL = rf"(?:{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th)|last|final)"
_NTH = re.compile(
    rf"\b({_ORDINAL}(?:(?:,\s*(?:and\s+)?|\s+(?:and|or)\s+)(?:the\s+)?{_ORDINAL}){_REST})(?:\s+({'|'.join(_COUNTS)}))?"
    r"\s+(?:passage|document|doc|excerpt|snippet)s?\b",
    re.IGNORECASE,
)


def find_names(text: str, *, count: int) -> Iterator[Mark]:
    """The places that name passages by number or ordinal, without those in square brackets; not in order.

    Args:
        text: of a model.
        count: passages that there are, so that "the last passage" is one.
    """
    for found in _NUMBERED.finditer(text):
        yield Mark(found.start(), found.end(), _numbers(next(filter(None, found.groups()))))
    for found in _NTH.finditer(text):
        yield Mark(found.start(), found.end(), tuple(_nth(found[1].lower(), found[2], count)))


def _numbers(written: str) -> tuple[int, ...]:
    labels: dict[int, None] = {}
    for first, last in _RANGE.findall(written):
        low, high = int(first), int(last or first)
        whole = 0 <= high - low < _WIDEST_RANGE
        labels.update(dict.fromkeys(range(low, high + 1) if whole else (low, high)))
    return tuple(labels)


def _nth(written: str, several: str | None, count: int) -> Iterator[int]:
    """Of "first and third": 1, 3; of "last" and "two": the two last of `count`."""
    for ordinal in re.findall(_ORDINAL, written):
        more = _COUNTS.index(several.lower()) + 1 if several else 0
        if ordinal in ("last", "final"):
            yield from range(count - more, count + 1)
        else:
            nth = _ORDINALS.index(ordinal) + 1 if ordinal in _ORDINALS else int(ordinal[:-2])
            yield from range(nth, nth + more + 1)
