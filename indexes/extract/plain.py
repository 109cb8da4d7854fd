"""Text as it stands: txt, source code, logs, configuration, whatever is not another format and not binary."""

from pathlib import Path

from indexes.extract.decoding import read_text
from indexes.extract.extracted import Extracted


def read(path: Path) -> Extracted:
    """The file's own text, verbatim."""
    return Extracted(read_text(path), own_lines=True)
