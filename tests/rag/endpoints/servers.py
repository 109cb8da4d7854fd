"""Servers for tests, over a transport in place of the network: vLLM's way, llama.cpp's way, or the plain API alone."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import httpx2

from rag.answer import Reply
from rag.answerer import Delta
from rag.context import Context
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import Endpoint
from rag.prompt import Message, Prompt

PROMPT = Prompt((Message("user", "Why is the sky blue?"),), "Why is the sky blue?", "plain", "0" * 64)
CONTEXT = Context((), "best_first", 0, "estimate")

_TOKEN = re.compile(r"</?think>|<｜\w+｜>|\w+ ?|\s|.")
USER, ASSISTANT, OPEN, CLOSE = "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>"


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def text(words: str, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "text": words, "finish_reason": finish}]}


def usage(prompt: int, completion: int, *, cached: int | None = None) -> dict[str, Any]:
    details = {"prompt_tokens_details": {"cached_tokens": cached}} if cached is not None else {}
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion, **details}}


def sse(*events: Any, done: bool = True) -> httpx2.Response:
    lines = [f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n" for event in events]
    body = "".join(lines) + ("data: [DONE]\n\n" if done else "")
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body.encode())


def page() -> httpx2.Response:
    return httpx2.Response(200, html="<html><body>Welcome</body></html>")


class Words:
    """A tokenizer: a token for each word (with the space behind it), tag and other character."""

    def __init__(self) -> None:
        self._known: list[str] = []

    def ids(self, words: str) -> list[int]:
        return [self._id(found) for found in _TOKEN.findall(words)]

    def words(self, ids: Iterable[int]) -> str:
        return "".join(self._known[one] for one in ids)

    def _id(self, word: str) -> int:
        if word not in self._known:
            self._known.append(word)
        return self._known.index(word)


class Asked(NamedTuple):
    """A request as it came."""

    path: str
    body: dict[str, Any]


@dataclass
class Server:
    """A server of a model that thinks `thought`, as many words as it may, and then answers `answer`.

    Attributes:
        kind: whose endpoints it has beside the OpenAI-compatible ones.
        absent: what it says to what it does not have.
        bounds: it honours vLLM's thinking budget.
        separates: thinking comes in a channel of its own.
        inside: the prompt opens the thinking.
        thinks: the model thinks at all.
        constrains: the field by which it takes a grammar.
        started: when, as its metrics say.
        listed: what its list of models says.
        broken: for a path, what it answers in place of all else.
    """

    kind: Literal["vllm", "llama.cpp", "plain"] = "vllm"
    absent: Callable[[], httpx2.Response] = lambda: httpx2.Response(404, json={"detail": "Not Found"})
    bounds: bool = True
    separates: bool = True
    inside: bool = True
    thinks: bool = True
    constrains: str | None = None
    samples: bool = False
    started: str | None = "1000.5"
    thought: str = "hm " * 30
    answer: str = "Blue."
    listed: dict[str, Any] = field(default_factory=lambda: {"data": [{"id": "m", "max_model_len": 8192}]})
    broken: dict[str, Callable[[], httpx2.Response]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    tokenizer: Words = field(default_factory=Words)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("http://model.test/v1", "secret", transport=httpx2.MockTransport(self.handle))

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [asked.body for asked in self.asked if asked.path == path]

    def rendered(self, *messages: dict[str, str]) -> str:
        turns = "".join(f"{USER}{message['content']}" for message in messages)
        opening = f"{OPEN}\n" if self.inside and self.thinks else ""
        return f"{turns}{ASSISTANT}{opening}"

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        body = json.loads(request.content) if request.content else {}
        self.asked.append(Asked(path, body))
        if path in self.broken:
            return self.broken[path]()
        match path, self.kind:
            case "/v1/models", _:
                return httpx2.Response(200, json=self.listed)
            case "/v1/chat/completions", _:
                return self._chat(body)
            case "/v1/completions", "vllm" | "llama.cpp":
                return self._completion(body)
            case "/version", "vllm":
                return httpx2.Response(200, json={"version": "0.32.0"})
            case "/metrics", "vllm":
                said = f"process_start_time_seconds {self.started}\n" if self.started else ""
                return httpx2.Response(
                    200, text=f"vllm:num_requests_running 0.0\n# TYPE process_start_time_seconds gauge\n{said}"
                )
            case "/tokenize", "vllm" if {"messages", "prompt"} & set(body):
                words = self.rendered(*body["messages"]) if "messages" in body else body["prompt"]
                return httpx2.Response(200, json={"tokens": self.tokenizer.ids(words), "count": 0})
            case "/detokenize", "vllm":
                return httpx2.Response(200, json={"prompt": self.tokenizer.words(body["tokens"])})
            case "/tokenize", "llama.cpp":
                return httpx2.Response(200, json={"tokens": self.tokenizer.ids(body.get("content", ""))})
            case "/apply-template", "llama.cpp":
                return httpx2.Response(200, json={"prompt": self.rendered(*body["messages"])})
        return self.absent()

    def _chat(self, body: dict[str, Any]) -> httpx2.Response:
        thought = self._words(self.thought) if self.thinks else []
        budget = body.get("thinking_token_budget")
        if budget is not None and self.bounds:
            thought = thought[:budget]
        within = thought[: body["max_tokens"]]
        room = body["max_tokens"] - len(within)
        answer = self._words(self._said(body))[:room] if within == thought else []
        reason = "stop" if answer == self._words(self._said(body)) else "length"
        opening = f"{OPEN}\n" if self.thinks and not self.inside else ""
        closing = f"{CLOSE}\n\n" if self.thinks and answer else ""
        if self.separates:
            message = {"role": "assistant", "reasoning": "".join(within) or None, "content": "".join(answer) or None}
        else:
            message = {"role": "assistant", "content": f"{opening}{''.join(within)}{closing}{''.join(answer)}"}
        prompt = len(self.tokenizer.ids(self.rendered(*body["messages"])))
        end = usage(prompt, len(within) + len(answer), cached=0 if self.kind == "vllm" else None)
        if body.get("stream"):
            return sse(delta(**message), delta(reason), end)
        choice = {"message": message, "finish_reason": reason}
        return httpx2.Response(200, json={**end, "choices": [choice] * (body.get("n", 1) if self.samples else 1)})

    def _completion(self, body: dict[str, Any]) -> httpx2.Response:
        prompt = self.tokenizer.words(body["prompt"])
        if prompt.endswith(f"{OPEN}\n"):
            words, most = self._words(self.thought), body["max_tokens"]
        else:
            words, most = self._words(self._said(body)), body["max_tokens"]
        reason = "stop" if len(words) <= most else "length"
        end = usage(len(body["prompt"]), min(most, len(words)), cached=4)
        if body.get("stream"):
            return sse(*(text(word) for word in words[:most]), text("", reason), end)
        choice = {"text": "".join(words[:most]), "finish_reason": reason}
        return httpx2.Response(200, json={**end, "choices": [choice]})

    def _said(self, body: dict[str, Any]) -> str:
        grammar = body.get(self.constrains) if self.constrains else None
        return "zebra" if grammar and "zebra" in json.dumps(grammar) else self.answer

    def _words(self, words: str) -> list[str]:
        return _TOKEN.findall(words)


def deltas_and_reply(items: list[Delta | Reply]) -> tuple[list[Delta], Reply]:
    *deltas, reply = items
    assert isinstance(reply, Reply)
    return [item for item in deltas if isinstance(item, Delta)], reply


async def collect(model: EndpointAnswerer, prompt: Prompt = PROMPT) -> tuple[list[Delta], Reply]:
    return deltas_and_reply([item async for item in model.reply(prompt, CONTEXT)])
