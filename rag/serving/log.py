"""What vLLM's log says last, for people: one line while it loads, the reason when it ends."""

import os
import re
from pathlib import Path

_PREFIX = re.compile(r"^(?:\([^)]*pid=\d+\) )*(?:(?:INFO|WARNING|ERROR|DEBUG) \S+ \S+ \[[^\]]*\] ?)?")
"""Of a line of vLLM's: ``(EngineCore pid=2309) INFO 11-21 12:13:49 [core.py:101] ``."""
_ERROR = re.compile(r"(?:[\w.]*[A-Z]\w*(?:Error|Exception)|\S+: error): ")
_END_BYTES = 65536


def last_lines(log: Path) -> tuple[str, ...]:
    """The last lines of the log that say something, without what vLLM puts before each; none if it is not there."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _END_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ()
    # a progress bar draws itself again after a carriage return
    lines = (
        _PREFIX.sub("", line.rpartition("\r")[2] or line).strip() for line in text.replace("\r\n", "\n").split("\n")
    )
    return tuple(line for line in lines if line)


def reason(lines: tuple[str, ...]) -> str | None:
    """The line that says why vLLM ended: the first error, which the later ones only follow from; None: no line does.

    >>> reason(("loading", "ValueError: no such file", "RuntimeError: Engine core initialization failed."))
    'ValueError: no such file'
    """
    return next((line for line in lines if _ERROR.match(line)), None)
