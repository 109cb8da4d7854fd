"""The tokenizer of a server that offers one: exact counts, and prompts as token ids."""

import weakref
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from rag.endpoints.capabilities import Dialect
from rag.endpoints.endpoint import REFUSALS, RETRIES, Endpoint, says_no
from rag.endpoints.wire import NonsenseError
from rag.prompt import Message

_ASKED = (Message("user", "?"),)


class ServerTokenizer:
    """Asks a server's tokenizer endpoints; each call waits for the server.

    Text is tokenized as the server does it: what reads like a control token becomes one, so that whatever is not
    our own must have been neutralised before.
    """

    def __init__(self, endpoint: Endpoint, model: str, dialect: Dialect, *, retries: int = RETRIES) -> None:
        """Prepares; nothing is asked.

        Args:
            endpoint: of the chat API; the tokenizer stands beside it.
            model: as the endpoint calls it.
            dialect: whose tokenizer endpoints they are.
            retries: of a question that a busy server refuses.
        """
        self._retries = retries
        self._root = endpoint.root
        self._model = model
        self._dialect = dialect

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens at its ends not counted."""
        return [len(self.ids(text)) for text in texts]

    def ids(self, text: str) -> list[int]:
        """Token ids of `text`, without special tokens at its ends."""
        return _ids(self._ask("/tokenize", self._text(text)))

    def render(self, messages: Sequence[Message]) -> list[int]:
        """Token ids of `messages` in the model's chat template, up to where the model goes on."""
        if self._dialect == "llama.cpp":
            return self.ids(self._applied(messages))
        body = {"model": self._model, "messages": _plain(messages), "add_generation_prompt": True}
        return _ids(self._ask("/tokenize", body))

    def prompt_end(self) -> str:
        """How a rendered prompt ends: the words after which the model goes on."""
        if self._dialect == "llama.cpp":
            return self._applied(_ASKED)
        return _prompt(self._ask("/detokenize", {"model": self._model, "tokens": self.render(_ASKED)}))

    def _ask(self, path: str, body: object) -> Any:
        return self._root.ask_by(self._client, path, body)

    @cached_property
    def _client(self) -> Any:
        """One for all questions, which are many and short; closed with this object."""
        client = self._root.blocking_client(retries=self._retries)
        weakref.finalize(self, client.close)
        return client

    def _applied(self, messages: Sequence[Message]) -> str:
        return _prompt(self._ask("/apply-template", {"messages": _plain(messages)}))

    def _text(self, text: str) -> dict[str, object]:
        if self._dialect == "llama.cpp":
            return {"content": text, "add_special": False, "parse_special": True}
        return {"model": self._model, "prompt": text, "add_special_tokens": False}


def find_dialect(endpoint: Endpoint, model: str) -> Dialect | None:
    """Whose tokenizer endpoints the server has; None: none that we know.

    Raises:
        FAILURES: the server does not answer at all, or not now.
    """
    dialects: tuple[Dialect, ...] = ("vllm", "llama.cpp")
    for dialect in dialects:
        tokenizer = ServerTokenizer(endpoint, model, dialect, retries=0)
        try:
            if tokenizer.ids("a b") and tokenizer.prompt_end():
                return dialect
        except REFUSALS as refusal:
            if not says_no(refusal):
                raise
        except ValueError:  # another kind of server, or a page for people
            continue
    return None


def _plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def _ids(reply: Any) -> list[int]:
    tokens = reply.get("tokens") if isinstance(reply, dict) else None
    if not isinstance(tokens, list) or not all(isinstance(token, int) for token in tokens):
        raise NonsenseError(f"no tokens in {reply!r}"[:200])
    return tokens


def _prompt(reply: Any) -> str:
    text = reply.get("prompt") if isinstance(reply, dict) else None
    if not isinstance(text, str):
        raise NonsenseError(f"no prompt in {reply!r}"[:200])
    return text
