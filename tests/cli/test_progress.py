import io

from rich.console import Console

from cli.progress import Progress, describe


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_off_a_terminal_it_says_a_line_every_few_seconds() -> None:
    out, clock = io.StringIO(), Clock()
    with Progress(console=Console(file=out), clock=clock) as progress:
        for second in range(13):
            clock.now = float(second)
            progress("passages", 10 * second, 200)
    assert out.getvalue().splitlines() == [
        "passages: 50 of 200   10/s   0:15 left",
        "passages: 100 of 200   10/s   0:10 left",
    ]


def test_short_work_off_a_terminal_is_silent() -> None:
    out = io.StringIO()
    with Progress(console=Console(file=out), clock=Clock()) as progress:
        progress("documents", 0, 3)
        progress("documents", 3, 3)
    assert out.getvalue() == ""


def test_on_a_terminal_stages_are_drawn_and_vanish() -> None:
    out, clock = io.StringIO(), Clock()
    console = Console(file=out, force_terminal=True, width=80, no_color=True, legacy_windows=False)
    with Progress(console=console, clock=clock) as progress:
        progress("documents", 0, 0)
        clock.now = 2.0
        progress("documents", 4, 0)
        progress("passages", 0, 90)
    assert "documents" in out.getvalue()
    assert "4   2.0/s" in out.getvalue()
    assert "0 of 90" in out.getvalue()
    assert out.getvalue().endswith("\x1b[2K")


def test_work_done_before_does_not_count_as_speed() -> None:
    assert describe(1500, 2000, done_here=100, seconds=10.0) == "1,500 of 2,000   10/s   0:50 left"


def test_finished_work_has_no_time_left() -> None:
    assert describe(20, 20, done_here=20, seconds=4.0) == "20 of 20   5.0/s"


def test_hours_are_told() -> None:
    assert describe(1, 7201, done_here=1, seconds=1.0).endswith("2:00:00 left")
