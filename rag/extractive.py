"""Answers without a language model: the sentences that support the question best, verbatim, each with its citation."""

import re
from collections.abc import AsyncGenerator, Sequence

import numpy as np

from indexes.embedder.protocol import Embedder
from rag.answer import Citation, Reply
from rag.answerer import Delta, TokenCounter
from rag.context import Context, Slot
from rag.grounding.citations import cite
from rag.grounding.support import Figures, Sentence, Support, terms
from rag.neutral import neutralise
from rag.prompt import Prompt
from rag.question_kind import holds_kind, wanted_kind
from rag.refusal import REFUSAL
from rag.tokens import EmbedderCounter

_ENDED = re.compile(r"[.!:;。！][*_`\"'”’)\]]*$")
_WORD = re.compile(r"\w+")

_BEHIND_ALL = 2.0
"""More than two scores of sentences that say something differ by."""

_ENOUGH_NEWS = 8
"""Words that neither the question nor the title has: a sentence with so many may well say something; fewer, less."""


class ExtractiveAnswerer:
    """Quotes the best sentences of the context, best first.

    Deterministic and blind to order: the same passages give the same sentences in whatever order they stand, only the
    labels differ. So it is a control for experiments on placement.
    """

    model = "extractive"
    where = "in process"
    context_window: int | None = None  # unlimited
    reply_tokens = 0
    default_budget: int | None = None
    follows_prompts = False

    def __init__(self, embedder: Embedder, *, sentences: int = 2) -> None:
        """Answers with up to `sentences` sentences; `embedder` says what is near the question."""
        self._embedder = embedder
        self._sentences = sentences

    @property
    def counter(self) -> TokenCounter:
        """Counts as the embedder does."""
        return EmbedderCounter(self._embedder)

    def varied(self, *, seed: int, think_budget: int | None) -> "ExtractiveAnswerer":  # noqa: ARG002
        """Itself: it draws nothing, and does not think."""
        return self

    def thinks(self) -> bool:
        """Whether it thinks: it does not."""
        return False

    def unable(self) -> tuple[str, ...]:
        """What it cannot do of what is asked: nothing is asked of its thinking."""
        return ()

    async def reply(self, prompt: Prompt, context: Context) -> AsyncGenerator[Delta | Reply, None]:
        """One delta per sentence, then the reply; refuses where the context holds no sentence."""
        chosen = choose(prompt.question, context.slots, self._embedder, count=self._sentences)
        cited = [f"{neutralise(sentence.text)} [{sentence.slot.position}]" for sentence in chosen]
        for at, text in enumerate(cited):
            yield Delta("answer", f" {text}" if at else text)
        if cited:
            yield Reply(" ".join(cited), None, "answered", citations=tuple(_citation(sentence) for sentence in chosen))
        else:
            yield Delta("answer", REFUSAL)
            yield Reply(REFUSAL, None, "refused")


def choose(question: str, slots: Sequence[Slot], embedder: Embedder, *, count: int) -> list[Sentence]:
    """The `count` sentences that answer `question` best, best first; no two that say the same."""
    support = Support(slots, embedder)
    scores = support.with_cosines(_cues(question, support), question, kind="query")
    chosen: list[Sentence] = []
    for index in np.argsort(-scores, kind="stable"):  # ties: the better rank, then reading order
        sentence = support.sentences[index]
        if not any(sentence.text in other.text or other.text in sentence.text for other in chosen):
            chosen.append(sentence)
        if len(chosen) == count:
            break
    return chosen


def _citation(sentence: Sentence) -> Citation:
    slot = sentence.slot
    return cite(slot.position, slot.ranked.passage, sentence.text, origin="model", reason=None)


def _cues(question: str, support: Support) -> Figures:
    """What speaks for each sentence beside its cosine: it shares words, holds the kind asked for, says more than that.

    The weights were tuned on Natural Questions (benchmarks/extractive.py); they are round, as little hangs on them.
    """
    asked, kind = frozenset(terms(question)), wanted_kind(question)
    cues = 0.3 * support.coverage(question)
    for index, (sentence, found) in enumerate(zip(support.sentences, support.terms, strict=True)):
        news = found.difference(asked, terms(sentence.slot.ranked.passage.title))
        cues[index] += 0.2 * holds_kind(kind, sentence.text, asked)
        cues[index] += 0.1 * min(len(news) / _ENOUGH_NEWS, 1)
        cues[index] -= 0 if _states(sentence.text) else _BEHIND_ALL
    return cues


def _states(sentence: str) -> bool:
    """Whether `sentence` says something. A heading, a question, a scrap may be near a question, but does not."""
    if sentence.startswith("#") or sentence.endswith(("?", "？")):
        return False
    return _ENDED.search(sentence) is not None or len(_WORD.findall(sentence)) >= 4
