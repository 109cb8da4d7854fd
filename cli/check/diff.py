"""`rag check diff`: which questions came out otherwise in the last run than in the baseline."""

from typing import Annotated

import typer

from cli.check.options import DEFAULT_FILE, Config
from cli.options import AsJson
from indexes.errors import UnknownNameError


def diff(
    questions: Annotated[
        list[str] | None, typer.Argument(metavar="[QUESTION-ID]...", help="Only these; default: all that differ.")
    ] = None,
    config: Config = DEFAULT_FILE,
    full: Annotated[bool, typer.Option("--full", help="Show passages and answers in full.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show which questions changed, side by side.

    Shown are contexts and answers. Compared is the last run with the baseline; nothing is asked.
    """
    from cli.check.settled import settled
    from cli.console import print_result, stdout
    from evaluation.check.checking import compare_last, texts_of
    from evaluation.check.outputs.diff_contract import diff_contract
    from evaluation.check.outputs.diff_terminal import render_differences

    chosen = settled(config)
    compared = compare_last(chosen.config)
    found = compared.differences
    if questions:
        for name in questions:
            if name not in compared.ids:
                raise UnknownNameError("question", name, compared.ids)
        found = tuple(one for one in found if one.id in questions)
    if as_json:
        print_result({"differences": diff_contract(found)})
        return
    shown = {slot.passage for one in found for slot in (*one.baseline_context, *one.context)}
    texts = texts_of(chosen.config, shown, cache=chosen.folders.cache) if shown else {}
    stdout().print(render_differences(found, texts, full=full))
