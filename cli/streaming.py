"""Shows a reply while it comes: thinking dimmed on stderr, the answer on stdout, never mixed."""

from typing import TYPE_CHECKING

from rich.text import Text

from cli.console import stderr, stdout
from cli.printable import printable

if TYPE_CHECKING:
    from rag.answer import Answer
    from rag.answerer import Delta


class Stream:
    """The display of one reply."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._shown = ""
        self._thinking = False

    def show(self, delta: "Delta") -> None:
        """Shows a piece. What may be thinking or answer is dimmed until the end decides."""
        if delta.kind == "answer":
            text = delta.text if self._shown else delta.text.lstrip()
            if not text:
                return
            self._end_thinking()
            self._shown += text
            stdout().print(Text(printable(text)), end="", soft_wrap=True)
            stdout().file.flush()
        else:
            self._thinking = True
            stderr().print(Text(printable(delta.text), style="dim italic"), end="", soft_wrap=True)

    def end(self, answer: "Answer") -> None:
        """Completes the display: the answer is printed if what came was not known to be one."""
        self._end_thinking()
        if not self._shown.strip() and answer.text:
            stdout().print(Text(printable(answer.text)), end="", soft_wrap=True)
            self._shown = answer.text
        if self._shown:
            stdout().print()

    def _end_thinking(self) -> None:
        if self._thinking:
            stderr().print("\n")
            self._thinking = False
