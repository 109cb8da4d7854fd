"""A needle in a collection: one passage tells the access code asked for, others tell those of other places."""

from evaluation.datasets.record import content_id
from evaluation.examples import Example
from evaluation.generators.bounds import check_range, check_size
from evaluation.generators.collection import SPARE, drawn, mixed, prose_passage
from evaluation.generators.draws import chosen
from evaluation.generators.names import names
from evaluation.generators.registry import generator

_PLACES = ("archive", "observatory", "museum", "library", "shipyard", "laboratory", "theatre", "mint", "academy")
_CODES = range(10_000, 100_000)


@generator
def needle(*, passages: int = 20, examples: int = 100, words: int = 100, seed: int = 0) -> tuple[Example, ...]:
    """Examples with `passages` passages of about `words` words: half of the wrong ones tell a code, half are filler.

    The questions depend on the seed alone, so that they are the same at any length.

    Raises:
        ValueError: a number is out of range.
    """
    check_size(examples, passages)
    check_range("words", words, 20, 2_000)
    hard = passages // 2
    filler = passages - 1 - hard
    told = examples + SPARE * hard
    places = [
        f"{name} {_PLACES[number % len(_PLACES)]}" for number, name in enumerate(names(seed, told + SPARE * filler))
    ]
    codes = [_CODES[number] for number in chosen(seed, "codes", len(_CODES), told)]
    telling = [
        prose_passage(place, seed=seed, words=words, fact=f"The access code of the {place} is {code}.")
        for place, code in zip(places, codes, strict=False)
    ]
    silent = [prose_passage(place, seed=seed, words=words) for place in places[told:]]

    def example(number: int) -> Example:
        question, answer, gold = (
            f"What is the access code of the {places[number]}?",
            str(codes[number]),
            telling[number],
        )
        others = [
            *drawn(telling[examples:], hard, seed=seed, purpose=f"hard {number}"),
            *drawn(silent, filler, seed=seed, purpose=f"filler {number}"),
        ]
        mixture = mixed([gold, *others], seed=seed, purpose=f"order {number}")
        return Example(content_id([question, answer]), question, (answer,), mixture, (gold.id,))

    return tuple(example(number) for number in range(examples))
