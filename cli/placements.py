"""`rag placements`: which policies there are, and where each puts which rank."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from textwrap import fill
from typing import Annotated

import typer
from rich.text import Text

from cli.printable import printable

BARS = "▁▂▃▄▅▆▇█"
NAME_WIDTH = 24
RANKS_WIDTH = 26


def placements(
    k: Annotated[int, typer.Option("-k", help="How many passages to draw.")] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: policy to ranks in prompt order.")
    ] = False,
) -> None:
    """List the placement policies, and draw where each rank lands.

    A bar is a passage, the first in the prompt at the left; the higher, the better its rank.
    """
    from cli.console import print_json
    from rag.placement import drawing

    drawn = drawing(k)
    if as_json:
        print_json(drawn)
    else:
        _draw(drawn, k)


def _draw(drawn: Mapping[str, Sequence[int]], k: int) -> None:
    from cli.console import stdout
    from rag.placement import parse_placement
    from rag.placement.registry import all_policies

    out = stdout()
    out.print(Text(f"{'':{NAME_WIDTH}}ranks 1 to {k}, first in the prompt at the left", "dim"))
    for name, policy in sorted(all_policies().items(), key=lambda item: item[0] not in drawn):
        line = Text().append(f"{parse_placement(name)!s:<{NAME_WIDTH}}", "bold")
        if name in drawn:
            line.append_text(_bars(drawn[name])).append("   ").append_text(_ranks(drawn[name]))
        else:
            line.append("depends on the documents", "dim")
        out.print(line, soft_wrap=True)
        out.print(Text(_meaning(policy.function.__doc__, width=min(out.width, 100)), "dim"), soft_wrap=True)


def _bars(ranks: Sequence[int]) -> Text:
    """One bar per position; where not all fit, a bar stands for several and shows the best of them."""
    width = min(len(ranks), 77 - NAME_WIDTH - RANKS_WIDTH)
    edges = [len(ranks) * at // width for at in range(width + 1)]
    bars = Text()
    for start, end in pairwise(edges):
        best = min(ranks[start:end])
        height = (len(ranks) - best + 1) * len(BARS) // len(ranks)
        bars.append(BARS[max(height - 1, 0)], "bold cyan" if best == 1 else "")
    return bars


def _ranks(ranks: Sequence[int]) -> Text:
    """The ranks in prompt order; as many of the middle as needed are left out where not all fit."""
    words = [str(rank) for rank in ranks]
    kept = min(len(words), RANKS_WIDTH) // 2
    while len(" ".join(words)) > RANKS_WIDTH:
        kept -= 1
        words = [*map(str, ranks[:kept]), "…", *map(str, ranks[-kept:])]
    text = Text()
    for word in words:
        text.append(word, "bold cyan" if word == "1" else "").append(" ")
    text.rstrip()
    return text


def _meaning(doc: str | None, *, width: int) -> str:
    """The first line of a policy's docstring, less the ranks that it may open with, indented and wrapped."""
    first = printable(doc or "").strip().partition("\n")[0].rstrip(".")
    words = re.sub(r"^[\d ·]+: ", "", first)
    return fill(words[:1].upper() + words[1:], width, initial_indent="  ", subsequent_indent="  ")
