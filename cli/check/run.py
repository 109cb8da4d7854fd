"""`rag check run`: asks what is to be checked, and compares with the baseline."""

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import typer

from cli.check.options import (
    DEFAULT_FILE,
    Config,
    Filter,
    Html,
    Inconclusive,
    Junit,
    Markdown,
    RetryFailed,
    Seconds,
    model_options,
)
from cli.eval.options import Lanes
from cli.options import AsJson
from indexes.errors import RagError, RequestError, UnknownNameError

if TYPE_CHECKING:
    from evaluation.check.config import CheckConfig

NO_ANSWERS = (
    "--html shows answers, and no model is asked; name one by --model, or in the table [answers] of the check's file"
)


@model_options
def run(
    *,
    said: Mapping[str, Any],
    config: Config = DEFAULT_FILE,
    filter: Filter = None,
    retry_failed: RetryFailed = False,
    inconclusive: Inconclusive = None,
    seconds: Seconds = None,
    concurrency: Lanes = 16,
    as_json: AsJson = False,
    junit: Junit = None,
    markdown: Markdown = None,
    html: Html = None,
) -> None:
    """Run the check, and compare it with the baseline.

    Passages are ranked and placed for each question; where a model is named, it is asked. Exit status: 0 pass, 1
    regressed or an assertion does not hold, 2 the request was wrong, 3 inconclusive. The index is the check's own,
    beside its file, and refreshed first. A run that is stopped goes on with the same command.
    """
    from cli.check.checked import print_checked, shown_wishes
    from cli.check.settled import settled
    from cli.console import note
    from evaluation.check.checking import check
    from evaluation.check.judging import exit_status

    if inconclusive not in (None, "pass", "fail"):
        raise UnknownNameError("--inconclusive", inconclusive, ("pass", "fail"))
    if seconds is not None and not (isfinite(seconds) and seconds > 0):
        raise RequestError(f"--seconds must be above 0, not {seconds!r}")
    chosen = settled(config, said)
    _check_targets(chosen.config, junit, markdown, html)
    for target in (junit, markdown, html):
        if target:
            target.unlink(missing_ok=True)  # what is left of an earlier run must not be taken for this one's
    tags = tuple(filter or ())
    try:
        with shown_wishes(tags=tags, retry_failed=retry_failed, seconds=seconds, lanes=concurrency) as wishes:
            checked = check(chosen.config, chosen.folders, wishes)
    except RagError as error:
        if junit:
            from evaluation.check.outputs.junit import junit_of_error

            junit.write_text(junit_of_error(str(error)), encoding="utf-8")
        raise
    status = exit_status(checked, cast(Literal["pass", "fail"] | None, inconclusive))
    print_checked(checked, status=status, as_json=as_json)
    if junit:
        from evaluation.check.outputs.junit import junit as junit_of

        junit.write_text(junit_of(checked, exit_status=status), encoding="utf-8")
        note(f"wrote {junit}")
    if markdown:
        from evaluation.check.outputs.markdown import markdown as markdown_of

        markdown.write_text(markdown_of(checked), encoding="utf-8")
        note(f"wrote {markdown}")
    if html:
        _write_html(checked.path, html)
    raise typer.Exit(status)


def _check_targets(config: "CheckConfig", *targets: Path | None) -> None:
    from cli.eval.targets import check_file

    html = targets[-1]
    if html and config.answers is None:
        raise RequestError(NO_ANSWERS)
    apart = {
        "check's file": config.path,
        "question file": config.questions,
        "baseline": config.baseline,
        "anchor": config.anchor,
    }
    for target in targets:
        if target:
            check_file(target, apart=apart)


def _write_html(run: str | None, target: Path) -> None:
    from cli.console import note, warning

    if run is None:
        warning(f"nothing was asked, so {target} was not written")
        return
    from evaluation.analysis import analyse
    from evaluation.metrics import parse_metric
    from evaluation.metrics.scorer import scorer
    from evaluation.report.html import write_html
    from evaluation.store.opening import open_run

    with open_run(Path(run)) as stored:
        design = stored.manifest.design
        metrics = [parse_metric(name) for name in (design.primary, *design.secondary)]
        write_html(stored, analyse(stored), target, scores_of=scorer(stored, metrics))
    note(f"wrote {target}")
