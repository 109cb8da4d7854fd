"""Verbatim answers of a real vLLM server: xgrammar reads the grammar as it is meant."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rag.endpoints.endpoint import Endpoint
from rag.grounding.verbatim import not_verbatim, verbatim_grammar
from tests.rag.contexts import context_of
from tests.rag.grounding.gbnf import Grammar
from tests.rag.grounding.quotable import NASTY, allowed, quoting

pytestmark = pytest.mark.slow


def said(vllm: tuple[str, str], grammar: str, *, tokens: int = 300) -> str:
    """What the model says behind its closed thinking, held to `grammar`."""
    url, model = vllm
    body = {
        "model": model,
        "prompt": "Write a poem about the sea.\n</think>\n\n",
        "max_tokens": tokens,
        "temperature": 0,
        "structured_outputs": {"grammar": grammar},
    }
    with Endpoint(url, timeout=300).blocking_client() as client:
        reply: Any = client.post("/completions", cast_to=object, body=body)
    return str(reply["choices"][0]["text"])


def test_vllm_can_only_quote(vllm: tuple[str, str]) -> None:
    contexts = [context_of("Short.", sentence) for sentence in NASTY]
    grammars = [quoting(verbatim_grammar(context)) for context in contexts]
    with ThreadPoolExecutor(len(NASTY)) as pool:  # side by side, a batch costs as much as its longest
        answers = list(pool.map(lambda grammar: said(vllm, grammar), grammars))
    for context, grammar, answer in zip(contexts, grammars, answers, strict=True):
        assert set(answer.split("\n")) == set(allowed(grammar))
        assert not_verbatim(answer, context) == ()


def test_vllm_takes_the_grammar_of_a_large_context(vllm: tuple[str, str]) -> None:
    texts = [" ".join(f"M{p}-{n} is the name of a machine in the cellar." for n in range(40)) for p in range(20)]
    grammar = verbatim_grammar(context_of(*texts))
    assert len(grammar) > 40_000
    assert Grammar(grammar).accepts(said(vllm, quoting(grammar)))
