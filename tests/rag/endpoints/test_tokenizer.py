"""Tests of the tokenizer endpoints of servers."""

from collections.abc import Callable
from typing import Any, Literal

import httpx2
import openai
import pytest

from rag.endpoints.tokenizer import ServerTokenizer, find_dialect
from rag.endpoints.wire import NonsenseError
from rag.prompt import Message
from tests.rag.endpoints.servers import Server, page

MESSAGES = (Message("user", "Why?"), Message("assistant", "Because."), Message("user", "Really?"))
RENDERED = "<｜User｜>Why?<｜User｜>Because.<｜User｜>Really?<｜Assistant｜><think>\n"
DIALECTS: tuple[Literal["vllm", "llama.cpp"], ...] = ("vllm", "llama.cpp")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_prompts_are_rendered_and_texts_counted_as_the_server_does_it(dialect: Literal["vllm", "llama.cpp"]) -> None:
    server = Server(dialect)
    tokenizer = ServerTokenizer(server.endpoint, "m", dialect)
    assert server.tokenizer.words(tokenizer.render(MESSAGES)) == RENDERED
    assert tokenizer.prompt_end() == "<｜User｜>?<｜Assistant｜><think>\n"
    assert tokenizer.count(["a b c", "", "</think>"]) == [3, 0, 1]
    assert server.tokenizer.words(tokenizer.ids("a b")) == "a b"


@pytest.mark.parametrize(
    ("dialect", "bodies"),
    [
        ("vllm", [{"model": "m", "prompt": "a", "add_special_tokens": False}]),
        ("llama.cpp", [{"content": "a", "add_special": False, "parse_special": True}]),
    ],
)
def test_no_special_tokens_are_added_at_the_ends(dialect: Literal["vllm", "llama.cpp"], bodies: list[Any]) -> None:
    server = Server(dialect)
    ServerTokenizer(server.endpoint, "m", dialect).count(["a"])
    assert server.bodies("/tokenize") == bodies


@pytest.mark.parametrize("kind", DIALECTS)
def test_the_dialect_is_found(kind: Literal["vllm", "llama.cpp"]) -> None:
    server = Server(kind)
    assert find_dialect(server.endpoint, "m") == kind


def test_a_plain_server_has_none_and_is_asked_twice() -> None:
    server = Server("plain")
    assert find_dialect(server.endpoint, "m") is None
    assert server.paths == ["/tokenize", "/tokenize"]


NONSENSE: dict[str, Callable[[], httpx2.Response]] = {
    "a page": page,
    "a list": lambda: httpx2.Response(200, json=[1]),
    "no tokens": lambda: httpx2.Response(200, json={"ids": [1]}),
    "tokens that are text": lambda: httpx2.Response(200, json={"tokens": ["a"]}),
    "a number": lambda: httpx2.Response(200, json={"tokens": 3, "prompt": 3}),
}


@pytest.mark.parametrize("kind", NONSENSE)
@pytest.mark.parametrize(
    "ask",
    [
        lambda tokenizer: tokenizer.count(["a"]),
        lambda tokenizer: tokenizer.ids("a"),
        lambda tokenizer: tokenizer.render(MESSAGES),
        lambda tokenizer: tokenizer.prompt_end(),
    ],
    ids=["count", "ids", "render", "prompt_end"],
)
def test_nonsense_is_told_as_such(kind: str, ask: Callable[[ServerTokenizer], Any]) -> None:
    broken = dict.fromkeys(("/tokenize", "/detokenize", "/apply-template"), NONSENSE[kind])
    for dialect in DIALECTS:
        with pytest.raises(NonsenseError):
            ask(ServerTokenizer(Server(dialect, broken=broken).endpoint, "m", dialect))


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_server_that_cannot_say_now_is_no_server_without_one(status: int) -> None:
    server = Server(broken={"/tokenize": lambda: httpx2.Response(status)})
    with pytest.raises(openai.APIStatusError):
        find_dialect(server.endpoint, "m")
