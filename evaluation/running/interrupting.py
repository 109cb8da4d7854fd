"""Ctrl-C while a run goes on: the first lets what is in flight come to its end, the second does not wait for it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def patient_interrupt(say: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Gives what tells whether an interrupt came.

    Args:
        say: called at the first; the second is a KeyboardInterrupt.
    """
    came = False

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        nonlocal came
        if came:
            raise KeyboardInterrupt
        came = True
        say()

    if threading.current_thread() is not threading.main_thread():  # where no signal arrives
        yield lambda: came
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield lambda: came
    finally:
        signal.signal(signal.SIGINT, before)
