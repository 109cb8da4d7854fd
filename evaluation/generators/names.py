"""Invented names: "Baldan", "Tolmer"."""

from itertools import product

from evaluation.generators.draws import chosen

_ONSETS, _VOWELS = "bdfgklmnprtvw", "aeiou"
_FIRST = tuple(map("".join, product(_ONSETS, _VOWELS, "lmnr")))
_SECOND = tuple(map("".join, product(_ONSETS, _VOWELS, "lnr")))
MOST = len(_FIRST) * len(_SECOND)
"""How many names there are."""


def names(seed: int, count: int) -> tuple[str, ...]:
    """`count` different names of six letters; fewer of the same seed are the first of them.

    Raises:
        ValueError: there are not so many.
    """
    if count > MOST:
        raise ValueError(f"it needs {count:,} invented names, there are {MOST:,}; ask for fewer examples or passages")
    return tuple(
        (_FIRST[number // len(_SECOND)] + _SECOND[number % len(_SECOND)]).capitalize()
        for number in chosen(seed, "names", MOST, count)
    )
