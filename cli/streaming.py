"""Shows a reply while it comes: thinking dimmed or as a counter on stderr, the answer on stdout, never mixed.

What streams may turn out to have been no answer, so that only a terminal is given it before the end.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from rich.text import Text

from cli.console import note, stderr, stdout
from cli.printable import printable

if TYPE_CHECKING:
    from rich.status import Status

    from rag.answer import Answer
    from rag.answerer import Delta

Thinking = Literal["full", "counter"]
"""How thinking is shown: in full, dimmed; or how much of it there is so far."""

CHARACTERS_PER_TOKEN = 4


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Shows on a terminal, and only there, that `what` is being done; nothing else may be written meanwhile."""
    status = _status(what)
    try:
        yield
    finally:
        if status:
            status.stop()


class Stream:
    """The display of one reply."""

    def __init__(self, thinking: Thinking = "full") -> None:
        """Nothing is shown yet."""
        self._style = thinking
        self._streams = stdout().file.isatty()
        self._shown = ""  # of the answer
        self._begun: float | None = None  # when the thinking began that is being shown
        self._thought = 0
        self._status: Status | None = None

    def wait(self) -> None:
        """Shows on a terminal that the reply is being waited for; until its first piece, or `close`."""
        self._status = _status("waiting for the first words ...")

    def show(self, delta: "Delta") -> None:
        """Shows a piece. What may be thinking or answer is taken for thinking until the end decides."""
        if delta.kind == "answer":
            text = delta.text if self._shown else delta.text.lstrip()
            if not text:
                return
            self.close()
            if self._streams:
                self._shown += text
                stdout().print(Text(printable(text)), end="", soft_wrap=True)
                stdout().file.flush()
            return
        if self._begun is None:
            self._end_status()
            self._begun = time.monotonic()
        self._thought += len(delta.text)
        if self._style == "full":
            stderr().print(Text(printable(delta.text), style="dim italic"), end="", soft_wrap=True)
        elif self._status:
            self._status.update(Text(self._count(), "dim"))
        else:
            self._status = _status(self._count())

    def end(self, answer: "Answer") -> None:
        """Completes the display: the answer is printed unless it is what was shown already."""
        self.close()
        if self._shown:
            stdout().print()
        if answer.text and answer.text.strip() != self._shown.strip():
            if self._shown:
                note("that was thinking; the answer:")
            stdout().print(Text(printable(answer.text)), soft_wrap=True)

    def close(self) -> None:
        """Ends the display of the waiting and the thinking, so that other things can be written."""
        self._end_status()
        if self._begun is None:
            return
        if self._style == "full":
            stderr().print("\n")
        else:
            note(self._count())
        self._begun, self._thought = None, 0

    def _end_status(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None

    def _count(self) -> str:
        seconds = time.monotonic() - (self._begun or 0)
        return f"thinking: about {self._thought // CHARACTERS_PER_TOKEN:,} tokens, {seconds:.0f} s"


def _status(text: str) -> "Status | None":
    """A line with a spinner, if stderr is a terminal."""
    if not stderr().file.isatty():
        return None
    status = stderr().status(Text(text, "dim"), spinner_style="dim")
    status.start()
    return status
