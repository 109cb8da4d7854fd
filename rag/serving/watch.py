"""Ends a server whose `rag serve` was killed and could not: a process of its own, which waits for a pipe to close.

Run as a file, so that nothing but the standard library is loaded: ``python -I watch.py PID``.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

REQUESTS = 6
REQUEST_EVERY = 2.0
"""Seconds between two requests to end: while vLLM loads, it was seen to lose one."""


def end_group(leader: int) -> None:
    """Ends a server and its process group: asks the server, then all of them, and kills what is left of them.

    An API server that dies alone leaves vLLM's engine behind, so the group has to be looked after.

    Args:
        leader: the process id of the server, and so of its group.
    """
    try:
        for request in range(REQUESTS):
            working = _working(leader)
            _signal([leader] if request == 0 and leader in working else working, signal.SIGTERM)
            until = time.monotonic() + REQUEST_EVERY
            while time.monotonic() < until:
                if not _working(leader):
                    return
                time.sleep(0.1)
    finally:
        _signal(_working(leader), signal.SIGKILL)


def _working(group: int) -> list[int]:
    """The processes of the group that live.

    Without Python's resource tracker, which ends after the others and then gives back the shared memory that they
    left, hundreds of MB.
    """
    if not Path("/proc/self/stat").exists():
        with suppress(ProcessLookupError):
            os.killpg(group, 0)
            return [-group]  # for `os.kill`, the group as a whole
        return []
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            state, _parent, its_group = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[:3]
            is_tracker = b"multiprocessing.resource_tracker" in (folder / "cmdline").read_bytes()
            if int(its_group) == group and state not in "ZX" and not is_tracker:
                found.append(int(folder.name))
    return found


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)  # meant for `rag serve`, which this is to survive
    if not os.read(0, 1):  # a byte says that the server was stopped
        os.close(0)  # of a named pipe, from now on nobody can join the users
        end_group(int(sys.argv[1]))
