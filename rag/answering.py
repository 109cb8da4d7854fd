"""The walk from a question to an answer: ranking, selection, placement, context, prompt, reply, citations."""

import math
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from indexes.errors import RequestError
from indexes.index import Index
from indexes.passages import Ranking
from indexes.ranking import rank
from rag.answer import Answer, Reply, Timings
from rag.answerer import Answerer, Delta
from rag.asking import AS_USUAL, DEFAULT_BUDGET, Asking
from rag.context import Context, assemble
from rag.event_loop import run_to_end
from rag.grounding.consultation import consult
from rag.grounding.grounds import Grounds, ground
from rag.grounding.verbatim import TEMPLATE as VERBATIM
from rag.grounding.verbatim import not_verbatim, verbatim_grammar
from rag.opening import ModelChoice, open_answerer
from rag.prompt import CITED, Message, Prompt, build_prompt
from rag.refusal import REFUSAL
from rag.selection import select
from rag.staleness import stale_line

NO_ROOM = (
    "the context of {!r} holds {} tokens: {} of the passages did not fit and were left out, the lowest ranked ones"
)
NOTHING_FOUND = "nothing was retrieved for this question, so no model was asked"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question on its way: all that is settled before a model is asked.

    Attributes:
        question: in the form that was searched for.
        warnings: what the reader should know, one sentence each.
        timings: `retrieve` and `assemble`, in ms.
    """

    question: str
    ranking: Ranking
    context: Context
    prompt: Prompt
    warnings: tuple[str, ...]
    timings: Timings


def prepare(
    question: str,
    index: Index,
    answerer: Answerer,
    *,
    asking: Asking = AS_USUAL,
    history: Sequence[Message] = (),
) -> Prepared:
    """Retrieves, selects and places passages for `question`, and makes the prompt.

    Args:
        question: in a form that stands alone.
        index: where to look.
        answerer: counts the tokens; it is not asked.
        asking: how.
        history: earlier turns, oldest first.

    Raises:
        RequestError: the question is empty, or the budget has no room for a passage.
    """
    if not question.strip():
        raise RequestError("the question is empty; ask something, as in: rag ask 'What is ...?'")
    started = time.perf_counter()
    ranked = max(asking.retrieve, asking.k)
    ranking = rank(index, question, k=ranked, mode=asking.mode, where=asking.where, reranker=asking.reranker)
    retrieved = time.perf_counter()
    budget = passage_budget(question, answerer, asking=asking, history=history)
    context = make_context(ranking, answerer, asking=asking, budget=budget)
    template = _template(asking)
    prompt = build_prompt(question, context, template=template, layout=asking.layout, history=history)
    if asking.verbatim and answerer.follows_prompts:
        prompt = replace(prompt, grammar=verbatim_grammar(context))
    warnings = []
    if context.dropped.budget and budget < _wanted(answerer, asking):
        warnings.append(NO_ROOM.format(answerer.model, answerer.context_window, len(context.dropped.budget)))
    stale = index.stale_sources(slot.ranked.passage.source for slot in context.slots)
    if stale:
        warnings.append(stale_line(stale, index.manifest.name))
    return Prepared(
        question=question,
        ranking=ranking,
        context=context,
        prompt=prompt,
        warnings=tuple(warnings),
        timings=Timings(
            retrieve=_ms(started, retrieved),
            assemble=_ms(retrieved, time.perf_counter()),
        ),
    )


def passage_budget(
    question: str, answerer: Answerer, *, asking: Asking = AS_USUAL, history: Sequence[Message] = ()
) -> int:
    """Most tokens that passages may take: what is asked for, and less where the model's context is smaller.

    Raises:
        RequestError: the question and the reply leave no room at all.
    """
    empty = Context((), str(asking.placement), 0, answerer.counter.name)
    bare = build_prompt(question, empty, template=_template(asking), layout=asking.layout, history=history)
    room = passage_room(answerer, sum(answerer.counter.count([message.content for message in bare.messages])))
    return int(min(_wanted(answerer, asking), room))


def make_context(ranking: Ranking, answerer: Answerer, *, asking: Asking = AS_USUAL, budget: int) -> Context:
    """The best passages of `ranking` that `budget` tokens have room for, in the order that the placement gives them.

    Raises:
        RequestError: there is no room for a single one.
    """
    selection = select(ranking, k=asking.k, budget=budget, count=answerer.counter.count)
    return assemble(selection, asking.placement, tokenizer=answerer.counter.name)


def _wanted(answerer: Answerer, asking: Asking) -> int:
    return asking.budget if asking.budget is not None else answerer.default_budget or DEFAULT_BUDGET


def _template(asking: Asking) -> str:
    return VERBATIM if asking.verbatim else CITED


CHAT_TEMPLATE_TOKENS = 64
"""Room for what a chat template adds around the messages."""
TRUST = 0.75
"""Share of the room that may be filled where tokens are only estimated."""


def passage_room(answerer: Answerer, bare: int) -> float:
    """Tokens that the passages may take of the model's context, together with the reply.

    Args:
        answerer: whose context they must fit; there is no end of room in one of unknown size.
        bare: tokens of the prompt without passages.

    Raises:
        RequestError: the question and the reply leave no room at all.
    """
    window = answerer.context_window
    if window is None:
        return math.inf
    room = window - answerer.reply_tokens - bare - CHAT_TEMPLATE_TOKENS
    if room < 1:
        raise RequestError(
            f"the context of {answerer.model!r} holds {window} tokens; the question takes {bare}, the reply may take "
            f"{answerer.reply_tokens}: no room for passages; shorten the question or lower --max-tokens"
        )
    return room if answerer.counter.exact else int(room * TRUST) or 1


async def answer_stream(prepared: Prepared, index: Index, answerer: Answerer) -> AsyncGenerator[Delta | Answer, None]:
    """Asks the model: streams what it thinks and says, and last the answer with its citations checked.

    Closing the iterator early ends the request.
    """
    started = time.perf_counter()
    reply = Reply(REFUSAL, None, "refused", warnings=(NOTHING_FOUND,))
    if prepared.context.slots:
        async with aclosing(answerer.reply(prepared.prompt, prepared.context)) as items:
            async for item in items:
                if isinstance(item, Reply):
                    reply = item
                else:
                    yield item
    grounds = Grounds()
    if reply.text and reply.finish in ("answered", "truncated_answer"):
        grounds = ground(reply.text, prepared.context, lambda: index.embedder, known=reply.citations)
        if prepared.prompt.grammar is not None:
            odd = [
                f"not word for word in the passages: {text!r}" for text in not_verbatim(reply.text, prepared.context)
            ]
            grounds = replace(grounds, warnings=(*grounds.warnings, *odd))
    ended = time.perf_counter()
    yield Answer(
        question=prepared.question,
        text=reply.text,
        reasoning=reply.reasoning,
        finish=reply.finish,
        model=answerer.model,
        context=prepared.context,
        citations=grounds.citations,
        evidence=grounds.evidence,
        consultation=consult(reply.reasoning, prepared.context, grounds.citations, prompt=prepared.prompt)
        if reply.reasoning
        else None,
        usage=reply.usage,
        partial=reply.partial,
        warnings=(*prepared.warnings, *reply.warnings, *grounds.warnings),
        error=reply.error,
        timings=replace(
            prepared.timings,
            first_token=None if reply.first_token is None else round(reply.first_token, 1),
            total=round((prepared.timings.retrieve or 0) + (prepared.timings.assemble or 0) + _ms(started, ended), 1),
        ),
    )


def dry_run(prepared: Prepared, model: str) -> Answer:
    """The answer of nobody: all that is settled before the model would be asked."""
    return Answer(
        question=prepared.question,
        text=None,
        reasoning=None,
        finish="dry_run",
        model=model,
        context=prepared.context,
        warnings=prepared.warnings,
        timings=prepared.timings,
    )


def ask(
    question: str,
    index: Index,
    answerer: Answerer | None = None,
    *,
    asking: Asking = AS_USUAL,
    show: Callable[[Delta], None] = lambda _: None,
) -> Answer:
    """Asks `question` over `index` and waits for the answer.

    Args:
        question: in a form that stands alone.
        index: an open index.
        answerer: who answers; None: the best supporting sentences, verbatim, without a language model.
        asking: what to retrieve, select and place.
        show: is given each piece of the reply as it comes.

    Raises:
        RequestError: the question is empty, or the budget has no room for a passage.
    """
    answerer = answerer or open_answerer(ModelChoice(), embedder=lambda: index.embedder)
    return wait_for(answer_stream(prepare(question, index, answerer, asking=asking), index, answerer), show)


def wait_for(stream: AsyncGenerator[Delta | Answer, None], show: Callable[[Delta], None]) -> Answer:
    """Runs an answer stream to its end, also within a running event loop; `show` is given each piece as it comes."""

    async def last() -> Answer:
        async with aclosing(stream):
            async for item in stream:
                if isinstance(item, Answer):
                    return item
                show(item)
        raise AssertionError("an answer stream ends with an answer")

    return run_to_end(last())


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 1)
