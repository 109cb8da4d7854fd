"""What earlier runs tell a plan: how long the thinking and the answers of a model are, and how fast the tokens went."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evaluation.planning.plan import Rates
from evaluation.run import Run
from evaluation.store.opening import open_run
from evaluation.store.schema import SUFFIX
from indexes.errors import RagError

ENOUGH = 5
"""Trials from which speed and lengths are taken."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run tells of one model.

    Attributes:
        thinking: mean tokens where nothing bounded it; None where none was free, or the model does not think.
        answer: mean tokens behind the thinking.
        rates: tokens in a second, over all that was in flight, as if half of the time went to prompts and half to
            replies: together they give the time that the run took.
    """

    thinking: float | None
    answer: float
    rates: Rates


def measured(folder: Path, model: str) -> Measured | None:
    """What the newest run below `folder` tells of `model`; None where no run does."""
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: (path.stat().st_mtime, path.name), reverse=True)
    for path in paths:
        with suppress(RagError), open_run(path) as run:
            found = _of(run, model)
            if found:
                return found
    return None


def _of(run: Run, model: str) -> Measured | None:
    names = {subject.name for subject in run.manifest.design.subjects if subject.choice.model == model}
    arms = {arm.name: arm for arm in run.manifest.design.arms if arm.subject in names}
    thinking: list[int] = []
    answers: list[int] = []
    spans: list[tuple[float, float]] = []
    prompt = written = 0
    for trial in run.trials():
        usage = trial.usage
        if trial.key.arm not in arms or usage.completion is None or usage.prompt is None or not trial.timings.total:
            continue
        thought = usage.reasoning or 0
        if arms[trial.key.arm].think_budget is None:
            thinking.append(thought)
        answers.append(usage.completion - thought)
        prompt += usage.prompt - (usage.cached or 0)
        written += usage.completion
        spans.append((trial.began, trial.began + trial.timings.total / 1000))
    if len(spans) < ENOUGH:
        return None
    seconds = sum(end - start for start, end in _merged(spans))
    half = max(seconds, 1e-3) / 2
    rates = Rates(prompt=max(prompt, 1) / half, generated=max(written, 1) / half, basis=f"of run {run.name!r}")
    return Measured(sum(thinking) / len(thinking) if any(thinking) else None, sum(answers) / len(answers), rates)


def _merged(spans: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The time in which anything was in flight: what lay between two sittings does not count."""
    start, end = None, 0.0
    for begun, ended in sorted(spans):
        if start is not None and begun > end:
            yield start, end
            start = None
        start = begun if start is None else start
        end = max(end, ended)
    if start is not None:
        yield start, end
