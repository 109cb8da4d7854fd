"""The values of a check: what came of each question, what is blessed, and what the gate says of the difference.

Config → Result (outcomes and facts) → Checked (stages with verdicts, against a Baseline) → terminal, Markdown, JUnit,
JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from evaluation.trials import TrialFinish

Stage = Literal["retrieval", "assembly", "generation", "end_to_end"]
"""retrieval: whether gold is found. assembly: whether it reaches the context, in the order that the placement says.
generation: the answers over the passages that the baseline had. end_to_end: the answers over the passages of now."""
Verdict = Literal["pass", "regressed", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A passage of a context; its position is its place in the prompt.

    Attributes:
        passage: its id.
        source: of its document.
        rank: the retriever's, 1 is best.
        gold: whether it holds the evidence.
    """

    passage: str
    source: str
    rank: int
    gold: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking once.

    Attributes:
        values: by metric, as printed; None where a metric does not apply. {} where it failed.
        answer: the text after the thinking; None where there is none, or it was not kept.
        cited: sources of the verified citations, each once.
        tokens: of thinking and answer; None where the server does not tell.
        seconds: from the request to its last token.
        error: why it failed; None unless it did.
    """

    finish: TrialFinish
    values: Mapping[str, float | None] = field(default_factory=dict)
    answer: str | None = None
    cited: tuple[str, ...] = ()
    tokens: int | None = None
    seconds: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        digest: of the question with its answers and gold: another digest, another question.
        scores: by metric of the deterministic stages, as printed; None where it does not apply: no gold is named.
        missing: gold that stands nowhere in the documents, "source" or "source: quote".
        context: in prompt order.
        replies: over this context, one for each repeat; () where none was asked.
        frozen: over the context that the baseline's passages make; `replies` themselves where the context is the same;
            () where it cannot be made, or none was asked.
    """

    id: str
    question: str
    digest: str
    scores: Mapping[str, float | None] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    context: tuple[Slot, ...] = ()
    replies: tuple[Reply, ...] = ()
    frozen: tuple[Reply, ...] = ()

    @property
    def asked(self) -> tuple[Reply, ...]:
        """All its replies, those over the baseline's passages where they are others."""
        return self.replies if self.frozen == self.replies else (*self.replies, *self.frozen)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of all questions.

    Attributes:
        facts: what made it, JSON values by name: corpus, index, cutting, embedder, retrieval, prompt, placement,
            context, tokenizer, model, sampling, metrics. Equal facts, equal making.
        outcomes: in the order of the question file.
        exact: answers come without chance, so that they are compared exactly.
    """

    facts: Mapping[str, Any]
    outcomes: tuple[Outcome, ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Baseline:
    """A result that was declared to be good.

    Attributes:
        blessed: when, ISO 8601 in UTC.
        reason: why, in the words of whoever did it.
        version: of rag that did it.
    """

    result: Result
    blessed: str
    reason: str
    version: str


@dataclass(frozen=True, slots=True)
class MetricVerdict:
    """What the gate says of one metric.

    Attributes:
        name: of the metric, as printed.
        gates: whether it decides; else it is only told.
        n: questions that were compared.
        baseline: mean over them.
        current: mean over them.
        difference: current − baseline; below 0 is worse, also for metrics of which less is better.
        low: lower end of the interval; None where values are compared exactly.
        high: upper end.
        p_adjusted: one-sided, by Holm over what gates; None where values are compared exactly.
        margin: the loss that is tolerated; None where the metric does not gate.
        gained: ids of the questions that became better.
        lost: ids of those that became worse.
        verdict: None where the metric does not gate.
        basis: of the verdict, in a few words: "identical", "no question lost", "net loss within the margin",
            "not confirmed by a second run", ...
    """

    name: str
    gates: bool
    n: int
    baseline: float | None
    current: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_adjusted: float | None
    margin: float | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    verdict: Verdict | None
    basis: str


@dataclass(frozen=True, slots=True)
class StageVerdict:
    """What the gate says of one stage.

    Attributes:
        verdict: of its metrics that gate; of all its metrics where none does, which then only tells what moved.
        metrics: those that gate first.
    """

    stage: Stage
    verdict: Verdict
    metrics: tuple[MetricVerdict, ...]


@dataclass(frozen=True, slots=True)
class Assertion:
    """A hard assertion of a question.

    Attributes:
        question: its id.
        wanted: in words: "cites 'guide.md'".
        found: in words; "" where it holds.
        held: None where it could not be checked, because the question was not answered by infrastructure's fault, or
            no model was asked.
    """

    question: str
    wanted: str
    found: str
    held: bool | None


@dataclass(frozen=True, slots=True)
class Against:
    """A baseline, and the stages compared with it.

    Attributes:
        changed: names of the facts that differ.
        changes: the same in words: "placement 'edges' → 'best_first'".
        added: questions that the baseline does not have, or not so.
        removed: questions that only the baseline has.
    """

    blessed: str
    reason: str
    stages: tuple[StageVerdict, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What the gate says.

    Attributes:
        verdict: over all that gates.
        n: questions that were compared with the baseline; all there are where there is none.
        current: what was found now.
        baseline: what it was compared with; None: nothing is blessed yet.
        anchor: the first baseline, against drift; None where it is the baseline itself or there is none.
        assertions: all that were asserted, in the order of the questions.
        infrastructure_failures: replies that failed.
        unasked: replies that were still to come when the time was up.
        confirmed: whether a second run shows the drop too; None where none was asked.
        missing: gold that is gone: id of the question and what, "source" or "source: quote".
        warnings: one sentence each.
        path: of the run with all contexts and answers; None where no model was asked.
    """

    verdict: Verdict
    n: int
    current: Result
    baseline: Against | None
    anchor: Against | None
    assertions: tuple[Assertion, ...]
    infrastructure_failures: int
    unasked: int
    confirmed: bool | None
    missing: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    path: str | None
