"""How far work has come, on stderr: a live line per stage on a terminal, else plain lines now and then."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as LiveProgress
from rich.table import Column

from cli.console import stderr

WIDE = 100
"""Columns of a terminal that has room for long bars."""
PLAIN_EVERY = 5.0
"""Seconds between plain lines; work that ends sooner stays silent."""


class Progress:
    """Shows events; to be passed where work wants a ``Callable[[str, int, int], None]``, inside a ``with``.

    Live lines vanish when the work ends.
    """

    def __init__(self, *, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console or stderr()
        self._clock = clock
        self._first: dict[str, tuple[float, int]] = {}
        self._tasks: dict[str, TaskID] = {}
        self._spoke_at = clock()
        self._live = LiveProgress(
            TextColumn("{task.description:<12}", markup=False, table_column=Column(min_width=12, no_wrap=True)),
            BarColumn(
                bar_width=24 if self._console.width >= WIDE else 8,
                complete_style="cyan",
                finished_style="cyan",
                pulse_style="cyan",
            ),
            TextColumn("{task.fields[pace]}", style="dim", markup=False),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, stage: str, done: int, total: int, *, detail: str = "") -> None:
        """Takes an event.

        Args:
            stage: what is counted, in the plural: "documents", "passages". Its first event starts its clock.
            done: how many of them.
            total: of how many; 0 where that is not known yet.
            detail: what else there is to say.
        """
        now = self._clock()
        began, done_before = self._first.setdefault(stage, (now, done))
        pace = describe(done, total, done_here=done - done_before, seconds=now - began)
        pace = "   ".join(part for part in (pace, detail) if part)
        if self._console.is_terminal:
            if stage not in self._tasks:
                self._tasks[stage] = self._live.add_task(stage, total=None, pace=pace)
            self._live.update(self._tasks[stage], completed=done, total=total or None, pace=pace)
        elif now - self._spoke_at >= PLAIN_EVERY:
            self._spoke_at = now
            self._console.print(f"{stage}: {pace}", soft_wrap=True)


def describe(done: int, total: int, *, done_here: int, seconds: float) -> str:
    """How far and how fast.

    Args:
        done: how many are done.
        total: of how many; 0 where unknown.
        done_here: how many of `done` took `seconds`.
        seconds: since the clock started.

    >>> describe(1200, 2700, done_here=1000, seconds=20.0)
    '1,200 of 2,700   50/s   0:30 left'
    """
    parts = [f"{done:,} of {total:,}" if total else f"{done:,}" if done else "…"]
    if done_here > 0 and seconds > 0:
        rate = done_here / seconds
        parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
        if total > done:
            parts.append(f"{_clock_time(round((total - done) / rate))} left")
    return "   ".join(parts)


def _clock_time(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
