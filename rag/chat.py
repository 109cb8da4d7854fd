"""A conversation: questions with the turns before them, follow-ups rewritten so that they can be searched for."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from indexes.index import Index
from rag.answer import Answer, Reply
from rag.answerer import Answerer, Delta
from rag.answering import answer_stream, prepare
from rag.asking import AS_USUAL, Asking
from rag.context import Context
from rag.event_loop import run_to_end
from rag.prompt import Message, standalone_prompt

HISTORY_TOKENS = 1000
"""Most tokens of earlier turns that are put before a question; the latest turns stay."""

LONGEST_REWRITE = 3
"""A rewritten question that is so many times longer than question and last turn together is no rewriting."""


@dataclass(slots=True)
class Conversation:
    """Turns so far, and how to ask; both may be changed between questions.

    Attributes:
        asking: how to ask.
        answers: all answers so far, oldest first.
    """

    index: Index
    answerer: Answerer
    asking: Asking = AS_USUAL
    answers: list[Answer] = field(default_factory=list)

    def standalone(self, question: str) -> str:
        """The question so that it can be searched for alone: rewritten by the model if there were turns before."""
        history = self.history()
        return run_to_end(self._rewritten(question, history)) if history else question

    async def ask(self, question: str) -> AsyncGenerator[Delta | Answer, None]:
        """Asks the next question, in its stand-alone form; streams as `answer_stream` does.

        Raises:
            RequestError: as `prepare` does; the conversation goes on as if nothing had been asked.
        """
        prepared = prepare(question, self.index, self.answerer, asking=self.asking, history=self.history())
        async with aclosing(answer_stream(prepared, self.index, self.answerer)) as items:
            async for item in items:
                if isinstance(item, Answer):
                    self.answers.append(item)
                yield item

    def history(self) -> tuple[Message, ...]:
        """The latest turns that fit, oldest first: questions and answers; thinking is never fed back.

        Empty without a language model, which would not read them.
        """
        if not self.answerer.follows_prompts:
            return ()
        turns: list[Message] = []
        room = min(HISTORY_TOKENS, (self.answerer.context_window or 4 * HISTORY_TOKENS) // 4)
        for answer in reversed(self.answers):
            if answer.text is None:
                continue
            turn = [Message("user", answer.question), Message("assistant", answer.text)]
            room -= sum(self.answerer.counter.count([message.content for message in turn]))
            if room < 0:
                break
            turns[:0] = turn
        return tuple(turns)

    async def _rewritten(self, question: str, history: tuple[Message, ...]) -> str:
        """The question so that it stands alone; unchanged if the model gives nothing usable."""
        nothing = Context((), "", 0, "")
        async with aclosing(self.answerer.reply(standalone_prompt(question, history), nothing)) as items:
            async for item in items:
                if isinstance(item, Reply) and item.finish == "answered" and item.text:
                    rewritten = " ".join(item.text.strip().strip('"').split())
                    longest = LONGEST_REWRITE * (len(question) + len(history[-2].content))
                    return rewritten if 0 < len(rewritten) <= longest else question
        return question
