"""The answer: what the model said apart from what it thought, how it ended, and what it cited."""

from dataclasses import dataclass, field
from typing import Literal

from rag.context import Context

Finish = Literal["answered", "refused", "empty", "unfinished_thinking", "truncated_answer", "failed", "dry_run"]
"""How an answer ended.

answered: the model answered. refused: it said that the passages do not answer. empty: it ended with neither answer
nor open thinking. unfinished_thinking: its thinking never closed, so there is no answer. truncated_answer: the token
limit cut the answer. failed: the endpoint did not deliver. dry_run: no model was asked.
"""

Origin = Literal["model", "attributed"]
"""Who tied a sentence to a passage: the model by writing ``[n]``, or we afterwards."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts; None where the server does not tell and nothing here could count."""

    prompt: int | None = None
    completion: int | None = None
    reasoning: int | None = None
    cached: int | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """Durations in ms; None for what did not happen. `first_token` counts from the request being sent."""

    retrieve: float | None = None
    assemble: float | None = None
    first_token: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """One tie between the answer and a passage.

    Attributes:
        label: the number as cited, a position in the context.
        origin: "model", or "attributed" where the model cited nothing.
        passage_id: None where the label is unknown; so are source, title, page, heading, start, end.
        start: where the passage starts in its document's text.
        end: where it ends.
        quote: for "model": what the answer quotes verbatim, if it quotes; for "attributed": the supporting sentence.
        verified: True: known label and, if something is quoted, found verbatim in that passage. False: unknown
            label, or a quote that is not there. None: attributed.
        reason: why `verified` is False; None else.
    """

    label: int
    origin: Origin
    passage_id: str | None
    source: str | None
    title: str | None
    page: int | None
    heading: str | None
    start: int | None
    end: int | None
    quote: str | None
    verified: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that bears out a citation.

    Attributes:
        label: as cited.
        passage_id: the passage it is from.
        source: that passage's document.
        start: offset of its first character in the document's text.
        end: offset behind its last.
        text: verbatim, but for white space: single spaces.
    """

    label: int
    passage_id: str
    source: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Consulted:
    """A passage that the thinking looked at.

    Attributes:
        position: its slot in the context, the label that the model saw.
        passage_id: the passage.
        order: 1 is looked at first.
        mentions: how often the thinking names or quotes it.
        cited: the answer cites it.
    """

    position: int
    passage_id: str
    order: int
    mentions: int
    cited: bool


@dataclass(frozen=True, slots=True)
class ThoughtQuote:
    """Words that the thinking puts in quotation marks.

    Attributes:
        text: what is quoted.
        position: the slot whose passage has it verbatim; None: no passage of the context has it.
    """

    text: str
    position: int | None


@dataclass(frozen=True, slots=True)
class Consultation:
    """How the thinking went through the context.

    Attributes:
        passages: those that it looked at, by `order`.
        quotes: in the order in which they were written, each once.
    """

    passages: tuple[Consulted, ...] = ()
    quotes: tuple[ThoughtQuote, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came from a model, before anything is checked against the context.

    Attributes:
        text: the answer after the thinking; None where there is none.
        reasoning: the thinking; None where there was none.
        finish: never "dry_run" here.
        usage: token counts.
        first_token: ms from the request being sent to the first token; None where nothing was sent, or nothing came.
        partial: what came before a stream died.
        error: why it failed; None unless finish is "failed".
        warnings: what the reader should know, one sentence each.
        citations: of an answerer that knows what it cites; None: to be read from the text.
    """

    text: str | None
    reasoning: str | None
    finish: Finish
    usage: Usage = Usage()
    first_token: float | None = field(default=None, compare=False)
    partial: str | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()
    citations: tuple[Citation, ...] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, with all it rests on.

    Attributes:
        text: the answer; None where there is none.
        reasoning: the thinking, never mixed into `text`; None where there was none.
        model: who answered.
        context: what the model was given.
        citations: checked; attributed ones only where the model cited nothing.
        evidence: the sentences of the cited passages that bear the answer out.
        consultation: how the thinking went through the context; None where there was no thinking.
        partial: what came before a stream died.
        error: why it failed; None unless `finish` is "failed".
        warnings: what the reader should know, one sentence each.
    """

    question: str
    text: str | None
    reasoning: str | None
    finish: Finish
    model: str
    context: Context
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    consultation: Consultation | None = None
    usage: Usage = Usage()
    partial: str | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    timings: Timings = Timings()
