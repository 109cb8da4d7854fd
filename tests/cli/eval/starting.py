"""Starts `rag` as a process of its own, which can be killed, interrupted and limited."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
ENTRY = "from cli.app import main; main()"
PATIENCE = 60.0
"""Seconds after which what is waited for does not come; machines are busy."""


def start(*arguments: str, before: str = "") -> "subprocess.Popen[str]":
    """Starts `rag` with `arguments` in the current folder.

    Args:
        arguments: of the command line.
        before: code that runs first in that process.
    """
    command = [sys.executable, "-c", f"{before}\n{ENTRY}", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Status, stdout and stderr of a process that ends by itself."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, out, err


def wait_for(happened: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Waits until something has happened; fails where the process ends before."""
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        assert process.poll() is None, f"the process ended: {process.communicate()}"
        time.sleep(0.002)
