"""Filler: grammatical prose about nothing in particular, without names and numbers."""

from evaluation.generators.draws import numbers

_NOUNS = (
    "window", "ladder", "kettle", "orchard", "bridge", "meadow", "chimney", "barrel", "lantern", "harbour", "hedge",
    "staircase", "blanket", "whistle", "cupboard", "fence", "river", "pigeon", "violin", "carriage", "teapot", "rope",
    "chapel", "shadow", "engine", "pasture", "drawer", "thicket", "courtyard", "feather", "hammer", "island", "cushion",
    "quarry", "saddle", "valley", "wheel", "cellar", "balcony", "stream",
)  # fmt: skip
_ADJECTIVES = (
    "quiet", "narrow", "wooden", "distant", "crooked", "bright", "heavy", "empty", "painted", "gentle", "rusty", "tall",
    "forgotten", "pale", "warm", "broken", "hollow", "steep", "dusty", "familiar", "patient", "shallow", "golden",
    "sturdy", "faded", "curious", "slender", "round", "weathered", "modest",
)  # fmt: skip
_VERBS = (
    "faces", "follows", "shelters", "resembles", "crosses", "hides", "supports", "outlasts", "surrounds", "touches",
    "reflects", "guards", "overlooks", "replaces", "brightens", "darkens", "encloses", "balances", "divides", "carries",
)  # fmt: skip
_TIMES = (
    "In spring", "After the rain", "Before dawn", "On most evenings", "In the old days", "When the wind turns",
    "During the harvest", "Late in the year", "At noon", "From time to time",
)  # fmt: skip
_FORMS = (
    ("The", _ADJECTIVES, _NOUNS, _VERBS, "the", _NOUNS, "beside the", _ADJECTIVES, _NOUNS),
    (_TIMES, "the", _NOUNS, _VERBS, "every", _ADJECTIVES, _NOUNS, "on its way"),
    ("Nobody remembers why the", _NOUNS, _VERBS, "the", _ADJECTIVES, _NOUNS, "at all"),
    ("One", _ADJECTIVES, _NOUNS, "seldom stands alone, for the", _NOUNS, "always", _VERBS, "it"),
    (_TIMES, "the", _ADJECTIVES, _NOUNS, _VERBS, "both the", _NOUNS, "and the", _NOUNS),
)
_DRAWN = 8  # numbers that a sentence takes: its form, and what fills it
_SHORTEST = 8  # words of a sentence


def sentences(seed: int, purpose: str, words: int) -> tuple[str, ...]:
    """Sentences of `words` words in all, or up to a sentence more."""
    drawn = numbers(seed, purpose, _DRAWN * (words // _SHORTEST + 1))
    found: list[str] = []
    count = at = 0
    while count < words:
        found.append(_sentence(drawn[at : at + _DRAWN]))
        count += len(found[-1].split())
        at += _DRAWN
    return tuple(found)


def _sentence(drawn: tuple[int, ...]) -> str:
    form = _FORMS[drawn[0] % len(_FORMS)]
    rest = iter(drawn[1:])
    return " ".join(part if isinstance(part, str) else part[next(rest) % len(part)] for part in form) + "."
