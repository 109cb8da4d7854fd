"""Options that the commands of `rag check` share."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import BaseUrl, Model, Timeout, shared_options

DEFAULT_FILE = Path("ragcheck.toml")

Config = Annotated[Path, typer.Option("--config", metavar="FILE", help="What is checked, and how strictly.")]
Docs = Annotated[
    list[Path] | None, typer.Option("--docs", metavar="PATH", help="A file or folder of documents; may be repeated.")
]
OwnQuestions = Annotated[
    Path | None,
    typer.Option("--questions", metavar="FILE", help="Questions with answers and gold; default: a first few drafted."),
]
FromIndex = Annotated[
    str | None, typer.Option("--index", metavar="NAME", help="Take documents and settings from this index.")
]
Filter = Annotated[
    list[str] | None, typer.Option("--filter", metavar="TAG", help="Only questions with this tag; may be repeated.")
]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="Ask again only what failed in the last run, never wrong answers.")
]
Inconclusive = Annotated[
    str | None, typer.Option("--inconclusive", metavar="pass|fail", help="Exit with 0 or 1 in place of 3.")
]
Seconds = Annotated[
    float | None, typer.Option("--seconds", metavar="N", help="Time for answers; the same command asks what is left.")
]
Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write a summary that fits a pull-request comment.")
]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write one HTML file with every answer; needs no network.")
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the baseline.")]
WithAnswers = Annotated[bool, typer.Option("--answers", help="Keep the answers' full text in the baseline too.")]
Anchor = Annotated[bool, typer.Option("--anchor", help="Make it the anchor too, with which later runs are compared.")]


def _model(model: Model = None, base_url: BaseUrl = None, timeout: Timeout = None) -> None:
    """Which model, in place of the file's; only the signature counts."""


model_options = shared_options(_model)
