"""How long a search takes from the start of the process to its results, over 10,000 passages.

    .venv/bin/python -m benchmarks.cold_search

Claim: `rag search` (hybrid) takes at most a third of the straightforward script, `plain_search`, which searches the
same passages and vectors with the same model. Both processes are new each time; the files are in the page cache of the
system for both. The model has been exported before, as it is once for all indexes.
"""

import json
import shutil
import sys
from functools import partial
from pathlib import Path

from benchmarks.corpus import ten_thousand
from benchmarks.measuring import RAG, arguments, interleaved, process, table
from indexes.index import Index

QUERY = "who got the first nobel prize in physics"


def main() -> None:
    """Prepares the same passages for both, times them and prints the table."""
    given = arguments(__doc__, repeats=7)
    folder = ten_thousand(given.data, given.work)
    plain = given.work / "plain"
    _write_plain(folder, plain, given.work / "cache")
    search = (*RAG, "search", QUERY, "--dir", str(folder.parent), "--index", folder.name)
    commands = {
        "plain script": (sys.executable, "-m", "benchmarks.plain_search", str(plain), QUERY),
        "rag search (hybrid)": search,
        "rag search --mode dense": (*search, "--mode", "dense"),
        "rag search --mode lexical": (*search, "--mode", "lexical"),
    }
    process(search)  # exports the model, if this machine has not done so yet
    seconds = interleaved({name: partial(process, command) for name, command in commands.items()}, given.repeats)
    rows = [(name, f"{found:.2f}", f"{found / seconds['plain script']:.2f}") for name, found in seconds.items()]
    table("Cold search, 10,000 passages (claim: at most 0.33 of the script)", ["command", "median s", "ratio"], rows)


def _write_plain(folder: Path, plain: Path, cache: Path) -> None:
    """The passages and vectors of the index in `folder`, as the script wants them."""
    plain.mkdir(parents=True, exist_ok=True)
    with Index(folder, cache=cache) as index:
        passages = [{"source": passage.source, "text": passage.text} for passage in index.all_passages()]
        shutil.copy(folder / index.manifest.generation / "vectors.faiss", plain)
    (plain / "passages.json").write_text(json.dumps(passages), encoding="utf-8")


if __name__ == "__main__":
    main()
