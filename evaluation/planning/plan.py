"""What a run would cost, and what its number of questions can show and cannot; nothing is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evaluation.arms import BOUNDS, CLOSED_BOOK, GOLD_ONLY, Arm
from evaluation.planning.prospects import Prospects, prospects
from evaluation.planning.sharing import distinct_passages, order_of
from evaluation.run import Design
from indexes.errors import RequestError
from rag.models.catalogue import Model, known_model
from rag.opening import sampling_of

DISCORDANCE = (0.12, 0.14, 0.16)
"""Of paired outcomes, the shares that differ between two positions or orders in what is published."""


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """Mean tokens, counted on the examples or assumed.

    Attributes:
        passage: of one passage as it stands in a prompt.
        question: of what differs in a prompt beside the passages: the question and what follows.
        template: of what all prompts begin with.
        answer: of an answer without its thinking.
        thinking: of the thinking of each model that thinks, where nothing bounds it; the others are not in it.
        gold: gold passages of an example.
    """

    passage: float
    question: float
    template: float
    answer: float
    thinking: Mapping[str, float]
    gold: float = 1.0


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast the tokens go, over all requests that are in flight together.

    Attributes:
        prompt: tokens of prompts that are read in a second.
        generated: tokens that are written in a second.
        basis: how that is known, for people: "assumed", "measured at 8 in flight".
    """

    prompt: float
    generated: float
    basis: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would cost, and what it can show.

    Attributes:
        cells: arms × samples.
        trials: cells × examples; as many requests at least.
        requests: at most, where a server has no thinking budget of its own and a bounded reply takes two.
        prompt_tokens: of all prompts.
        read_tokens: of those, what is read where a server keeps the beginnings that prompts share; an estimate.
        generated_tokens: as replies typically are.
        most_generated_tokens: if each reply took all the room it has.
        seconds: for what is read and typically generated; None without rates.
        basis: of the rates; None without.
        notes: what the reader should know, one sentence each.
    """

    name: str
    arms: int
    samples: int
    examples: int
    cells: int
    trials: int
    requests: int
    prompt_tokens: int
    read_tokens: int
    generated_tokens: int
    most_generated_tokens: int
    seconds: float | None
    basis: str | None
    prospects: Prospects
    notes: tuple[str, ...] = ()


def plan(
    design: Design,
    *,
    examples: int,
    tokens: TokenFacts,
    rates: Rates | None = None,
    discordance: tuple[float, ...] = DISCORDANCE,
    catalogue: Mapping[str, Model] | None = None,
) -> Plan:
    """What the run of `design` would cost, and what it can show.

    Args:
        design: what is compared.
        examples: how many.
        tokens: of prompts and replies.
        rates: None: no time is estimated.
        discordance: shares of paired outcomes that may differ between two arms.
        catalogue: of models, which knows how much they write at most; None: our own.

    Raises:
        RequestError: no examples, or facts, rates or shares that cannot be.
    """
    _check(examples, tokens, rates)
    each = design.samples * examples
    sizes = {arm.name: _size(arm, tokens) for arm in design.arms}
    prompt = sum(tokens.template + tokens.question + sizes[arm.name] * tokens.passage for arm in design.arms) * each
    typical = sum(_typical(arm, tokens) for arm in design.arms) * each
    bounded = sum(bool(arm.think_budget) for arm in design.arms) * each
    read = _read(design, tokens, sizes, examples)
    return Plan(
        name=design.name,
        arms=len(design.arms),
        samples=design.samples,
        examples=examples,
        cells=len(design.arms) * design.samples,
        trials=len(design.arms) * each,
        requests=len(design.arms) * each + bounded,
        prompt_tokens=round(prompt),
        read_tokens=round(read),
        generated_tokens=round(typical),
        most_generated_tokens=sum(_most(design, catalogue).values()) * each,
        seconds=None if rates is None else read / rates.prompt + typical / rates.generated,
        basis=None if rates is None else rates.basis,
        prospects=prospects(design, examples=examples, discordance=discordance),
        notes=_notes(design, bounded),
    )


def _check(examples: int, tokens: TokenFacts, rates: Rates | None) -> None:
    if examples < 1:
        raise RequestError(f"a plan needs at least 1 example, found {examples!r}")
    counts = (tokens.question, tokens.template, tokens.answer, tokens.gold, *tokens.thinking.values())
    if not 0 < tokens.passage < float("inf") or not all(0 <= count < float("inf") for count in counts):
        raise RequestError(f"a plan needs token counts of 0 or more, and passages above 0, found {tokens!r}")
    if rates is not None and not (0 < rates.prompt < float("inf") and 0 < rates.generated < float("inf")):
        raise RequestError(f"a plan needs rates above 0 tokens per second, found {rates!r}")


def _size(arm: Arm, tokens: TokenFacts) -> float:
    """The passages of the arm's contexts."""
    if arm.placement == CLOSED_BOOK:
        return 0.0
    if arm.placement == GOLD_ONLY:
        return tokens.gold
    if arm.length.tokens is not None:
        return max(1.0, arm.length.tokens // tokens.passage)
    return float(arm.length.passages or 0)


def _typical(arm: Arm, tokens: TokenFacts) -> float:
    thinking = tokens.thinking.get(arm.subject, 0.0)
    return tokens.answer + (thinking if arm.think_budget is None else min(thinking, arm.think_budget))


def _most(design: Design, catalogue: Mapping[str, Model] | None) -> dict[str, int]:
    """By arm, most tokens of one reply."""
    choices = {subject.name: subject.choice for subject in design.subjects}
    most = {}
    for arm in design.arms:
        choice = replace(choices[arm.subject], think_budget=arm.think_budget)
        entry = known_model(choice.model, catalogue) if choice.model else None
        most[arm.name] = sampling_of(choice, entry).max_tokens
    return most


def _read(design: Design, tokens: TokenFacts, sizes: Mapping[str, float], examples: int) -> float:
    """Prompt tokens that are read: of each example, model and layout, each shared beginning once."""
    groups: dict[tuple[str, str], list[Arm]] = {}
    for arm in design.arms:
        groups.setdefault((arm.subject, arm.layout), []).append(arm)
    total = 0.0
    for arms in groups.values():
        orders = [order_of(arm, round(sizes[arm.name])) for arm in arms]
        each = len(set(orders)) * tokens.question + distinct_passages(orders) * tokens.passage
        total += each * examples + tokens.template
    return total


def _notes(design: Design, bounded: int) -> tuple[str, ...]:
    notes = []
    if bounded:
        notes.append(
            f"{bounded:,} trials bound the thinking: where the server has no budget of its own, each of them takes two "
            "requests instead of one"
        )
    if not any(arm.placement in BOUNDS for arm in design.arms):
        notes.append("no closed-book and gold-only arms: the run will not tell what ordering could do at best")
    if not any(arm.copy for arm in design.arms):
        notes.append("no A/A arm: the run will not tell how much answers differ though nothing does")
    return tuple(notes)
