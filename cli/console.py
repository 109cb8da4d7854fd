"""Where output goes: results to stdout, all else to stderr; colour only on a terminal that wants it."""

import json
from collections.abc import Mapping
from functools import cache

from rich.console import Console
from rich.text import Text

from cli.printable import printable

SCHEMA_VERSION = 1
"""Of every JSON object on stdout but that of `rag placements`."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves it to the one place that turns errors into exit statuses; rich would exit with 1."""
        raise BrokenPipeError


@cache
def stdout() -> Console:
    """For results. No text is read as markup or emoji codes, and no word is coloured by guess."""
    return _Console(markup=False, emoji=False, highlight=False)


@cache
def stderr() -> Console:
    """For notes, progress, thinking and errors."""
    return _Console(markup=False, emoji=False, highlight=False, stderr=True)


def note(text: str) -> None:
    """Says one thing beside the result; `text` may hold untrusted parts."""
    stderr().print(Text(printable(text), style="dim"), soft_wrap=True)


def warning(text: str) -> None:
    """Says one thing that the user should know before relying on the result; `text` may hold untrusted parts."""
    stderr().print(Text(f"warning: {printable(text)}", style="yellow"), soft_wrap=True)


def print_json(value: Mapping[str, object]) -> None:
    """Prints one JSON object on stdout, as ASCII, so that no terminal and no encoding can spoil it."""
    print(json.dumps(value, indent=2, allow_nan=False))


def print_result(value: Mapping[str, object]) -> None:
    """Prints `value` as `print_json` does, with the version of its schema."""
    print_json({"schema_version": SCHEMA_VERSION, **value})
