"""`rag search`: the passages that fit a query best."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Directory, IndexName, Mode, Reranker, Where

if TYPE_CHECKING:
    from rich.text import Text

    from cli.places import Place
    from indexes.passages import RankedPassage, Ranking

WIDEST = 100
LINES = 4
"""Of a passage's text."""


def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A question or words; - reads them from stdin.")],
    k: Annotated[int | None, typer.Option("-k", help="How many passages; default: 10.")] = None,
    mode: Mode = None,
    where: Where = None,
    reranker: Reranker = None,
    index: IndexName = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Show the passages that fit a query best.

    Patterns are shell-like: *, ? and [...]. Keys are source, title, root, type and the fields of the records.
    """
    from cli.console import note, print_result
    from cli.opened import open_index
    from cli.places import places_of
    from cli.question import read_question
    from cli.settings import load_settings
    from indexes.ranking import rank
    from indexes.reranker import CrossEncoderReranker
    from rag.staleness import stale_line

    question = read_question(query)
    settings = load_settings(k=k, mode=mode, reranker=reranker, index=index, dir=directory).settings
    started = time.perf_counter()
    with open_index(settings) as opened:
        ranking = rank(
            opened,
            question,
            k=settings.k,
            mode=settings.mode,
            where=where or (),
            reranker=CrossEncoderReranker(settings.reranker) if settings.reranker else None,
        )
        seconds = time.perf_counter() - started
        places = places_of(opened, [ranked.passage for ranked in ranking.passages])
        stale = opened.stale_sources(ranked.passage.source for ranked in ranking.passages)
        name = opened.manifest.name
    if as_json:
        print_result(
            {
                "query": question,
                "index": name,
                "mode": ranking.mode,
                "reranker": ranking.reranker,
                "passages": [_values(ranked, place) for ranked, place in zip(ranking.passages, places, strict=True)],
                "warnings": [stale_line(stale, name)] if stale else [],
                "timings": {"retrieve": round(seconds * 1000, 1)},
            }
        )
    elif not ranking.passages:
        note(f"nothing found in index {name!r}" + ("; fewer or wider --where filters find more" if where else ""))
    else:
        _draw(ranking, places)
    if stale:
        note(stale_line(stale, name))


def _values(ranked: "RankedPassage", place: "Place") -> dict[str, object]:
    passage = ranked.passage
    return {
        "rank": ranked.rank,
        "score": ranked.score,
        "passage_id": passage.id,
        "source": passage.source,
        "path": str(place.path),
        "title": passage.title,
        "page": passage.page,
        "heading": passage.heading,
        "line": passage.line,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
    }


def _draw(ranking: "Ranking", places: Sequence["Place"]) -> None:
    from rich.text import Text

    from cli.console import stdout
    from cli.excerpt import excerpt, words_pattern

    out = stdout()
    width = min(out.width, WIDEST)
    margin = len(str(len(places))) + 2
    words = words_pattern(ranking.query)
    for ranked, place in zip(ranking.passages, places, strict=True):
        if ranked.rank > 1:
            out.print()
        score = f"{ranked.score:.4f}" if abs(ranked.score) < 1 else f"{ranked.score:.2f}"
        title = _title(ranked, width - margin - len(score) - 2)
        head = Text().append(f"{ranked.rank:>{margin - 2}}  ", "bold cyan")
        out.print(head.append_text(title).append(f"  {score}", "dim"), soft_wrap=True)
        out.print(Text(" " * margin).append_text(place.text()), soft_wrap=True)
        for line in excerpt(ranked.passage.text, words, console=out, width=width - margin, lines=LINES):
            out.print(Text(" " * margin).append_text(line), soft_wrap=True)


def _title(ranked: "RankedPassage", width: int) -> "Text":
    """Title and headings in `width` columns; the title is not said twice where it is the first heading."""
    from rich.text import Text

    from cli.printable import one_line

    passage = ranked.passage
    title = one_line(passage.title)
    path = one_line(passage.heading or "").removeprefix(title).removeprefix(" > ")
    text = Text(title, "bold")
    if path:
        text.truncate(width // 2, overflow="ellipsis")
        text = Text().append_text(text).append(f" > {path}", "dim")
    text.truncate(width, overflow="ellipsis", pad=True)
    return text
