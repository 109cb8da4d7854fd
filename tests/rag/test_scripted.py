"""Tests of the scripted answerer."""

import asyncio

import pytest

from rag.answer import Reply
from rag.answerer import Answerer, Delta
from rag.context import Context
from rag.prompt import Message, Prompt
from rag.scripted import ScriptedAnswerer

PROMPT = Prompt((Message("user", "Why?"),), "Why?", "plain", "0" * 64)
CONTEXT = Context((), "best_first", 0, "estimate")


def ask(model: Answerer) -> list[Delta | Reply]:
    async def collect() -> list[Delta | Reply]:
        return [item async for item in model.reply(PROMPT, CONTEXT)]

    return asyncio.run(collect())


def test_replies_come_in_turn_and_begin_again() -> None:
    model = ScriptedAnswerer(["one", "two"])
    assert [ask(model)[-1] for _ in range(3)] == [
        Reply("one", None, "answered"),
        Reply("two", None, "answered"),
        Reply("one", None, "answered"),
    ]
    assert model.prompts == [PROMPT] * 3


def test_thinking_and_answer_are_streamed_before_the_reply() -> None:
    reply = Reply("Blue.\nReally.", "Hm.", "truncated_answer")
    deltas = [Delta("thinking", "Hm."), Delta("answer", "Blue.\n"), Delta("answer", "Really.")]
    assert ask(ScriptedAnswerer([reply])) == [*deltas, reply]


def test_an_empty_script_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        ScriptedAnswerer([])
