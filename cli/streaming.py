"""Shows a reply while it comes: thinking dimmed or as a counter on stderr, the answer on stdout, never mixed."""

import time
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


class Stream:
    """The display of one reply."""

    def __init__(self, thinking: Thinking = "full") -> None:
        """Nothing is shown yet."""
        self._style = thinking
        self._shown = ""
        self._begun: float | None = None  # when the thinking began that is being shown
        self._thought = 0
        self._status: Status | None = None

    def show(self, delta: "Delta") -> None:
        """Shows a piece. What may be thinking or answer is taken for thinking until the end decides."""
        if delta.kind == "answer":
            text = delta.text if self._shown else delta.text.lstrip()
            if not text:
                return
            self.close()
            self._shown += text
            stdout().print(Text(printable(text)), end="", soft_wrap=True)
            stdout().file.flush()
            return
        if self._begun is None:
            self._begun = time.monotonic()
        self._thought += len(delta.text)
        if self._style == "full":
            stderr().print(Text(printable(delta.text), style="dim italic"), end="", soft_wrap=True)
        elif self._status is None:
            self._status = stderr().status(self._count(), spinner_style="dim")
            self._status.start()
        else:
            self._status.update(self._count())

    def end(self, answer: "Answer") -> None:
        """Completes the display: the answer is printed if what came was not known to be one."""
        self.close()
        if not self._shown.strip() and answer.text:
            stdout().print(Text(printable(answer.text)), end="", soft_wrap=True)
            self._shown = answer.text
        if self._shown:
            stdout().print()

    def close(self) -> None:
        """Ends the display of the thinking, so that other things can be written."""
        if self._begun is None:
            return
        if self._style == "full":
            stderr().print("\n")
        if self._status:
            self._status.stop()
            self._status = None
        if self._style == "counter":
            note(self._count().plain)
        self._begun, self._thought = None, 0

    def _count(self) -> Text:
        seconds = time.monotonic() - (self._begun or 0)
        return Text(f"thinking: about {self._thought // CHARACTERS_PER_TOKEN:,} tokens, {seconds:.0f} s", "dim")
