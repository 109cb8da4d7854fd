"""Short requests to an endpoint whose effect tells what it can do."""

from collections.abc import Mapping
from typing import Any

from rag.endpoints.capabilities import Constraint
from rag.endpoints.endpoint import REFUSALS, Endpoint, says_no
from rag.endpoints.tokenizer import ServerTokenizer
from rag.endpoints.wire import NonsenseError, Piece, read_piece
from rag.prompt import Message
from rag.thinking import CLOSE

_PUZZLE = (
    "Think step by step: a farmer has 17 sheep, all but 9 run away, and he buys 3 times as many as are left. How many?"
)
_LONG = "All work and no play makes Jack a dull boy. " * 60
_ANIMAL = (Message("user", "Name an animal."),)
_WORDS = ("zebra", "yak")
_GRAMMAR = 'root ::= "zebra" | "yak"'


class Trials:
    """Tries things on one model of an endpoint.

    All methods raise `FAILURES` where the server does not answer, or cannot now; a refusal for good means no.
    """

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        """Prepares; nothing is asked."""
        self._endpoint = endpoint
        self._model = model

    def puzzle(self, fields: Mapping[str, object]) -> Piece:
        """The reply to a question that wants to be thought about; an empty one where the request is refused."""
        said = self._chat(_PUZZLE, fields)
        return read_piece(said) if said else Piece()

    def counts_cached(self) -> bool:
        """Whether cached prompt tokens are counted."""
        for _ in range(2):  # only what was read before can be cached
            said = self._chat(_LONG, {"max_tokens": 1})
        usage = read_piece(said).usage if said else None
        return bool(usage and usage.cached is not None)

    def gives_two(self) -> bool:
        """Whether two samples come from one request."""
        choices = self._chat(_PUZZLE, {"n": 2, "max_tokens": 1, "temperature": 1}).get("choices")
        return isinstance(choices, list) and len(choices) == 2

    def constraint(self, tokenizer: ServerTokenizer, *, reasons: bool) -> Constraint | None:
        """The field by which an answer follows a grammar, in a prompt of token ids behind closed thinking."""
        prompt = [*tokenizer.render(_ANIMAL), *tokenizer.ids(f"{CLOSE}\n\n" if reasons else "\n")]
        fields: dict[Constraint, object] = {"structured_outputs": {"grammar": _GRAMMAR}, "grammar": _GRAMMAR}
        for name, value in fields.items():
            body = {"model": self._model, "prompt": prompt, "max_tokens": 8, "temperature": 0, name: value}
            said = self._asked("/completions", body)
            if said and read_piece(said).content.strip() in _WORDS:
                return name
        return None

    def _chat(self, question: str, fields: Mapping[str, object]) -> dict[str, Any]:
        messages = [{"role": "user", "content": question}]
        return self._asked(
            "/chat/completions", {"model": self._model, "messages": messages, "temperature": 0, **fields}
        )

    def _asked(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        """What the server says; nothing where it refuses, or does not understand."""
        try:
            said = self._endpoint.ask(path, body)
            read_piece(said)
        except REFUSALS as refusal:
            if not says_no(refusal):
                raise
            return {}
        except NonsenseError:
            return {}
        found: dict[str, Any] = said
        return found
