"""What a refresh costs when none of 1,000 files has changed.

    .venv/bin/python -m benchmarks.refresh

Claim: `rag index` without a path reads no file's content and loads neither faiss, torch nor a model, so that it takes a
small part of the time of building. The files hold one NQ passage each.
"""

import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.corpus import nq_questions
from benchmarks.measuring import RAG, arguments, interleaved, process, table

FILES = 1000


def main() -> None:
    """Builds once, refreshes several times and prints the table."""
    given = arguments(__doc__, repeats=7)
    documents, indexes = given.work / "thousand", given.work / "indexes"
    _write_files(documents, given.data)
    shutil.rmtree(indexes / "thousand", ignore_errors=True)
    name = ("--name", "thousand", "--dir", str(indexes))
    building = process((*RAG, "index", str(documents), *name))
    commands = {
        'python -c "import typer, rich"': (sys.executable, "-c", "import typer, rich"),
        "refresh, nothing changed": (*RAG, "index", *name),
    }
    seconds = interleaved({key: partial(process, command) for key, command in commands.items()}, given.repeats)
    rows = [("building", f"{building:.2f}", "1")]
    rows += [(key, f"{found:.2f}", f"1/{building / found:.0f}") for key, found in seconds.items()]
    table("Refresh of 1,000 unchanged files, whole commands", ["command", "median s", "of building"], rows)
    print("loaded by the refresh:", _heavy_modules(indexes / "thousand", given.work / "cache") or "nothing heavy")


def _write_files(folder: Path, data: Path) -> None:
    """1,000 files, an hour old: a file written just before it was read is read again."""
    golds = dict.fromkeys(question.gold for question in nq_questions(data))
    for number, (title, text) in enumerate(list(golds)[:FILES]):
        path = folder / f"{number // 100}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{title}\n\n{text}\n", encoding="utf-8")
        hour_ago = time.time() - 3600
        os.utime(path, (hour_ago, hour_ago))


def _heavy_modules(folder: Path, cache: Path) -> str:
    code = f"""
import sys
from pathlib import Path
from indexes.build import build_index
build_index(Path({str(folder)!r}), cache=Path({str(cache)!r}))
print(*sys.modules.keys() & {{"faiss", "torch", "onnxruntime", "sentence_transformers", "bm25s", "tokenizers"}})
"""
    return subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
