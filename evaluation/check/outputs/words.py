"""What a check found, in words: the verdict in one line and the sections below it, which all outputs for people say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evaluation.check.outputs.stage_table import (
    STAGES,
    change,
    first_moved,
    gating,
    in_points,
    shortened,
    stages_of,
    value,
)
from evaluation.check.stages import INCOMPLETE, NOT_CONFIRMED, OUT_OF_TIME
from evaluation.check.values import Against, Assertion, Checked, MetricVerdict, StageVerdict
from evaluation.report.plain import plain

BLESS = 'rag check bless --reason "…"'
DIFF = "rag check diff"
_REASONS = 3
"""Most reasons of failures that are told."""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a title.

    Attributes:
        title: with the number of its lines, where they are counted.
        lines: each on one line and free of control characters.
        more: where the lines stand that there was no room for.
        long: many lines are no surprise: they are folded where that can be.
    """

    title: str
    lines: tuple[str, ...]
    more: str = "rag check run --json"
    long: bool = False


def headline(checked: Checked) -> str:
    """The verdict, in words and in one line: what it is, why, what to do, and which stage moved first."""
    stages = stages_of(checked)
    broken = broken_assertions(checked)
    failed = f"{len(broken):,} of {_counted(len(checked.assertions), 'hard assertion')} broken" if broken else ""
    if checked.verdict == "regressed":
        said = ["; ".join([*_losses(stages), *filter(None, [failed])]) or "a metric that gates is worse"]
        word = "REGRESSED"
    elif checked.verdict == "pass":
        word, said = "pass", [_passed(checked, stages)]
    else:
        why, remedies = _undecided(checked, stages)
        word, said = "inconclusive", ["; ".join(why), f"what to do: {', or '.join(remedies)}"]
    if broken and word != "REGRESSED":
        said = [failed, f"else {word}: {said[0]}", *said[1:]]
        word = "FAILED"
    moved = first_moved(stages)
    if moved is not None:
        said.append(f"the first stage that moved: {STAGES[moved]}")
    return plain(f"{word}: {'; '.join(said)}")


def sections(checked: Checked) -> tuple[Section, ...]:
    """What stands below the verdict and the stages, the most telling first; only what there is something to say of."""
    added, removed = (checked.baseline.added, checked.baseline.removed) if checked.baseline else ((), ())
    unchecked = [one for one in checked.assertions if one.held is None]
    made = [
        Section("What changed since the baseline", tuple(_changes(checked.baseline))),
        Section(*_titled("Lost questions", _lost(checked)), more=DIFF, long=True),
        Section(*_titled("Broken assertions", [_assertion(one) for one in broken_assertions(checked)])),
        Section(*_titled("Assertions that could not be checked", [_assertion(one) for one in unchecked])),
        Section("Failures and time", tuple(_infrastructure(checked))),
        Section("Second run", tuple(_second(checked))),
        Section(
            *_titled(
                "Gold that is nowhere in the documents",
                [f"{shortened(of)}: {shortened(what)}" for of, what in checked.missing],
            )
        ),
        Section(*_titled("Added or edited since, not compared", _named(added))),
        Section(*_titled("Removed since", _named(removed))),
        Section(_anchor_title(checked.anchor), tuple(_anchor(checked.anchor))),
        Section("Warnings", tuple(plain(line) for line in checked.warnings)),
        Section("All contexts and answers", (plain(checked.path),) if checked.path else ()),
    ]
    return tuple(section for section in made if section.lines)


def broken_assertions(checked: Checked) -> list[Assertion]:
    """Those that do not hold."""
    return [one for one in checked.assertions if one.held is False]


def lost_and_decided(checked: Checked) -> dict[str, list[str]]:
    """By id of each question that a regressed metric lost: what it lost, "retrieval recall@10"."""
    found: dict[str, list[str]] = {}
    for stage, metric in gating(stages_of(checked)):
        for name in metric.lost if metric.verdict == "regressed" else ():
            found.setdefault(name, []).append(f"{STAGES[stage.stage]} {metric.name}")
    return found


def _losses(stages: Iterable[StageVerdict]) -> Iterator[str]:
    for stage, metric in gating(stages):
        if metric.verdict == "regressed":
            gained = f" and gained {len(metric.gained):,}" if metric.gained else ""
            lost = f"lost {len(metric.lost):,}{gained} of {_counted(metric.n, 'question')}"
            yield f"{STAGES[stage.stage]} {lost} ({_values(metric)})"


def _passed(checked: Checked, stages: Iterable[StageVerdict]) -> str:
    bases: dict[str, list[str]] = {}
    for stage, metric in gating(stages):
        moved = f" ({_moves(metric)})" if metric.gained or metric.lost else ""
        bases.setdefault(STAGES[stage.stage], []).append(f"{metric.basis}{moved}")
    said = [f"{stage}: {', '.join(dict.fromkeys(found))}" for stage, found in bases.items()]
    return "; ".join([_counted(checked.n, "question"), *_others(checked.baseline), *said])


def _others(against: Against | None) -> Iterator[str]:
    """How many questions were left out because only one side has them."""
    if against and against.added:
        yield f"{len(against.added):,} added or edited since"
    if against and against.removed:
        yield f"{len(against.removed):,} removed since"


def _undecided(checked: Checked, stages: Iterable[StageVerdict]) -> tuple[list[str], list[str]]:
    """Why there is no verdict, and what to do."""
    if checked.baseline is None:
        return ["nothing is blessed yet"], [f"make this result the baseline: {BLESS}"]
    if not checked.n:
        return ["no question of now is in the baseline"], [f"make this result the baseline: {BLESS}"]
    why, remedies = [], []
    if checked.unasked:
        why.append(f"out of time with {_counted(checked.unasked, 'reply', 'replies')} to come")
        remedies.append("run it again, it goes on from there")
    if checked.infrastructure_failures:
        why.append(f"{_counted(checked.infrastructure_failures, 'reply', 'replies')} failed")
        remedies.append("ask those again: rag check run --retry-failed")
    undecided = [(stage, one) for stage, one in gating(stages) if one.verdict == "inconclusive"]
    compared = False
    for stage, metric in undecided:
        if not _told(checked, metric.basis):
            numbers = f" ({_values(metric, named=False)})" if metric.n else ""
            over = f" over {_counted(metric.n, 'question')}" if metric.n else ""
            why.append(f"{STAGES[stage.stage]} {metric.name}{over}: {metric.basis}{numbers}")
            compared = compared or bool(metric.n)
    if any(metric.basis == NOT_CONFIRMED for _, metric in undecided):
        remedies.append(f"look at what changed: {DIFF}")
    if compared:
        remedies += ["ask more questions", "raise the margin"]
    if not why:
        return ["no question has what decides"], ["name gold or answers in the questions"]
    return why, remedies if remedies and not compared else [*remedies, f"accept it: {BLESS}"]


def _told(checked: Checked, basis: str) -> bool:
    """Whether a count of the whole check says already what the basis says."""
    return bool(
        (basis == OUT_OF_TIME and checked.unasked) or (basis.startswith(INCOMPLETE) and checked.infrastructure_failures)
    )


def _values(metric: MetricVerdict, *, named: bool = True) -> str:
    """ "recall@10 96.9 % → 92.2 %, margin 2 points", with the difference where it has an interval."""
    arrow = f"{value(metric, metric.baseline)} → {value(metric, metric.current)}"
    parts = [f"{metric.name} {arrow}" if named else arrow]
    if metric.low is not None:
        parts.append(change(metric))
    if metric.margin is not None:
        parts.append(f"margin {in_points(metric.margin)}")
    return ", ".join(parts)


def _moves(metric: MetricVerdict) -> str:
    return f"lost {len(metric.lost):,}, gained {len(metric.gained):,}"


def _changes(against: Against | None) -> Iterator[str]:
    if against is not None:
        yield from (shortened(change) for change in against.changes)
        if not against.changed:
            yield "nothing that makes the result"


def _lost(checked: Checked) -> Iterator[str]:
    """The questions that a gating metric lost, those of regressed metrics first, in the order of the stages."""
    questions = {outcome.id: outcome.question for outcome in checked.current.outcomes}
    found: dict[str, list[str]] = {}
    metrics = gating(stages_of(checked))
    for stage, metric in sorted(metrics, key=lambda one: one[1].verdict != "regressed"):
        for name in metric.lost:
            found.setdefault(name, []).append(f"{STAGES[stage.stage]} {metric.name}")
    for name, where in found.items():
        yield f"{shortened(name)}: {shortened(questions.get(name, ''))} ({shortened(', '.join(where))})"


def _assertion(one: Assertion) -> str:
    return f"{shortened(one.question)}: wanted: {shortened(one.wanted)}; found: {shortened(one.found)}"


def _infrastructure(checked: Checked) -> Iterator[str]:
    if checked.infrastructure_failures:
        failed = _counted(checked.infrastructure_failures, "reply", "replies")
        yield f"{failed} failed by infrastructure; ask again: rag check run --retry-failed"
        for reason, count in failures(checked)[:_REASONS]:
            yield f"{count:,} × {shortened(reason)}"
    if checked.unasked:
        yield f"{_counted(checked.unasked, 'reply', 'replies')} not asked: out of time"


def _second(checked: Checked) -> Iterator[str]:
    if checked.confirmed is not None:
        yield f"everything was asked once more: that {'shows' if checked.confirmed else 'does not show'} the loss too"


def failures(checked: Checked) -> list[tuple[str, int]]:
    """Why replies failed, with how many did for that, the commonest first."""
    replies = (reply for one in checked.current.outcomes for reply in one.asked)
    reasons = Counter(reply.error or "it failed" for reply in replies if reply.finish == "failed")
    return reasons.most_common()


def _anchor_title(anchor: Against | None) -> str:
    if anchor is None:
        return ""
    return f"Against the first baseline, of {shortened(anchor.blessed)} ({shortened(anchor.reason)})"


def _anchor(anchor: Against | None) -> Iterator[str]:
    for stage in anchor.stages if anchor else ():
        decides = [metric for metric in stage.metrics if metric.gates] or list(stage.metrics)
        said = [f"{_values(metric)}, {_moves(metric)}" for metric in decides]
        yield plain("; ".join([f"{STAGES[stage.stage]}: {stage.verdict}", *said]))


def _titled(title: str, lines: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    found = tuple(lines)
    return f"{title} ({len(found):,})", found


def _named(ids: Sequence[str]) -> list[str]:
    return [shortened(name) for name in ids]


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
