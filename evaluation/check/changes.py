"""What changed of a question since the baseline, in words, and what is lost by it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from evaluation.check.measuring import ASSEMBLY
from evaluation.check.values import Outcome, Reply, Slot
from evaluation.metrics import parse_metric
from indexes.errors import RequestError

_SAME = 1e-9


class Change(NamedTuple):
    """A change in words, and what is lost by it, as a share; below 0 is gained, 0 neither."""

    words: str
    loss: float = 0.0


def changes_of(before: Outcome, now: Outcome, *, exact: bool) -> Iterator[Change]:
    """What changed of a question that both have, from the documents to the answers.

    Args:
        before: of the baseline.
        now: of the same id.
        exact: answers come without chance on both sides, so that their words and what they cite are compared too.
    """
    if before.question != now.question:
        yield Change("question edited")
    elif before.digest != now.digest:
        yield Change("its answers or gold edited")
    for gone in _only(now.missing, before.missing):
        yield Change(f"gold no longer in the documents: {gone}", 1.0)
    for back in _only(before.missing, now.missing):
        yield Change(f"gold in the documents again: {back}", -1.0)
    for name in _both(before.scores, now.scores):
        words = f"{name} {_pair(before.scores[name], now.scores[name])}"
        change = Change(words, _loss(name, before.scores[name], now.scores[name]))
        if name == ASSEMBLY and change.loss:
            change = Change(f"gold {'left' if change.loss > 0 else 'reached'} the context", change.loss)
        if _differ(before.scores[name], now.scores[name]):
            yield change
    yield from _moved(before.context, now.context)
    yield from _exchanged(before.context, now.context)
    if before.replies and now.replies:
        yield from _answered(before.replies, now.replies)
        if exact:
            yield from _reworded(before.replies, now.replies)


def _moved(before: Sequence[Slot], now: Sequence[Slot]) -> Iterator[Change]:
    """Where gold stands, if it does in both contexts."""
    was, stands = _gold(before), _gold(now)
    if was and stands and was != stands:
        yield Change(f"gold moved from {_positions(was)} to {_positions(stands, short=len(was) == len(stands) == 1)}")


def _exchanged(before: Sequence[Slot], now: Sequence[Slot]) -> Iterator[Change]:
    """What the contexts hold."""
    was, has = [slot.passage for slot in before], [slot.passage for slot in now]
    words = []
    if len(was) != len(has):
        words.append(f"{len(was)} → {len(has)} passages")
    if others := len(_only(has, was)):
        words.append(f"{others} of {len(has)} passages {'is another' if others == 1 else 'are others'}")
    elif was != has and not words:
        words.append("the same passages in another order")
    if words:
        yield Change(f"context: {', '.join(words)}")


def _answered(before: Sequence[Reply], now: Sequence[Reply]) -> Iterator[Change]:
    """What the answers are worth, and how they ended."""
    for name in _both(*({name: None for reply in side for name in reply.values} for side in (before, now))):
        was, found = ([x for one in side if (x := one.values.get(name)) is not None] for side in (before, now))
        if was and found and _is_share(name) and _differ(_mean(was), _mean(found)):
            words = f"{name} {_repeats(was, found)}"
            yield Change(words, _loss(name, _mean(was), _mean(found)))
    ended, ends = (Counter(reply.finish.replace("_", " ") for reply in side) for side in (before, now))
    if any(ended[finish] * len(now) != ends[finish] * len(before) for finish in ended | ends):
        yield Change(f"{_finishes(ended)} → {_finishes(ends)}")


def _reworded(before: Sequence[Reply], now: Sequence[Reply]) -> Iterator[Change]:
    """What an answer that comes without chance says and cites."""
    was, says = before[0], now[0]
    if was.answer is not None and says.answer is not None and was.answer != says.answer:
        yield Change("answer in other words")
    if was.cited != says.cited and "failed" not in (was.finish, says.finish):
        yield Change(f"cites {', '.join(was.cited) or 'nothing'} → {', '.join(says.cited) or 'nothing'}")


def _loss(name: str, before: float | None, now: float | None) -> float:
    """What is lost of a share, above 0 also where less of it is better; 0 for what is no share."""
    if before is None or now is None or not _differ(before, now) or not _is_share(name):
        return 0.0
    return before - now if _higher_is_better(name) else now - before


def _is_share(name: str) -> bool:
    """Also of a metric that is not known here, as of a stage or a plugin."""
    try:
        return parse_metric(name).share
    except RequestError:
        return True


def _higher_is_better(name: str) -> bool:
    try:
        return parse_metric(name).higher_is_better
    except RequestError:
        return True


def _differ(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is not now
    return abs(before - now) > _SAME


def _both(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Names that are in both, in the order of now."""
    return [name for name in now if name in before]


def _only(these: Iterable[str], others: Iterable[str]) -> list[str]:
    """What is in `these` alone."""
    known = set(others)
    return [one for one in these if one not in known]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _gold(context: Sequence[Slot]) -> list[int]:
    return [position for position, slot in enumerate(context, 1) if slot.gold]


def _positions(positions: Sequence[int], *, short: bool = False) -> str:
    """Positions in words; the word itself is left out where it is `short`."""
    listed = ", ".join(map(str, positions))
    return listed if short else f"position{'' if len(positions) == 1 else 's'} {listed}"


def _repeats(before: Sequence[float], now: Sequence[float]) -> str:
    """Values of repeats: how many are right, where each is right or wrong and there are several; else means."""
    if {*before, *now} <= {0.0, 1.0} and max(len(before), len(now)) > 1:
        return " → ".join(f"{sum(side):.0f} of {len(side)}" for side in (before, now))
    return _pair(_mean(before), _mean(now))


def _finishes(counts: Counter[str]) -> str:
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {finish}" for finish, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _pair(before: float | None, now: float | None) -> str:
    """Two values with as many decimals as tell them apart."""
    for decimals in (2, 4, 9):
        was, found = (_shown(value, decimals) for value in (before, now))
        if was != found:
            break
    return f"{was} → {found}"


def _shown(value: float | None, decimals: int) -> str:
    return "none" if value is None else f"{value:.{decimals}f}".rstrip("0").rstrip(".")
