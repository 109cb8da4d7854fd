"""What an endpoint can do for a model, in words: what works, what is missing, and which flag would help."""

from collections.abc import Iterator
from typing import NamedTuple

from rag.answerer import TokenCounter
from rag.checkup.finding import Finding
from rag.endpoints.capabilities import Capabilities
from rag.models.catalogue import Model
from rag.serving.command import CONTEXT
from rag.thinking import Thinks

THINKS: dict[Thinks, str] = {
    "inside": "it starts inside its thinking, which the prompt opens",
    "own_tag": "it opens its thinking itself",
    "never": "it does not think before it answers",
    "unknown": "it is not known whether it thinks",
}
ELSEWHERE = "`rag serve` and llama.cpp's server can"


class Repeated(NamedTuple):
    """A prompt that was sent twice, as the server counted it the second time.

    Attributes:
        prompt: its tokens; None where they are not counted.
        cached: how many of them the server had kept; None where that is not counted.
    """

    prompt: int | None
    cached: int | None


def check_abilities(
    can: Capabilities, *, entry: Model | None, reasons: bool, counter: TokenCounter, repeated: Repeated
) -> Iterator[Finding]:
    """A finding for each ability.

    Args:
        can: what was found out by its effect.
        entry: what the catalogue knows of the model.
        reasons: the model thinks before it answers.
        counter: what counts tokens for it.
        repeated: a prompt that was sent twice.
    """
    yield Finding("software", "ok", can.server or can.dialect or "the server does not tell what it is")
    yield _context(can, entry)
    yield _thinking(can, reasons)
    if reasons:
        yield _parser(can, entry)
        yield _budget(can)
        yield _no_think(can)
    yield _counts(can, counter)
    yield _prefix_cache(can, repeated)
    yield _constraint(can)
    yield Finding("samples", "ok", "several in one request" if can.samples else "one a request")


def _is_vllm(can: Capabilities) -> bool:
    return can.dialect == "vllm" or (can.server or "").startswith("vllm")


def _context(can: Capabilities, entry: Model | None) -> Finding:
    own = entry.context if entry else None
    if can.context is None:
        hint = "see that the server has room for --budget and --max-tokens together; it may cut longer prompts silently"
        return Finding("context", "warning", "the server does not tell how much it reads", hint)
    found = f"{can.context:,} tokens"
    if own is None or can.context >= own:
        return Finding("context", "ok", found)
    found += f" of the model's {own:,}"
    if can.context >= CONTEXT:
        return Finding("context", "ok", found)
    name = entry.name if entry else "MODEL"
    more = f"rag serve {name} --context {min(own, CONTEXT)}"
    return Finding("context", "warning", found, f"start the server with more room for thinking, as: {more}")


def _thinking(can: Capabilities, reasons: bool) -> Finding:
    if can.thinks == "own_tag" and not reasons:
        return Finding("thinking", "ok", "it does not think, as far as a short question shows")
    if can.thinks != "unknown":
        return Finding("thinking", "ok", THINKS[can.thinks])
    remedy = 'say it in your models.toml: an entry for it with thinks = "inside", "own_tag" or "never"'
    return Finding("thinking", "warning", THINKS["unknown"], remedy)


def _parser(can: Capabilities, entry: Model | None) -> Finding:
    if can.separates:
        return Finding("parser", "ok", "thinking comes in a channel of its own")
    found = "thinking comes in the answer's text, and is taken out by its tags"
    if not _is_vllm(can):
        return Finding("parser", "ok", found)
    name = (entry.reasoning_parser if entry else None) or "NAME"
    return Finding("parser", "warning", found, f"start vLLM with --reasoning-parser {name}")


def _budget(can: Capabilities) -> Finding:
    match can.budget:
        case "server":
            return Finding("budget", "ok", "the server bounds the thinking")
        case "two_step":
            return Finding("budget", "ok", "thinking is bounded in two requests, on token ids")
        case None:
            return Finding("budget", "warning", "thinking cannot be bounded", ELSEWHERE)


def _no_think(can: Capabilities) -> Finding:
    match can.no_think:
        case "server":
            return Finding("no-think", "ok", "the server leaves the thinking out")
        case "template":
            return Finding("no-think", "ok", "a switch of the chat template leaves the thinking out")
        case "closed_block":
            return Finding("no-think", "ok", "thinking is left out by a closed think block, on token ids")
        case None:
            return Finding("no-think", "warning", "thinking cannot be left out", ELSEWHERE)


def _counts(can: Capabilities, counter: TokenCounter) -> Finding:
    if can.dialect:
        return Finding("token counts", "ok", f"exact, by the server's tokenizer ({can.dialect})")
    if counter.exact:
        return Finding("token counts", "ok", f"exact, by the tokenizer of {counter.name} on this machine")
    return Finding("token counts", "warning", "estimated: the server has no tokenizer to ask", ELSEWHERE)


def _prefix_cache(can: Capabilities, repeated: Repeated) -> Finding:
    if repeated.cached:
        of = f"{repeated.cached:,}" + (f" of {repeated.prompt:,}" if repeated.prompt else "")
        return Finding("prefix cache", "ok", f"in effect: {of} tokens of a repeated prompt")
    if repeated.cached is None:
        remedy = "start vLLM with --enable-prompt-tokens-details" if _is_vllm(can) else None
        return Finding("prefix cache", "warning", "the server does not count what it had cached", remedy)
    remedy = "start vLLM with --enable-prefix-caching" if _is_vllm(can) else None
    return Finding("prefix cache", "warning", "a repeated prompt was read anew", remedy)


def _constraint(can: Capabilities) -> Finding:
    if can.constraint:
        return Finding("verbatim", "ok", f"answers can be constrained ({can.constraint})")
    found = "answers cannot be constrained: --verbatim checks them instead"
    return Finding("verbatim", "warning", found, ELSEWHERE)
