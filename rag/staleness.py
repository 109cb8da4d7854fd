"""What to say of files that have changed since they were indexed."""

from collections.abc import Sequence

SHOWN = 3


def stale_line(sources: Sequence[str], index: str) -> str:
    """One line that names files of the index named `index` that have changed or are gone; some of many.

    >>> stale_line(["a.md", "b.md"], "docs")
    'changed or gone since they were indexed: a.md, b.md; refresh with: rag index --name docs'
    """
    shown = ", ".join(" ".join(source.splitlines()) for source in sources[:SHOWN])
    more = f" and {len(sources) - SHOWN} more" if len(sources) > SHOWN else ""
    return f"changed or gone since they were indexed: {shown}{more}; refresh with: rag index --name {index}"
