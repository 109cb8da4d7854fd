"""Several comparisons with one baseline: Holm's adjustment."""

from collections.abc import Sequence


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """The adjusted p of each comparison, in the order given: where it is below .05, so is the chance of any false one.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
    (1979), 65–70.

    Args:
        ps: one a comparison.

    Raises:
        ValueError: one of them is not from 0 to 1.
    """
    if not all(0 <= p <= 1 for p in ps):
        raise ValueError(f"each p must be from 0 to 1, found {tuple(ps)!r}")
    adjusted = [0.0] * len(ps)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda at: (ps[at], at))):
        largest = max(largest, min(1.0, ps[index] * (len(ps) - rank)))
        adjusted[index] = largest
    return tuple(adjusted)
