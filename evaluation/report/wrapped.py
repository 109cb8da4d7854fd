"""A sentence in a terminal, whose further lines are indented as far as its bullet is wide."""

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A sentence; nothing in it is read as markup."""

    text: str
    style: str = ""
    bullet: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        indent = len(self.bullet)
        lines = Text(self.text, self.style).wrap(console, max(1, options.max_width - indent))
        for at, line in enumerate(lines):
            line.rstrip()
            yield Text(" " * indent if at else self.bullet).append_text(line)
