"""The seam for whatever answers: a language model behind an endpoint, sentences drawn verbatim, a script in tests."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rag.answer import Reply
from rag.context import Context
from rag.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply as it comes. `text` is raw: whoever prints it neutralises terminal escapes.

    Attributes:
        kind: "provisional" is text of which it is not known yet whether it is thinking or answer: shown like
            thinking; the final `Reply` decides.
    """

    kind: Literal["thinking", "answer", "provisional"]
    text: str


class TokenCounter(Protocol):
    """Counts tokens as some tokenizer does."""

    @property
    def name(self) -> str:
        """The tokenizer, as recorded in a context."""
        ...

    @property
    def exact(self) -> bool:
        """Whether it is the model's own tokenizer; else the counts are estimates."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted."""
        ...


class Answerer(Protocol):
    """Answers prompts."""

    @property
    def model(self) -> str:
        """The model's name, as recorded in an answer."""
        ...

    @property
    def where(self) -> str:
        """Where it runs, for people: "in process", "http://127.0.0.1:8000/v1"."""
        ...

    @property
    def context_window(self) -> int | None:
        """Most tokens of prompt and reply together; None where unknown or unlimited."""
        ...

    @property
    def reply_tokens(self) -> int:
        """Most tokens that a reply may take of the context window; 0 where there is no window."""
        ...

    @property
    def default_budget(self) -> int | None:
        """Most tokens of passages that do this model good; None: the general default."""
        ...

    @property
    def follows_prompts(self) -> bool:
        """Whether it is a language model, which can be asked anything, such as to rewrite a question."""
        ...

    @property
    def counter(self) -> TokenCounter:
        """Counts tokens as this model does, as exactly as is known."""
        ...

    def reply(self, prompt: Prompt, context: Context) -> AsyncGenerator[Delta | Reply, None]:
        """Streams deltas, then exactly one `Reply` as the last item; never raises for what an endpoint did.

        Closing the iterator early ends the request.

        Args:
            prompt: what a language model reads.
            context: the passages behind it; for answerers that read those instead.
        """
        ...

    def varied(self, *, seed: int, think_budget: int | None) -> "Answerer":
        """The same model in the same place, drawn with another seed and thinking budget, where it knows such things.

        Args:
            seed: equal seeds repeat an answer as far as the server can.
            think_budget: most tokens of thinking; 0: none at all; None: as many as the model likes.
        """
        ...

    def thinks(self) -> bool:
        """Whether it thinks before it answers, unless it is told not to; may ask its server.

        Raises:
            RequestError: the server does not answer.
        """
        ...

    def unable(self) -> tuple[str, ...]:
        """What is asked of its thinking and cannot be had, one sentence each; may ask its server.

        Raises:
            RequestError: the server does not answer.
        """
        ...
