"""Multi-hop chains: each fact stands in a passage of its own, and the question needs all of them."""

from itertools import pairwise
from typing import NamedTuple

from evaluation.datasets.record import content_id
from evaluation.examples import Example
from evaluation.generators.bounds import check_range, check_size
from evaluation.generators.collection import SPARE, drawn, mixed, prose_passage
from evaluation.generators.draws import chosen
from evaluation.generators.names import names
from evaluation.generators.registry import generator
from indexes.passages import Passage

_GIVEN = ("Ada", "Boris", "Clara", "Dario", "Edith", "Felix", "Greta", "Hugo", "Irene", "Jonas", "Karin")
_TRADES = ("Mills", "Foundry", "Press", "Brewery", "Textiles", "Optics", "Instruments")
_ENDINGS = ("ford", "ham", "stead", "wick", "ton")


class _Link(NamedTuple):
    """A kind of hop: how a passage tells it of one and the next, and how a question asks for the next."""

    fact: str
    asked: str


_LINKS = (
    _Link("{} is employed by {}.", "the employer of {}"),
    _Link("{} has its seat in the town of {}.", "the town that is the seat of {}"),
    _Link("The mayor of {} is {}.", "the mayor of {}"),
)
"""From a person to a company, to a town, to a person, and so on."""


@generator
def chain(
    *, hops: int = 2, passages: int = 20, examples: int = 100, words: int = 100, seed: int = 0
) -> tuple[Example, ...]:
    """Examples with `passages` passages of about `words` words, `hops` of them gold.

    Half of the wrong ones are links of other chains, half are filler. The gold ids are in the order of the hops. The
    questions depend on the seed and the hops alone, so that they are the same at any length.

    Raises:
        ValueError: a number is out of range.
    """
    check_range("hops", hops, 2, 6)
    check_size(examples, passages, least=hops)
    check_range("words", words, 20, 2_000)
    hard = (passages - hops + 1) // 2
    filler = passages - hops - hard
    needed = -(-hard // hops)  # chains, rounded up
    count = examples + SPARE * needed
    invented = names(seed, count * (hops + 1) + SPARE * filler)
    chains = [
        [_entity(step, name) for step, name in enumerate(invented[start : start + hops + 1])]
        for start in range(0, count * (hops + 1), hops + 1)
    ]
    linked = [_passages(entities, seed=seed, words=words) for entities in chains]
    silent = [
        prose_passage(_entity(number, name), seed=seed, words=words)
        for number, name in enumerate(invented[count * (hops + 1) :])
    ]

    def example(number: int) -> Example:
        gold, entities = linked[number], chains[number]
        picked = chosen(seed, f"hard {number}", count - examples, needed)
        others = [passage for index in picked for passage in linked[examples + index]][:hard]
        others += drawn(silent, filler, seed=seed, purpose=f"filler {number}")
        question, answer = _question(entities), entities[-1]
        mixture = mixed([*gold, *others], seed=seed, purpose=f"order {number}")
        name = content_id([question, answer])
        return Example(name, question, (answer,), mixture, tuple(one.id for one in gold), tags=(f"{hops}hop",))

    return tuple(example(number) for number in range(examples))


def _entity(step: int, name: str) -> str:
    """A person, a company or a town, as its step in a chain wants."""
    variant = sum(map(ord, name))
    if step % 3 == 0:
        return f"{_GIVEN[variant % len(_GIVEN)]} {name}"
    return f"{name} {_TRADES[variant % len(_TRADES)]}" if step % 3 == 1 else name + _ENDINGS[variant % len(_ENDINGS)]


def _passages(entities: list[str], *, seed: int, words: int) -> list[Passage]:
    """A passage for each hop, under the name of whom or what it starts from."""
    return [
        prose_passage(one, seed=seed, words=words, fact=_LINKS[step % 3].fact.format(one, other))
        for step, (one, other) in enumerate(pairwise(entities))
    ]


def _question(entities: list[str]) -> str:
    asked = entities[0]
    for step in range(len(entities) - 1):
        asked = _LINKS[step % 3].asked.format(asked)
    return f"What is the name of {asked}?"
