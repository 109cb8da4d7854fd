"""Thinking apart from the answer, in whole texts and in streams, by the rules of reasoning models. No I/O.

The answer follows the last ``</think>``; the opening tag often stands in the prompt and not in the text;
thinking that never closes has no answer. Servers may also hand the thinking over in a channel of its own.
"""

import re
from typing import Literal, NamedTuple

from rag.answerer import Delta

Thinks = Literal["inside", "own_tag", "never", "unknown"]
"""How a model thinks: its prompt ends inside its thinking, it writes the opening tag, never, not known."""

OPEN, CLOSE = "<think>", "</think>"
_OPENINGS = re.compile(rf"(?:\s*{OPEN})*\s*")

NO_TAG = (
    "it is not known whether this model thinks aloud, and its text has no think tag: all of it is taken as the answer"
)
TAG_IN_ANSWER = "the model wrote </think> in its answer: only what follows it is taken as the answer"
SEVERAL_TAGS = "the model wrote </think> more than once: the answer is what follows the last one"


class Split(NamedTuple):
    """A finished text, taken apart.

    Attributes:
        reasoning: the thinking without its outer tags; None where there is none.
        answer: what follows it; None where there is none.
        closed: False where thinking began and did not end; then there is no answer.
        warnings: what the reader should know, one sentence each.
    """

    reasoning: str | None
    answer: str | None
    closed: bool
    warnings: tuple[str, ...] = ()


def split(content: str, *, thinks: Thinks, reasoning: str = "") -> Split:
    """Takes a finished text apart.

    Args:
        content: the text of the answer channel, with or without tags.
        thinks: how the model thinks; for "never" tags are text like any other.
        reasoning: the text of the thinking channel, where the server has one; tags within it are text.
    """
    channel = _unopened(reasoning).strip().removesuffix(CLOSE)
    if thinks == "never":
        answer = content.strip()
        return Split(channel.strip() or None, answer or None, closed=bool(answer or not channel.strip()))
    head, tag, tail = content.rpartition(CLOSE)
    warnings = [SEVERAL_TAGS] if CLOSE in head else [TAG_IN_ANSWER] if tag and reasoning else []
    began_inside = thinks == "inside" and not reasoning and bool(content.strip())
    if tail.lstrip().startswith(OPEN) or (began_inside and not tag):
        thought, answer, closed = _unopened(content), "", False
    else:
        thought, answer = _unopened(head), tail.strip()
        closed = bool(tag or answer or not reasoning)
        if thinks == "unknown" and not tag and not reasoning and answer:
            warnings.append(NO_TAG)
    pieces = [piece.strip() for piece in (channel, thought) if piece.strip()]
    return Split("\n\n".join(pieces) or None, answer or None, closed, tuple(warnings))


class ThinkingSplitter:
    """Takes a stream apart while it comes; the chunks may end anywhere, also within a tag.

    Deltas say what is known so far. `split` decides: where a model closes its thinking a second time, text
    that came as answer turns out to have been thinking.
    """

    def __init__(self, thinks: Thinks) -> None:
        """Begins a reply of a model that thinks as `thinks` says."""
        self._thinks = thinks
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._held = ""  # undecided: may be the beginning of a tag
        self._opening = True  # nothing but space and opening tags since the beginning or the last closing tag
        self._kind: Literal["thinking", "answer", "provisional"] = "answer"
        if thinks == "inside":
            self._kind = "thinking"
        elif thinks == "unknown":
            self._kind = "provisional"

    def feed(self, content: str = "", *, reasoning: str = "") -> list[Delta]:
        """Takes the next piece of either channel; returns what can be shown."""
        deltas = []
        if reasoning:
            if not self._content:  # the server separates: what comes in the other channel is the answer
                self._kind = "answer"
            self._reasoning.append(reasoning)
            deltas.append(Delta("thinking", reasoning))
        if content:
            self._content.append(content)
            if self._thinks == "never":
                deltas.append(Delta("answer", content))
            else:
                self._held += content
                deltas.extend(self._decided())
        return deltas

    def flush(self) -> list[Delta]:
        """What was held back for a tag that did not come; at the end of the stream."""
        held, self._held = self._held, ""
        return [Delta(self._kind, held)] if held else []

    @property
    def channel(self) -> str:
        """What came in the thinking channel; empty where the server has none, or the model thought nothing."""
        return "".join(self._reasoning)

    def split(self, *, thinks: Thinks | None = None) -> Split:
        """The whole text so far, taken apart: the same whatever the chunks were.

        Args:
            thinks: how the model thinks, where more is known by now.
        """
        return split("".join(self._content), thinks=thinks or self._thinks, reasoning=self.channel)

    def _decided(self) -> list[Delta]:
        deltas: list[Delta] = []
        while True:
            if self._opening:
                self._held = self._held.lstrip()
                if self._held.startswith(OPEN):
                    self._kind, self._held = "thinking", self._held.removeprefix(OPEN)
                    continue
                if OPEN.startswith(self._held):
                    return deltas
                self._opening = False
            before, tag, after = self._held.partition(CLOSE)
            if not tag:
                known = len(before) - _tag_begun(before)
                if known:
                    deltas.append(Delta(self._kind, before[:known]))
                self._held = before[known:]
                return deltas
            if before:
                deltas.append(Delta("thinking", before))
            self._kind, self._held, self._opening = "answer", after, True


def _unopened(text: str) -> str:
    return text[_OPENINGS.match(text).end() :]  # type: ignore[union-attr]  # the pattern matches the empty string


def _tag_begun(text: str) -> int:
    """Length of the longest end of `text` with which a closing tag could begin."""
    return next((n for n in range(min(len(CLOSE) - 1, len(text)), 0, -1) if CLOSE.startswith(text[-n:])), 0)
