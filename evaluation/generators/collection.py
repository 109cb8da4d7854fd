"""The made-up collection that all examples of a generated dataset share, and the contexts that are taken from it.

That examples share their distractors keeps 100 contexts of 128k tokens small: each passage is there once.
"""

from collections.abc import Sequence

from evaluation.datasets.given import passage_of
from evaluation.generators.draws import chosen, numbers
from evaluation.generators.prose import sentences
from indexes.passages import Passage

SPARE = 2
"""How many times as many distractors as a context holds: each example draws its own."""


def prose_passage(title: str, *, seed: int, words: int, fact: str | None = None) -> Passage:
    """A passage of about `words` words of filler with `fact` as one of its sentences, somewhere.

    Args:
        title: unlike any other of the seed; also the passage's source.
        seed: of the choice of words.
        words: at least so many, and up to a sentence more.
        fact: None: filler only.
    """
    written = list(sentences(seed, f"prose {title}", words - len((fact or "").split())))
    if fact is not None:
        written.insert(numbers(seed, f"place {title}", 1)[0] % (len(written) + 1), fact)
    return passage_of(title, title, " ".join(written))


def drawn(pool: Sequence[Passage], count: int, *, seed: int, purpose: str) -> list[Passage]:
    """`count` passages of the pool."""
    return [pool[index] for index in chosen(seed, purpose, len(pool), count)]


def mixed(passages: Sequence[Passage], *, seed: int, purpose: str) -> tuple[Passage, ...]:
    """All of them in random order."""
    return tuple(drawn(passages, len(passages), seed=seed, purpose=purpose))
