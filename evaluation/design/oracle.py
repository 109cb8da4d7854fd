"""Placements of arms: rag's policies, the oracle placements, which know the gold, and the bounds; one parser for all.

Oracle placements: several gold passages stand together, in rank order, before and behind them the others in theirs.
`gold_at(position)`: the first gold passage at that position, 1 first in the prompt; where they would reach beyond the
end, they end there. `gold_at_depth(depth)`: at a relative depth from 0, first, to 1, last, rounded as `best_at` rounds.
`gold_injected(position)`: as `gold_at`, where all gold that was not selected takes the places of the lowest ranked.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

from evaluation.arms import BOUNDS, Length
from evaluation.design.grid import Contexts
from indexes.errors import RequestError, UnknownNameError
from rag.placement import PlacementSpec, parse_placement
from rag.placement.registry import Parameter

ORACLES: dict[str, tuple[str, int | float]] = {
    "gold_at": ("position", 1),
    "gold_at_depth": ("depth", 0.5),
    "gold_injected": ("position", 1),
}
"""Each oracle placement's parameter and its default."""

INDIFFERENT = ("shuffled",)
"""The policies whose order does not follow the ranks."""

_FORM = re.compile(r"\s*(\w+)\s*(?:\(\s*(?:(\w+)\s*=\s*([-+.\w]+)\s*)?\)\s*)?")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ArmPlacement:
    """A checked placement of an arm; prints in one form, parses back, compares equal.

    Attributes:
        kind: "policy" of rag, "oracle", or "bound": without an order of its own.
        spec: name and parameters.
    """

    kind: Literal["policy", "oracle", "bound"]
    spec: PlacementSpec

    def __str__(self) -> str:
        return str(self.spec)

    @property
    def name(self) -> str:
        """Without parameters."""
        return self.spec.name

    @property
    def parameters(self) -> tuple[tuple[str, Parameter], ...]:
        """All of them, by name."""
        return self.spec.parameters


def parse_arm_placement(text: str) -> ArmPlacement:
    """The placement that `text` writes; parameters left out take their defaults.

    >>> str(parse_arm_placement("gold_at(position=5)")), str(parse_arm_placement("gold_at_depth"))
    ('gold_at(position=5)', 'gold_at_depth(depth=0.5)')
    >>> str(parse_arm_placement("shuffled")), parse_arm_placement("closed_book").kind
    ('shuffled(seed=0)', 'bound')

    Raises:
        UnknownNameError: no such placement; the message lists all of them.
        RequestError: not of that form, or a parameter is unknown, of another type or out of range.
    """
    name = text.partition("(")[0].strip()
    if name in BOUNDS:
        _written(text, None)
        return ArmPlacement("bound", PlacementSpec(name))
    if name in ORACLES:
        key, default = ORACLES[name]
        value = _checked(name, key, _written(text, key), default)
        return ArmPlacement("oracle", PlacementSpec(name, ((key, value),)))
    try:
        return ArmPlacement("policy", parse_placement(text))
    except UnknownNameError as error:
        raise UnknownNameError("placement", name, {*error.known, *ORACLES, *BOUNDS}) from error


def check_placements(placements: Iterable[ArmPlacement], contexts: Contexts, lengths: Sequence[Length] = ()) -> None:
    """Refuses what would show the model where the gold is, or has no place, before anything is asked.

    Args:
        placements: of the arms.
        contexts: those of the dataset rank the gold first, so an order by rank would tell which passages are gold.
        lengths: each placement is to be used with each of them.

    Raises:
        RequestError: the message says which placement, and what to do.
    """
    for placement in placements:
        if contexts == "dataset" and placement.kind == "policy" and placement.name not in INDIFFERENT:
            raise RequestError(
                f"placement '{placement}' orders by rank, and in contexts of the dataset the gold has the first ranks, "
                'so it would always stand in the same place; say contexts = "retrieved" under [data], or take '
                "shuffled, gold_at(position=...) or gold_at_depth(depth=...)"
            )
        position = dict(placement.parameters).get("position") if placement.kind == "oracle" else None
        for length in lengths:
            if length.passages is not None and isinstance(position, int) and position > length.passages:
                raise RequestError(
                    f"placement '{placement}' has no place in a context of {length}; lower the position, or use "
                    "gold_at_depth, which suits all lengths"
                )


def order_gold(passages: Sequence[_T], is_gold: Callable[[_T], bool], placement: ArmPlacement) -> tuple[_T, ...]:
    """The passages in prompt order under an oracle placement.

    >>> order_gold((1, 2, 3, 4, 5), lambda rank: rank in (1, 4), parse_arm_placement("gold_at(position=2)"))
    (2, 1, 4, 3, 5)

    Args:
        passages: best first.
        is_gold: of at least one of them.
        placement: an oracle placement.

    Raises:
        RequestError: there are fewer passages than the position.
    """
    gold = [passage for passage in passages if is_gold(passage)]
    others = [passage for passage in passages if not is_gold(passage)]
    [(_, value)] = placement.parameters
    assert not isinstance(value, str)  # noqa: S101 - the parameters of oracle placements are numbers
    if placement.name == "gold_at_depth":
        at = math.floor(value * len(others) + 0.5)
    elif value > len(passages):
        raise RequestError(f"the context has {len(passages)} passages, so none stands at position {value}")
    else:
        at = min(int(value) - 1, len(others))
    return (*others[:at], *gold, *others[at:])


def _written(text: str, key: str | None) -> str | None:
    """The value that `text` gives to the parameter `key`; None where it gives none.

    Raises:
        RequestError: it cannot be read, or names another parameter.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        form = f"name({key}=value)" if key else "the name alone"
        raise RequestError(f"placement {text!r} cannot be read; write {form}")
    name, given, value = found.groups()
    if given not in (None, key):
        takes = f"it takes {key}" if key else "it takes none"
        raise RequestError(f"placement {name!r} has no parameter {given!r}; {takes}")
    return value


def _checked(name: str, key: str, written: str | None, default: int | float) -> int | float:
    """The value of a parameter, of its default's type and in its range."""
    if written is None:
        return default
    value: int | float | None = None
    with suppress(ValueError):
        value = type(default)(written)
    if isinstance(default, int) and not (value and value >= 1):
        raise RequestError(f"placement {name!r}: {key} must be a whole number from 1, found {written!r}")
    if value is None or (isinstance(default, float) and not 0 <= value <= 1):
        raise RequestError(f"placement {name!r}: {key} must be from 0 (first) to 1 (last), found {written!r}")
    return value
