"""What kind of thing an English question asks for, and whether a sentence holds one: a cue, not an understanding."""

import re
from typing import Literal

from rag.grounding.support import terms

QuestionKind = Literal["time", "number", "name"]

_ASKS: dict[QuestionKind, re.Pattern[str]] = {
    "time": re.compile(r"\bwhen\b|\b(what|which) (year|date|day|month)\b", re.IGNORECASE),
    "number": re.compile(r"\bhow (many|much|long|old|far|tall|big|high|often|large)\b", re.IGNORECASE),
    "name": re.compile(r"\b(who|whose|whom|where)\b", re.IGNORECASE),
}
_TIME = re.compile(
    r"\b(1\d{3}|20\d\d|January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_NUMBER = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<!^)\b[A-Z][\w'’.-]+")


def wanted_kind(question: str) -> QuestionKind | None:
    """The kind that `question` asks for; None where its words do not tell.

    >>> wanted_kind("When was it built, and by whom?")
    'time'
    """
    return next((kind for kind, pattern in _ASKS.items() if pattern.search(question)), None)


def holds_kind(kind: QuestionKind | None, sentence: str, asked: frozenset[str]) -> bool:
    """Whether `sentence` holds a time, a number, or a name that is not made of the question's own words.

    Args:
        kind: as `wanted_kind` gives it; nothing holds None.
        sentence: what might answer.
        asked: the question's `terms`.
    """
    if kind == "time":
        return _TIME.search(sentence) is not None
    if kind == "number":
        return _NUMBER.search(sentence) is not None
    if kind == "name":
        return any(found and not asked.issuperset(found) for found in map(terms, _NAME.findall(sentence)))
    return False
