"""A small collection for tests of indexing."""

import os
import time
from pathlib import Path

from indexes.recipe import Recipe

HASHING = Recipe(embedder="hashing")
"""Builds with the embedder that needs no model."""

PAGES = {
    "guide/france.md": (
        "# France\n\nThe capital of France is Paris. It lies on the Seine.\n\n## Food\n\nBread is baked daily.\n"
    ),
    "guide/germany.md": "# Germany\n\nThe capital of Germany is Berlin. It lies on the Spree.\n",
    "birds.txt": "Ravens are black birds. They remember faces.\nOwls hunt at night.\n",
}


def write(root: Path, files: dict[str, str], *, age_s: float = 60) -> None:
    """Writes files below `root`, last modified `age_s` seconds ago, so that their times have settled."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        then = time.time() - age_s
        os.utime(path, (then, then))
