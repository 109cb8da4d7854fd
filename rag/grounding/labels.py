"""Where an answer's text cites: marks like ``[3]``, ``[1, 2]``, ``[1-3]``, and the words that each stands behind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from indexes.sentences import Span, sentence_spans

_GROUP = r"[\[【]\s*\d{1,3}(?:\s*[-–,;]\s*\d{1,3})*\s*[\]】]"
_MARK = re.compile(rf"{_GROUP}(?:[ \t]*,?[ \t]*{_GROUP})*")
_RANGE = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_WIDEST_RANGE = 50  # "[1-999]" names its ends only
_FENCED = r"```[\w+.#-]*[ \t]*\n(?:.*?^[ \t]*```|.*?(?=\n[ \t]*\n|\Z))"  # never closed: up to the next empty line
_ENDING = rf"[.!?][ \t]+{_GROUP}|{_GROUP}[.!?][ \t]"  # a mark at a sentence's end, which no code runs across
_CODE = re.compile(rf"{_FENCED}|`(?=[^`\n]*[A-Za-z])(?:(?!{_ENDING})[^`\n])*`", re.DOTALL | re.MULTILINE)
_QUOTE = re.compile(r'"([^"\n]+)"|[“„]([^“”„\n]+)[”“]|«([^«»\n]+)»')
_BETWEEN = re.compile(r"[\s.!?()*_]*")


class Mark(NamedTuple):
    """Labels written side by side, ``[1][2]``: characters `start` up to `end` of the answer."""

    start: int
    end: int
    labels: tuple[int, ...]


class Quote(NamedTuple):
    """Words in quotation marks, without those.

    Attributes:
        adjacent: nothing but space, a full stop or a bracket stands between them and the mark.
    """

    text: str
    adjacent: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer says on the strength of one mark.

    Attributes:
        labels: the mark's, in the order written, each once.
        sentence: the sentence that carries the mark, without its marks.
        statements: what the mark may stand behind as a whole: all since the mark before, the sentence so far, or, for
            a mark that opens its sentence, what follows.
        quotes: the sentence's quotations that are nearest to this mark.
        neighbours: labels of the sentence's other marks.
    """

    labels: tuple[int, ...]
    sentence: str
    statements: tuple[str, ...]
    quotes: tuple[Quote, ...]
    neighbours: tuple[int, ...]


def is_quotable(text: str) -> bool:
    """Whether `text` is long enough to be a quotation rather than a name or a word in scare quotes."""
    return len(text.split()) >= 3 or len(text.strip()) >= 12


def find_marks(answer_text: str) -> list[Mark]:
    """The marks in order. Code holds none, and numbers of four digits are years, not labels."""
    text = _CODE.sub(lambda code: " " * len(code[0]), answer_text)
    return [Mark(found.start(), found.end(), _labels(found[0])) for found in _MARK.finditer(text)]


def find_claims(answer_text: str, marks: Sequence[Mark]) -> list[Claim]:
    """One claim per mark, in order. `marks` are those of `find_marks`, or some of them."""
    text = _blank(answer_text, marks)
    quotes = [quote for quote in _QUOTE.finditer(text) if is_quotable(quote[0][1:-1])]
    sentences = _sentences(text, quotes)
    homes = [_home(text, sentences, mark) for mark in marks]
    claims = []
    for at, (mark, home) in enumerate(zip(marks, homes, strict=True)):
        beside = [other for other, its_home in zip(marks, homes, strict=True) if its_home == home]
        claims.append(
            Claim(
                labels=mark.labels,
                sentence=" ".join(text[home.start : home.end].split()),
                statements=_statements(text, home, mark, marks[at - 1].end if at else 0, beside),
                quotes=tuple(
                    Quote(quote[0][1:-1].strip(), _adjacent(text, quote, mark))
                    for quote in quotes
                    if home.start <= quote.start() < home.end and _owner(quote, beside) == mark
                ),
                neighbours=tuple(label for other in beside if other != mark for label in other.labels),
            )
        )
    return claims


def _labels(mark: str) -> tuple[int, ...]:
    labels: dict[int, None] = {}
    for first, last in _RANGE.findall(mark):
        low, high = int(first), int(last or first)
        whole = 0 <= high - low < _WIDEST_RANGE
        labels.update(dict.fromkeys(range(low, high + 1) if whole else (low, high)))
    return tuple(labels)


def _blank(text: str, marks: Sequence[Mark]) -> str:
    """`text` with spaces for its marks: offsets stay, and a mark behind a full stop opens no sentence."""
    for mark in marks:
        text = text[: mark.start] + " " * (mark.end - mark.start) + text[mark.end :]
    return text


def _sentences(text: str, quotes: Sequence[re.Match[str]]) -> list[Span]:
    """Sentences of a blanked text; one that is quoted ends none."""
    for quote in quotes:
        inner = len(quote[0]) - 3
        text = text[: quote.start() + 1] + "x" * inner + text[quote.end() - 2 :]
    return sentence_spans(text)


def _home(text: str, sentences: Sequence[Span], mark: Mark) -> Span:
    """The sentence that carries `mark`: around it, before it on the same line, or behind it."""
    before = [sentence for sentence in sentences if sentence.start <= mark.start]
    behind = [sentence for sentence in sentences if sentence.start > mark.start]
    if before and (mark.start < before[-1].end or "\n" not in text[before[-1].end : mark.start] or not behind):
        return before[-1]
    return behind[0] if behind else Span(mark.start, mark.start)


def _statements(text: str, home: Span, mark: Mark, before: int, beside: Sequence[Mark]) -> tuple[str, ...]:
    if mark.start < home.start:
        behind = min((other.start for other in beside if other.start > mark.start), default=home.end)
        stretches = [(home.start, behind)]
    else:
        stretches = [(before, mark.start), (max(before, home.start), mark.start)]
    return tuple(dict.fromkeys(text[start:end].strip() for start, end in stretches))


def _owner(quote: re.Match[str], beside: Sequence[Mark]) -> Mark:
    """The mark of its sentence that follows `quote` next, else the last before it."""
    return next((mark for mark in beside if mark.start >= quote.end()), beside[-1])


def _adjacent(text: str, quote: re.Match[str], mark: Mark) -> bool:
    return _BETWEEN.fullmatch(text, quote.end(), mark.start) is not None
