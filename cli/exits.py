"""How a command ends: the one place where an error becomes an exit status and one line on stderr."""

import os
import sys
import traceback
from collections.abc import Callable

import typer

from cli.console import print_result
from cli.printable import one_line
from indexes.errors import RagError, RequestError

DONE = 0
WITHOUT_RESULT = 1
REFUSED = 2
INTERRUPTED = 130


def exit_status(work: Callable[[], object], *, debug: bool = False, as_json: bool = False) -> int:
    """Runs `work` and says how it ended.

    Args:
        work: raises `typer.Exit` to end with a status of its own.
        debug: show the traceback of an error before its line.
        as_json: an object on stdout was asked for, also if the work ends without its result.
    """
    try:
        return _run(work)
    except BrokenPipeError:  # the reader has what it wanted, as in `rag search x | head -1`
        _discard_output()
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", INTERRUPTED)
    except Exception as error:  # noqa: BLE001  the last resort, so that no user meets a traceback unasked
        if debug:
            traceback.print_exception(error)
        line, status = _line_and_status(error)
        if as_json and status == WITHOUT_RESULT:
            print_result({"error": one_line(line)})
        return _say(line, status)


def _run(work: Callable[[], object]) -> int:
    status = DONE
    try:
        work()
    except typer.Exit as end:
        status = end.exit_code
    sys.stdout.flush()
    return status


def _line_and_status(error: Exception) -> tuple[str, int]:
    if isinstance(error, RequestError):
        return str(error), REFUSED
    if isinstance(error, RagError):
        return str(error), WITHOUT_RESULT
    if isinstance(error, typer.TyperException):
        return _usage_line(error), REFUSED
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename!r}" if error.filename is not None else ""
        return f"{error.strerror}{where}", WITHOUT_RESULT
    return f"internal error: {error!r}; run again with --debug for the traceback", WITHOUT_RESULT


def _usage_line(error: typer.TyperException) -> str:
    """What the parser found wrong, the nearest option if one is near, and where the help is."""
    near = getattr(error, "possibilities", None)  # only of an unknown option
    message = error.message if near else error.format_message()
    message = message[:1].lower() + message[1:].rstrip(".")
    nearest = f"did you mean {near[0]!r}? " if near else ""
    context = getattr(error, "ctx", None)
    return f"{message}; {nearest}see `{context.command_path if context else 'rag'} --help`"


def _say(line: str, status: int) -> int:
    print(f"rag: {one_line(line)}", file=sys.stderr)
    return status


def _discard_output() -> None:
    """Keeps the interpreter's own flush at exit from failing on the closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
