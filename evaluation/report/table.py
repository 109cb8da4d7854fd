"""A table to draw, and what stands in its cells: shares in percent, differences of shares in points."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluation.analysis.numbers import (
    NONE,
    interval_numbers,
    interval_percent,
    interval_points,
    number,
    short_p,
    signed,
    signed_number,
)
from evaluation.metrics import parse_metric
from evaluation.statistics.interval import Interval
from indexes.errors import RequestError


@dataclass(frozen=True, slots=True)
class Table:
    """A table to draw.

    Attributes:
        title: one line.
        columns: headings.
        rows: each as long as `columns`; all text is on one line and free of control characters.
        notes: sentences below it: verdicts, then what the headings mean.
        names: how many columns at the left are names; the others hold numbers and are aligned to the right.
        groups: the heading above each row, the same for rows that stand together; () where there is none.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    names: int = 1
    groups: tuple[str, ...] = ()


def is_share(metric: str) -> bool:
    """Whether values of `metric` are shares; one that is not known here, as of a plugin, is taken for one."""
    try:
        return parse_metric(metric).share
    except RequestError:
        return True


def meaning(metric: str) -> str:
    """What `metric` measures, as a sentence; nothing where it is not known here."""
    try:
        return f"{metric}: {parse_metric(metric).what}."
    except RequestError:
        return ""


def unsaid(verdicts: Iterable[tuple[str, str]], said: Sequence[str]) -> tuple[str, ...]:
    """A line for each verdict, a name and words, that no line of `said`, the headline, gives already."""
    return tuple(
        f"{name}: {verdict}"
        for name, verdict in verdicts
        if verdict and not any(name in line and verdict in line for line in said)
    )


def within(interval: Interval | None, *, share: bool) -> str:
    """The interval of a value."""
    if interval is None:
        return NONE
    return interval_percent(interval) if share else interval_numbers(interval)


def difference(value: float | None, interval: Interval | None, *, share: bool = True) -> str:
    """A difference, with its interval where there is one."""
    if value is None:
        return NONE
    shown = signed(value) if share else signed_number(value)
    if interval is None:
        return shown
    return f"{shown} {interval_points(interval) if share else interval_numbers(interval)}"


def size(value: float | None, *, share: bool = True) -> str:
    """A difference without its sign."""
    if value is None:
        return NONE
    return signed(abs(value)).removeprefix("+") if share else number(abs(value))


def p_cell(value: float | None) -> str:
    """A p value."""
    return NONE if value is None else short_p(value)
