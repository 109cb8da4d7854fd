"""Finds out what an endpoint can do for a model: by the effect, when it is first needed, and remembers it.

Servers ignore silently what they do not know, so that no reply to a request tells whether a field was understood:
only what came back does.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from indexes.errors import RequestError
from rag.endpoints.capabilities import BudgetWay, Capabilities, Constraint, Dialect, NoThinkWay
from rag.endpoints.endpoint import FAILURES, REFUSALS, Endpoint, says_no, served_models
from rag.endpoints.memory import recall, remember
from rag.endpoints.tokenizer import ServerTokenizer, find_dialect
from rag.endpoints.trials import Trials
from rag.endpoints.wire import Piece
from rag.thinking import OPEN, Split, Thinks, split

if TYPE_CHECKING:
    from rag.models.catalogue import Model

_T = TypeVar("_T")

BUDGET_FIELD: Final = "thinking_token_budget"
"""vLLM's request field for the most tokens of thinking."""
_TRIED_BUDGET = 4


class _Tried(NamedTuple):
    """A short reply: as it came, and taken apart."""

    piece: Piece
    split: Split


class Probes:
    """What an endpoint can do for one model. Each fact is asked for once, then kept, also between commands.

    All that asks raises `FAILURES` where the server does not answer; a refusal means no.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        entry: "Model | None" = None,
        folder: Path | None = None,
        known: Mapping[str, object] | None = None,
    ) -> None:
        """Prepares; nothing is asked.

        Args:
            endpoint: where.
            model: as the endpoint calls it.
            entry: what the catalogue knows of the model.
            folder: keeps what was found out; None: nothing is kept between commands.
            known: facts that need no asking, by the names of `Capabilities`.
        """
        self._endpoint = endpoint
        self._model = model
        self._entry = entry
        self._folder = folder
        self._lock = RLock()
        self._facts: dict[str, Any] = dict(known or {})
        self._recalled = known is not None
        self._trials = Trials(endpoint, model)
        self._tokenizer: ServerTokenizer | None = None

    @property
    def server(self) -> str | None:
        """What the server calls itself, such as "vllm 0.32.0"; None where it does not tell."""
        return self._identity[0]

    @property
    def hub_id(self) -> str:
        """The model's name on the hub, as far as it has one there."""
        return (self._entry.hub_id if self._entry else None) or self._model

    @property
    def switch(self) -> Mapping[str, object]:
        """What the chat template is told so that the model does not think."""
        return dict(self._entry.switch or ()) if self._entry else {}

    @property
    def dialect(self) -> Dialect | None:
        """Whose tokenizer endpoints the server has."""
        return self._fact("dialect", self._which_dialect)

    @property
    def tokenizer(self) -> ServerTokenizer | None:
        """The server's own; None where it has none that we know."""
        with self._lock:
            dialect = self.dialect
            if dialect and self._tokenizer is None:
                self._tokenizer = ServerTokenizer(self._endpoint, self._model, dialect)
            return self._tokenizer

    @property
    def thinks(self) -> Thinks:
        """How the model thinks: read off the rendered prompt, else as the catalogue says."""
        if self.dialect is None and "thinks" not in self._facts:
            return self._entry.thinks if self._entry else "unknown"  # not found out, so not kept
        return self._fact("thinks", self._how_it_thinks)

    @property
    def reasons(self) -> bool:
        """Whether the model thinks at all before it answers."""
        if self.thinks in ("inside", "never"):
            return self.thinks == "inside"
        if self._entry and self._entry.thinks == "own_tag":
            return True
        return self._fact("reasons", self._tried_freely("reasons"))

    @property
    def separates(self) -> bool:
        """Whether thinking comes in a channel of its own."""
        return self._fact("separates", self._tried_freely("separates"))

    @property
    def context(self) -> int | None:
        """Most tokens of prompt and reply together; None where the server does not tell."""
        try:
            return self._fact("context", self._window)
        except RequestError:  # not now; another time it may
            return None

    @property
    def budget(self) -> BudgetWay | None:
        """How a thinking budget is kept; None: it cannot be."""
        if self._fact("budget_field", self._field_bounds):
            return "server"
        return "two_step" if self.dialect else None

    @property
    def no_think(self) -> NoThinkWay | None:
        """How thinking is left out; None: it cannot be."""
        switched = {"chat_template_kwargs": self.switch}
        if bool(self.switch) and self._fact("switch_works", lambda: self._answers_at_once(switched)):
            return "template"
        if self._fact("budget_field", self._field_bounds) and self._fact(
            "zero", lambda: self._answers_at_once({BUDGET_FIELD: 0})
        ):
            return "server"
        return "closed_block" if self.dialect else None

    @property
    def cached(self) -> bool:
        """Whether the server counts the prompt tokens that it had cached."""
        return self._fact("cached", self._trials.counts_cached)

    @property
    def constraint(self) -> Constraint | None:
        """How an answer can be made to follow a grammar; None: it cannot."""
        return self._fact("constraint", self._which_constraint)

    @property
    def samples(self) -> bool:
        """Whether several samples come from one request."""
        return self._fact("samples", self._trials.gives_two)

    def capabilities(self) -> Capabilities:
        """All of it; what is not known yet is asked for, which takes seconds on a slow server."""
        return Capabilities(
            server=self.server,
            dialect=self.dialect,
            thinks=self.thinks,
            separates=self.separates,
            context=self.context,
            budget=self.budget,
            no_think=self.no_think,
            cached=self.cached,
            constraint=self.constraint,
            samples=self.samples,
        )

    def forget(self) -> None:
        """Everything is asked for anew when it is next needed."""
        with self._lock:
            self._facts.clear()
            self._keep()

    def _fact(self, name: str, find: Callable[[], _T]) -> _T:
        with self._lock:
            if self._folder and not self._recalled:
                self._recalled = True
                self._facts.update(recall(self._folder, self._endpoint, self._model, *self._identity))
            if name not in self._facts:
                self._facts[name] = find()
                self._keep()
            value: _T = self._facts[name]
            return value

    def _keep(self) -> None:
        if self._folder:
            remember(self._folder, self._endpoint, self._model, *self._identity, self._facts)

    @cached_property
    def _identity(self) -> tuple[str | None, str | None]:
        """What the server calls itself, and when it was started: with another start, all may be different."""
        root = self._endpoint.root.briefly
        try:
            version = str(root.ask("/version")["version"])
            page = str(root.ask("/metrics"))
        except (*FAILURES, KeyError, TypeError):
            return None, None
        started = [line.split()[-1] for line in page.splitlines() if line.startswith("process_start_time_seconds")]
        return f"vllm {version}" if "vllm:" in page else version, started[0] if started else None

    def _which_dialect(self) -> Dialect | None:
        try:
            return find_dialect(self._endpoint.briefly, self._model)
        except REFUSALS:
            self._folder = None  # it is busy or loading, or wants another key: nothing that is found out now may stay
            return None

    def _window(self) -> int | None:
        try:
            listed = dict(served_models(self._endpoint.briefly)).get(self._model)
        except RequestError as error:
            if not (isinstance(error.__cause__, REFUSALS) and says_no(error.__cause__)):
                raise
            listed = None
        if listed is None and self.dialect == "llama.cpp":
            with suppress(*FAILURES, LookupError, TypeError, ValueError):
                return int(self._endpoint.root.briefly.ask("/props")["default_generation_settings"]["n_ctx"])
        return listed

    def _how_it_thinks(self) -> Thinks:
        if self.tokenizer and self.tokenizer.prompt_end().rstrip().endswith(OPEN):
            return "inside"
        return "never" if self._entry and self._entry.thinks == "never" else "own_tag"

    def _tried_freely(self, name: Literal["reasons", "separates"]) -> Callable[[], bool]:
        """Finds out by the first words of a reply whether the model thinks, and where its thinking comes."""

        def find() -> bool:
            tried = self._tried({"max_tokens": 8})
            self._facts.setdefault("separates", bool(tried.piece.reasoning))
            self._facts.setdefault("reasons", tried.split.reasoning is not None)
            return bool(self._facts[name])

        return find

    def _field_bounds(self) -> bool:
        """Whether the server closes the thinking at its budget and an answer follows."""
        tried = self._tried({"max_tokens": _TRIED_BUDGET + 40, BUDGET_FIELD: _TRIED_BUDGET})
        thought = tried.split.reasoning
        return bool(thought and tried.split.answer) and self._tokens(thought or "") <= _TRIED_BUDGET + 1

    def _answers_at_once(self, fields: Mapping[str, object]) -> bool:
        """Whether a reply begins with its answer."""
        piece = self._tried({"max_tokens": 16, **fields}).piece
        # in a channel of its own, no thinking is nothing; elsewhere an open end may be thinking
        thinks: Thinks = "own_tag" if self.separates else self.thinks
        apart = split(piece.content, thinks=thinks, reasoning=piece.reasoning)
        return apart.reasoning is None and apart.answer is not None

    def _which_constraint(self) -> Constraint | None:
        return self._trials.constraint(self.tokenizer, reasons=self.reasons) if self.tokenizer else None

    def _tried(self, fields: Mapping[str, object]) -> _Tried:
        piece = self._trials.puzzle(fields)
        if piece.reasoning:
            self._facts["separates"] = True
        return _Tried(piece, split(piece.content, thinks=self.thinks, reasoning=piece.reasoning))

    def _tokens(self, text: str) -> int:
        return self.tokenizer.count([text])[0] if self.tokenizer else len(text.split())
