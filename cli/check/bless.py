"""`rag check bless`: makes what comes now the baseline."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.check.options import DEFAULT_FILE, Anchor, Config, Reason, WithAnswers, model_options
from cli.eval.options import Lanes
from cli.options import AsJson
from indexes.errors import RequestError

if TYPE_CHECKING:
    from evaluation.check.checking import Blessing


@model_options
def bless(
    *,
    said: Mapping[str, Any],
    reason: Reason = None,
    answers: WithAnswers = False,
    anchor: Anchor = False,
    config: Config = DEFAULT_FILE,
    concurrency: Lanes = 16,
    as_json: AsJson = False,
) -> None:
    """Make what comes out now the baseline.

    Later runs are compared with it; commit it. Each question is asked several times, three unless the file says
    otherwise, because answers differ from time to time. Printed is what it changes against the baseline before. The
    first baseline is kept as the anchor too, so that many small losses, each blessed, are seen.
    """
    from datetime import UTC, datetime

    from cli.check.checked import shown_wishes
    from cli.check.settled import settled
    from evaluation.check.checking import bless as blessed

    why = " ".join((reason or "").split())
    if not why:
        raise RequestError('a baseline needs a reason, which stands in it: --reason "why this is how it should be"')
    chosen = settled(config, said)
    with shown_wishes(lanes=concurrency) as wishes:
        blessing = blessed(
            chosen.config,
            chosen.folders,
            wishes,
            reason=why,
            with_answers=answers,
            anchor=anchor,
            now=datetime.now(UTC),
        )
    paths = [blessing.path, *([chosen.config.anchor] if blessing.anchored else [])]
    if as_json:
        _print_json(blessing, paths)
    else:
        _print(blessing, paths)


def _print(blessing: "Blessing", paths: list[Path]) -> None:
    import os
    import shlex

    from cli.amounts import count_of
    from cli.console import note, stdout
    from cli.printable import filename
    from evaluation.check.outputs.terminal import render, render_first

    questions = count_of(len(blessing.baseline.result.outcomes), "question")
    baseline = filename(os.path.relpath(blessing.path))
    drawn = render if blessing.checked.baseline else render_first
    stdout().print(drawn(blessing.checked))
    stdout().print(f"\n{baseline}: the new baseline, of {questions}", soft_wrap=True)
    shown = " ".join(shlex.quote(os.path.relpath(path)) for path in paths)
    note(f"commit it, with the check's file and the questions: git add {shown}")


def _print_json(blessing: "Blessing", paths: list[Path]) -> None:
    from cli.console import print_result, warning
    from evaluation.check.judging import exit_status
    from evaluation.check.outputs.contract import contract

    checked, baseline = blessing.checked, blessing.baseline
    for line in checked.warnings:
        warning(line)
    before: dict[str, Any] | None = None
    if checked.baseline is not None:
        before = contract(checked, exit_status=exit_status(checked))
    print_result(
        {
            "paths": [str(path) for path in paths],
            "questions": len(baseline.result.outcomes),
            "blessed": baseline.blessed,
            "reason": baseline.reason,
            "against_former": before,
        }
    )
