"""Drafting: about one passage after the other a model writes a question, until enough have passed all checks."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from evaluation.drafting.checks import Reason, checked, confirms
from evaluation.drafting.draft import Draft, draft_grammar, parse_draft
from evaluation.running.runner import PATIENT
from indexes.errors import RagError
from indexes.passages import Passage, RankedPassage
from rag.answer import Reply
from rag.answerer import Answerer
from rag.context import Context, Slot
from rag.duplicates import near_duplicates
from rag.prompt import Prompt, build_prompt, draft_prompt, render_passage
from rag.tokens import EstimateCounter

TRIES = 5
"""Most passages tried for each question that is wanted."""


@dataclass(slots=True)
class Standing:
    """How far drafting has come; it changes while it goes on.

    Attributes:
        wanted: questions, those included that were there before.
        questions: that there are.
        tried: passages of which something or nothing came.
        dropped: how many came to nothing, by reason.
        error: of the last failure; None where none was.
    """

    wanted: int
    questions: int
    tried: int = 0
    dropped: Counter[Reason] = field(default_factory=Counter)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Dropped:
    reason: Reason
    error: str | None = None


async def draft_questions(
    passages: Iterator[Passage],
    answerer: Answerer,
    *,
    n: int,
    known: Sequence[str] = (),
    keep: Callable[[Draft, Passage], None],
    lanes: int = 1,
    stopping: Callable[[], bool] = lambda: False,
    show: Callable[[Standing], None] = lambda _: None,
) -> Standing:
    """Drafts until there are `n` questions, no passage is left, or five were tried for each question wanted.

    Args:
        passages: in the order in which they are to be tried.
        answerer: writes, and is then asked its own question with the passage alone.
        n: questions, the known ones included; at least 1.
        known: questions that are there already.
        keep: takes each draft that passed, with its passage.
        lanes: most passages at once.
        stopping: asked before each passage; what is in flight then comes to its end.
        show: told after each passage.

    Raises:
        RagError: so many requests failed in a row that the server must be gone; or `keep` fails.
    """
    standing = Standing(n, len(known))
    questions = list(known)
    left = TRIES * (n - len(known))
    failures = 0
    flying: dict[asyncio.Task[Draft | _Dropped], Passage] = {}
    try:
        while True:
            while len(flying) < min(lanes, n - standing.questions) and left > 0 and not stopping():
                if (passage := next(passages, None)) is None:
                    break
                left -= 1
                flying[asyncio.create_task(_drafted(passage, answerer, questions))] = passage
            if not flying:
                return standing
            ended, _ = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in flying if task in ended]:
                passage, found = flying.pop(task), task.result()
                if isinstance(found, Draft) and _repeats(found.question, questions):  # one written beside it
                    found = _Dropped("repeated")
                standing.tried += 1
                if isinstance(found, Draft):
                    keep(found, passage)
                    questions.append(found.question)
                    standing.questions += 1
                else:
                    standing.dropped[found.reason] += 1
                    standing.error = found.error or standing.error
                failures = failures + 1 if isinstance(found, _Dropped) and found.reason == "failed" else 0
                show(standing)
            if failures >= max(PATIENT, 2 * lanes):
                raise RagError(
                    f"the last {failures} requests failed: {standing.error}; what was found is kept: the same command "
                    "goes on where this one stopped"
                )
    finally:
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)


async def _drafted(passage: Passage, answerer: Answerer, questions: Sequence[str]) -> Draft | _Dropped:
    """What comes of one passage."""
    context = _alone(passage)
    written = await _reply(answerer, replace(draft_prompt(passage), grammar=draft_grammar(context)), context)
    if written.finish == "failed":
        return _Dropped("failed", written.error)
    draft = parse_draft(written.text or "")
    if draft is None:
        return _Dropped("malformed")
    found = checked(draft, passage)
    if not isinstance(found, Draft):
        return _Dropped(found)
    if _repeats(found.question, questions):
        return _Dropped("repeated")
    answered = await _reply(answerer, build_prompt(found.question, context), context)
    if answered.finish == "failed":
        return _Dropped("failed", answered.error)
    if answered.finish != "answered" or not confirms(answered.text or "", found.answer):
        return _Dropped("unanswerable")
    return found


async def _reply(answerer: Answerer, prompt: Prompt, context: Context) -> Reply:
    async with aclosing(answerer.reply(prompt, context)) as items:
        async for item in items:
            if isinstance(item, Reply):
                return item
    raise AssertionError("a stream of a reply ends with it")


def _alone(passage: Passage) -> Context:
    counter = EstimateCounter()
    [tokens] = counter.count([render_passage(passage, 1)])
    return Context((Slot(1, RankedPassage(passage, 1, 1.0), tokens),), "best_first", tokens, counter.name)


def _repeats(question: str, questions: Sequence[str]) -> bool:
    return near_duplicates([*questions, question])[-1] is not None
