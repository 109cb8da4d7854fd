"""What generators refuse before they begin."""

MOST_SLOTS = 5_000_000
"""Passages in the contexts of all examples together."""


def check_range(name: str, value: int, low: int, high: int) -> None:
    """Refuses what is not from `low` to `high`.

    Raises:
        ValueError: it is not.
    """
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low:,} to {high:,}, found {value:,}")


def check_size(examples: int, passages: int, *, name: str = "passages", least: int = 1) -> None:
    """Refuses a dataset of no examples, of too few passages in each context, or of too many altogether.

    Args:
        examples: how many.
        passages: of each context.
        name: of the parameter that says so.
        least: passages that a context needs.

    Raises:
        ValueError: it is such a dataset.
    """
    check_range("examples", examples, 1, 10_000)
    check_range(name, passages, least, 100_000)
    if examples * passages > MOST_SLOTS:
        raise ValueError(
            f"{examples:,} examples of {passages:,} {name} are {examples * passages:,}, more than {MOST_SLOTS:,}; "
            "ask for fewer"
        )
