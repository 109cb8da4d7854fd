"""From the rows of a sitting to replies: what each metric says, what is cited, what it took."""

from collections.abc import Sequence

from evaluation.check.ground import Grounded
from evaluation.check.values import Reply
from evaluation.metrics import parse_metric
from evaluation.metrics.citations import citations_of
from evaluation.metrics.scorer import case_maker
from evaluation.metrics.spec import MetricSpec
from evaluation.run import Run
from evaluation.scores import Case


def replies_of(run: Run, grounds: Sequence[Grounded], metrics: Sequence[str]) -> dict[str, tuple[Reply, ...]]:
    """The replies to each question by id, in the order of its repeats.

    Args:
        run: its rows.
        grounds: the questions that are told of, whether they were asked or not.
        metrics: as printed.
    """
    specs = [parse_metric(name) for name in metrics]
    case_of = case_maker(run)
    replies: dict[str, list[Reply]] = {one.example.id: [] for one in grounds}
    for trial in run.trials():
        replies[trial.key.example].append(_reply(case_of(trial), specs))
    return {name: tuple(found) for name, found in replies.items()}


def _reply(case: Case, specs: Sequence[MetricSpec]) -> Reply:
    trial = case.trial
    if trial.finish == "failed":
        return Reply("failed", error=trial.error or "the endpoint did not deliver")
    cited = (one.source for one in citations_of(case) if one.verified and one.source)
    return Reply(
        finish=trial.finish,
        values={str(spec): spec.score(case).value for spec in specs},
        answer=trial.answer,
        cited=tuple(dict.fromkeys(cited)),
        tokens=trial.usage.completion,
        seconds=None if trial.timings.total is None else trial.timings.total / 1000,
    )
