"""Hard assertions: what an answer must be, checked in every reply whatever its score."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from evaluation.check.values import Assertion, Outcome, Reply, Result
from evaluation.examples import Example
from evaluation.must import Must
from rag.grounding.citations import comparable


class _Finding(NamedTuple):
    """Whether it holds, None where that cannot be told; and what was found unless it does."""

    held: bool | None
    found: str = ""


class _Wanted(NamedTuple):
    """An assertion in words, and what a reply that came makes of it."""

    words: str
    check: Callable[[Reply], _Finding]


def check_must(examples: Sequence[Example], result: Result) -> tuple[Assertion, ...]:
    """What the replies make of the assertions of their questions, in the order of the questions.

    Where a question was asked several times, all replies must hold.

    Args:
        examples: those without assertions, or without an outcome, are left out.
        result: what came of the questions.
    """
    outcomes = {one.id: one for one in result.outcomes}
    return tuple(
        _checked(wanted, outcomes[example.id])
        for example in examples
        if example.must is not None and example.id in outcomes
        for wanted in _wanted(example.must)
    )


def _checked(wanted: _Wanted, outcome: Outcome) -> Assertion:
    """The worst of what the replies make of it: one that does not hold, else one that cannot be told."""
    if not outcome.replies:
        return Assertion(outcome.id, wanted.words, "no model was asked", None)
    findings = [_finding(wanted, reply) for reply in outcome.replies]
    broken = [one for one in findings if one.held is False] or [one for one in findings if one.held is None]
    held, found = (broken or findings)[0]
    return Assertion(outcome.id, wanted.words, found, held)


def _finding(wanted: _Wanted, reply: Reply) -> _Finding:
    if reply.finish == "failed":
        return _Finding(None, f"the reply failed: {reply.error}" if reply.error else "the reply failed")
    return wanted.check(reply)


def _wanted(must: Must) -> Iterator[_Wanted]:
    for source in must.cite:
        yield _Wanted(f"cites {source!r}", partial(_cites, source))
    for text in must.contain:
        yield _Wanted(f"contains {text!r}", partial(_contains, text))
    for text in must.not_contain:
        yield _Wanted(f"does not contain {text!r}", partial(_lacks, text))
    if must.refuse:
        yield _Wanted("refuses", _refuses)
    if (most := must.max_tokens) is not None:
        yield _Wanted(f"takes at most {most:,} tokens", lambda reply: _within(reply.tokens, most, "tokens"))
    if (longest := must.max_seconds) is not None:
        yield _Wanted(f"takes at most {longest:g} seconds", lambda reply: _within(reply.seconds, longest, "seconds"))


def _cites(source: str, reply: Reply) -> _Finding:
    """By the same name as gold is found: the path relative to the root."""
    if source in reply.cited:
        return _Finding(True)
    return _Finding(False, f"cites {', '.join(map(repr, reply.cited))}" if reply.cited else "cites nothing")


def _contains(text: str, reply: Reply) -> _Finding:
    if reply.answer is None:
        return _Finding(False, _no_answer(reply))
    return _Finding(True) if _folded(text) in _folded(reply.answer) else _Finding(False, "it is not in the answer")


def _lacks(text: str, reply: Reply) -> _Finding:
    """Nothing stands in an answer that is not there."""
    if reply.answer is None or _folded(text) not in _folded(reply.answer):
        return _Finding(True)
    return _Finding(False, "it is in the answer")


def _refuses(reply: Reply) -> _Finding:
    return _Finding(True) if reply.finish == "refused" else _Finding(False, f"ended as {reply.finish!r}")


def _within(found: float | None, most: float, unit: str) -> _Finding:
    if found is None:
        return _Finding(None, "the server does not tell")
    return _Finding(True) if found <= most else _Finding(False, f"takes {found:,.10g} {unit}")


def _no_answer(reply: Reply) -> str:
    return f"there is no answer: it ended as {reply.finish!r}"


def _folded(text: str) -> str:
    """As quotations are compared, and case does not count."""
    return comparable(text).casefold()
