"""`rag check diff`: which questions came out otherwise in the last run than in the baseline."""

from typing import Annotated

import typer

from cli.check.options import DEFAULT_FILE, Config
from cli.options import AsJson
from indexes.errors import RequestError, UnknownNameError


def diff(
    questions: Annotated[
        list[str] | None, typer.Argument(metavar="[QUESTION-ID]...", help="Only these; default: all that differ.")
    ] = None,
    config: Config = DEFAULT_FILE,
    full: Annotated[bool, typer.Option("--full", help="Show passages and answers in full.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show which questions changed, with contexts and answers side by side.

    Compared is the last run with the baseline; nothing is asked.
    """
    from cli.check.settled import settled
    from cli.console import print_result, stdout
    from evaluation.check.baseline import read_baseline
    from evaluation.check.checking import last_result, texts_of
    from evaluation.check.differences import differences
    from evaluation.check.outputs.diff_contract import diff_contract
    from evaluation.check.outputs.diff_terminal import render_differences

    chosen = settled(config)
    baseline = read_baseline(chosen.config.baseline)
    if baseline is None:
        raise RequestError(
            f"there is no baseline {str(chosen.config.baseline)!r} to compare with; make one: "
            'rag check bless --reason "first"'
        )
    current = last_result(chosen.config)
    if current is None:
        raise RequestError("there is no last run to compare; run `rag check run` first")
    found = differences(baseline, current)
    if questions:
        known = {outcome.id for result in (baseline.result, current) for outcome in result.outcomes}
        for name in questions:
            if name not in known:
                raise UnknownNameError("question", name, known)
        found = tuple(one for one in found if one.id in questions)
    if as_json:
        print_result({"differences": diff_contract(found)})
        return
    shown = {slot.passage for one in found for slot in (*one.baseline_context, *one.context)}
    texts = texts_of(chosen.config, shown, chosen.folders) if shown else {}
    stdout().print(render_differences(found, texts, full=full))
