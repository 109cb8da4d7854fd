from dataclasses import replace

import pytest

from rag.checkup.abilities import Repeated, check_abilities
from rag.checkup.finding import Finding
from rag.endpoints.capabilities import Capabilities
from rag.models.catalogue import models
from rag.tokens import CachedCounter, EstimateCounter

ALL = Capabilities(
    server="vllm 0.32.0",
    dialect="vllm",
    thinks="inside",
    separates=True,
    context=131_072,
    budget="server",
    no_think="server",
    cached=True,
    constraint="structured_outputs",
    samples=True,
)
NONE = Capabilities(None, None, "unknown", False, None, None, None, False, None, False)
R1 = models()["r1-qwen-7b"]
COUNTED = Repeated(1200, 1152)


def look(can: Capabilities, *, reasons: bool = True, repeated: Repeated = COUNTED) -> dict[str, Finding]:
    found = [*check_abilities(can, entry=R1, reasons=reasons, counter=EstimateCounter(), repeated=repeated)]
    by_name = {finding.what: finding for finding in found}
    assert len(by_name) == len(found)
    return by_name


def test_a_server_that_can_do_all_needs_no_remedy() -> None:
    found = look(ALL)
    assert {finding.state for finding in found.values()} == {"ok"}
    assert {finding.remedy for finding in found.values()} == {None}
    assert found["software"].found == "vllm 0.32.0"
    assert found["context"].found == "131,072 tokens"
    assert found["prefix cache"].found == "in effect: 1,152 of 1,200 tokens of a repeated prompt"


def test_a_server_that_can_do_nothing_is_usable_and_every_lack_is_named() -> None:
    found = look(NONE, repeated=Repeated(None, None))
    lacks = {what for what, finding in found.items() if finding.state == "warning"}
    assert lacks == {"context", "thinking", "budget", "no-think", "token counts", "prefix cache", "verbatim"}
    assert {finding.state for what, finding in found.items() if what not in lacks} == {"ok"}


def test_of_a_model_that_does_not_think_nothing_is_said_about_thinking() -> None:
    found = look(replace(ALL, thinks="own_tag"), reasons=False)
    assert not {"parser", "budget", "no-think"} & found.keys()
    assert "does not think" in found["thinking"].found
    assert "does not think" in look(replace(ALL, thinks="never"), reasons=False)["thinking"].found


def test_too_little_context_to_think_in_is_a_warning_with_the_flag() -> None:
    finding = look(replace(ALL, context=8192))["context"]
    assert (finding.state, finding.found) == ("warning", "8,192 tokens of the model's 131,072")
    assert (finding.remedy or "").endswith("rag serve r1-qwen-7b --context 32768")


def test_enough_context_to_think_in_is_fine_though_the_model_could_read_more() -> None:
    finding = look(replace(ALL, context=40_000))["context"]
    assert (finding.state, finding.found) == ("ok", "40,000 tokens of the model's 131,072")


def test_thinking_in_the_text_names_vllms_parser_and_is_fine_elsewhere() -> None:
    finding = look(replace(ALL, separates=False))["parser"]
    assert (finding.state, finding.remedy) == ("warning", "start vLLM with --reasoning-parser deepseek_r1")
    elsewhere = replace(ALL, separates=False, dialect="llama.cpp", server=None)
    assert look(elsewhere)["parser"].state == "ok"


@pytest.mark.parametrize(
    ("can", "what", "words"),
    [
        (replace(ALL, budget="two_step"), "budget", "two requests"),
        (replace(ALL, no_think="template"), "no-think", "chat template"),
        (replace(ALL, no_think="closed_block"), "no-think", "closed think block"),
        (replace(ALL, samples=False), "samples", "one a request"),
        (replace(ALL, server=None, dialect="llama.cpp"), "software", "llama.cpp"),
        (replace(ALL, thinks="own_tag"), "thinking", "opens its thinking itself"),
    ],
)
def test_other_ways_are_fine_and_named(can: Capabilities, what: str, words: str) -> None:
    finding = look(can)[what]
    assert finding.state == "ok"
    assert words in finding.found


def test_tokens_are_counted_here_where_the_server_does_not() -> None:
    counter = CachedCounter("org/model", lambda texts: [1 for _ in texts])
    can = replace(ALL, dialect=None)
    found = {one.what: one for one in check_abilities(can, entry=R1, reasons=True, counter=counter, repeated=COUNTED)}
    assert found["token counts"].found == "exact, by the tokenizer of org/model on this machine"


def test_a_prefix_cache_that_is_off_or_not_counted_names_vllms_flag() -> None:
    off = look(ALL, repeated=Repeated(1200, 0))["prefix cache"]
    assert (off.state, off.remedy) == ("warning", "start vLLM with --enable-prefix-caching")
    uncounted = look(ALL, repeated=Repeated(1200, None))["prefix cache"]
    assert (uncounted.state, uncounted.remedy) == ("warning", "start vLLM with --enable-prompt-tokens-details")
    assert look(replace(ALL, server=None, dialect=None), repeated=Repeated(1, 0))["prefix cache"].remedy is None
