"""How fast `rag` answers when it has nothing heavy to do.

    .venv/bin/python -m benchmarks.startup

Claim: `rag --help` and `rag placements` take at most 3 times a bare `python -c "import typer, rich"`.
"""

import sys
from functools import partial

from benchmarks.measuring import RAG, arguments, interleaved, process, table


def main() -> None:
    """Times the commands and prints the table."""
    given = arguments(__doc__, repeats=15)
    bare = 'python -c "import typer, rich"'
    commands = {
        bare: (sys.executable, "-c", "import typer, rich"),
        "rag --help": (*RAG, "--help"),
        "rag placements": (*RAG, "placements"),
    }
    seconds = interleaved({name: partial(process, command) for name, command in commands.items()}, given.repeats)
    rows = [(name, f"{found * 1000:.0f}", f"{found / seconds[bare]:.2f}") for name, found in seconds.items()]
    table("Start-up (claim: at most 3 x)", ["command", "median ms", "ratio"], rows)


if __name__ == "__main__":
    main()
