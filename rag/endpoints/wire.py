"""What one message of the chat or completions API says, read with care: servers differ, and some answer nonsense."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rag.answer import Usage


class Piece(NamedTuple):
    """One event of a stream, or a whole reply of a server that does not stream.

    Attributes:
        content: text of the answer channel.
        reasoning: text of the thinking channel.
        finish_reason: why the server stopped; None before the end.
        usage: token counts; None where this piece has none.
    """

    content: str = ""
    reasoning: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None


class NonsenseError(ValueError):
    """The message is not one of the chat API; says what it is."""


def read_piece(payload: Any) -> Piece:
    """Reads a chunk (``delta``), a chat completion (``message``) or a completion (``text``), already parsed from JSON.

    Raises:
        NonsenseError: it is neither.
    """
    if not isinstance(payload, Mapping):
        raise NonsenseError(f"not a JSON object: {payload!r}"[:200])
    choices = payload.get("choices")
    usage = _usage(payload.get("usage"))
    if not isinstance(choices, list) or (not choices and "usage" not in payload):
        raise NonsenseError(f"no choices in {payload!r}"[:200])
    if not choices:
        return Piece(usage=usage)
    choice = choices[0] if isinstance(choices[0], Mapping) else {}
    message = choice.get("delta") or choice.get("message") or {}
    if not isinstance(message, Mapping):
        raise NonsenseError(f"no message in {payload!r}"[:200])
    reason = choice.get("finish_reason")
    return Piece(
        content=_text(message.get("content")) or _text(choice.get("text")),
        reasoning=_text(message.get("reasoning")) or _text(message.get("reasoning_content")),
        finish_reason=_text(reason) or None,
        usage=usage,
    )


def _usage(counts: Any) -> Usage | None:
    if not isinstance(counts, Mapping):
        return None
    return Usage(
        prompt=_number(counts.get("prompt_tokens")),
        completion=_number(counts.get("completion_tokens")),
        reasoning=_number(_detail(counts, "completion_tokens_details", "reasoning_tokens")),
        cached=_number(_detail(counts, "prompt_tokens_details", "cached_tokens")),
    )


def _detail(counts: Mapping[str, Any], group: str, name: str) -> Any:
    details = counts.get(group)
    return details.get(name) if isinstance(details, Mapping) else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: Any) -> str:
    """`value` if it is text, with what no encoding has (half a character) replaced."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else ""
