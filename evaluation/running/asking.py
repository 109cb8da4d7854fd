"""One trial: a question is asked over a context, and what comes of it is a row, whatever it is."""

import json
import time
from contextlib import aclosing
from hashlib import sha256

from evaluation.arms import CLOSED_BOOK
from evaluation.running.schedule import Task
from evaluation.trials import Trial, TrialKey
from rag.answer import Reply, Timings
from rag.answerer import Answerer
from rag.prompt import CITED, Prompt, build_prompt
from rag.prompt import CLOSED_BOOK as CLOSED_BOOK_TEMPLATE
from rag.refusal import REFUSAL

NOTHING_FOUND = Reply(REFUSAL, None, "refused", warnings=("nothing was retrieved, so no model was asked",))


def prompt_of(question: str, task: Task) -> Prompt:
    """What the model reads; labels are positions, and nothing tells which passage is gold."""
    template = CLOSED_BOOK_TEMPLATE if task.arm.placement == CLOSED_BOOK else CITED
    return build_prompt(question, task.context, template=template, layout=task.arm.layout)


async def ask(example: str, question: str, task: Task, answerer: Answerer, *, seed: int) -> Trial:
    """Asks, and waits for the reply.

    Args:
        example: its id.
        question: its text.
        task: arm, sample and context.
        answerer: with the seed and the thinking budget of the arm.
        seed: of which the row is to tell.
    """
    prompt = prompt_of(question, task)
    began, started = time.time(), time.perf_counter()
    reply = NOTHING_FOUND
    if task.context.slots or task.arm.placement == CLOSED_BOOK:
        async with aclosing(answerer.reply(prompt, task.context)) as items:
            async for item in items:
                if isinstance(item, Reply):
                    reply = item
    return Trial(
        key=TrialKey(task.arm.name, example, task.sample),
        finish=reply.finish,
        answer=reply.text,
        reasoning=reply.reasoning,
        context=tuple(slot.ranked.passage.id for slot in task.context.slots),
        tokens=task.context.tokens,
        usage=reply.usage,
        timings=Timings(
            first_token=None if reply.first_token is None else round(reply.first_token, 1),
            total=round((time.perf_counter() - started) * 1000, 1),
        ),
        warnings=reply.warnings,
        prompt_hash=_hash(prompt),
        seed=seed,
        error=reply.error,
        began=began,
    )


def _hash(prompt: Prompt) -> str:
    messages = [[message.role, message.content] for message in prompt.messages]
    return sha256(json.dumps(messages).encode()).hexdigest()
