"""A part of a dataset: examples with certain tags, and of them a random sample."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from evaluation.examples import Dataset, Example
from indexes.errors import RequestError, UnknownNameError


def subset(dataset: Dataset, *, n: int | None, seed: int, tags: Sequence[str] = ()) -> Dataset:
    """The examples that bear all of `tags`, and `n` of them chosen at random, in the dataset's order.

    With the same seed a larger sample includes a smaller one, also if the dataset has grown meanwhile by examples
    that were not chosen.

    Args:
        dataset: the whole.
        n: how many; None: all.
        seed: of the choice.
        tags: () for any.

    Returns:
        The part. Its name and checksum are its own unless it is the whole.

    Raises:
        UnknownNameError: no example has such a tag.
        RequestError: `n` is below 1 or more than there are, or no example has all the tags.
    """
    known = {tag for example in dataset.examples for tag in example.tags}
    for tag in tags:
        if tag not in known:
            raise UnknownNameError("tag", tag, known, hint=f"the tags are those of {dataset.name}")
    fitting = [example for example in dataset.examples if set(tags) <= set(example.tags)]
    tagged = f" with the tags {', '.join(map(repr, tags))}" if tags else ""
    if not fitting:
        raise RequestError(f"{dataset.name} has no examples{tagged}")
    if n is not None and not 1 <= n <= len(fitting):
        raise RequestError(f"{dataset.name} has {len(fitting)} examples{tagged}; wanted from 1 to so many, found {n}")
    chosen = {example.id for example in sorted(fitting, key=lambda example: _order(seed, example.id))[:n]}
    if len(chosen) == len(dataset.examples):
        return dataset
    kept = tuple(example for example in fitting if example.id in chosen)
    return part(dataset, kept, *tags, *([] if n is None else [f"seed {seed}"]))


def part(dataset: Dataset, kept: tuple[Example, ...], *how: str) -> Dataset:
    """Those of the dataset's examples that are `kept`, under a name and checksum of their own; `how` they were chosen.

    The name is for people: ``nq.jsonl (100 of 2655, seed 0)``.
    """
    parts = [f"{len(kept)} of {len(dataset.examples)}", *how]
    checked = sha256("\0".join([dataset.checksum, *(example.id for example in kept)]).encode()).hexdigest()
    return replace(dataset, name=f"{dataset.name} ({', '.join(parts)})", checksum=checked, examples=kept)


def _order(seed: int, name: str) -> tuple[bytes, str]:
    """Where an example comes in the shuffle."""
    return sha256(f"{seed}\0{name}".encode()).digest(), name
