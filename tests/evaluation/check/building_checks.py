"""Values of a check, as small as can be: what came of questions, what is blessed, and what the gate says."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.check.config import AnswerChoice, CheckConfig, Gate
from evaluation.check.values import (
    Against,
    Assertion,
    Baseline,
    Checked,
    MetricVerdict,
    Outcome,
    Reply,
    Result,
    Slot,
    Stage,
    StageVerdict,
    Verdict,
)
from evaluation.trials import TrialFinish
from rag.opening import ModelChoice

FACTS: Mapping[str, Any] = {
    "corpus": "c1",
    "index": "i1",
    "cutting": {"passage_tokens": 200},
    "embedder": "hashing",
    "retrieval": {"mode": "hybrid", "retrieve": 50},
    "prompt": "p1",
    "placement": "edges",
    "context": {"passages": 10},
    "tokenizer": "t1",
    "model": "extractive",
    "sampling": {"temperature": 0.0},
    "metrics": ["recall@10"],
}
ANSWERS = AnswerChoice(ModelChoice("extractive"))
RETRIEVAL = Gate(("recall@10",), ("mrr@10",), 0.02)


def config(*, answers: AnswerChoice | None = ANSWERS, retrieval: Gate = RETRIEVAL, **chosen: Any) -> CheckConfig:
    """A check in /check; it asks a model and gates on sub_span with 5 points, unless `answers` says otherwise."""
    return CheckConfig(
        **{
            "path": Path("/check/ragcheck.toml"),
            "questions": Path("/check/questions.jsonl"),
            "baseline": Path("/check/ragcheck.baseline.jsonl"),
            "roots": (Path("/check/docs"),),
            "retrieval": retrieval,
            "answers": answers,
            **chosen,
        }
    )


def slot(name: str, *, rank: int = 1, gold: bool = False) -> Slot:
    """The passage "NAME#1" of the document "NAME.md"."""
    return Slot(f"{name}#1", f"{name}.md", rank, gold)


def reply(
    right: float | None = 1.0, *, answer: str | None = "Paris", finish: TrialFinish = "answered", **more: Any
) -> Reply:
    """An answer whose sub_span is `right`."""
    return Reply(**{"finish": finish, "values": {"sub_span": right}, "answer": answer, **more})


def failed(error: str = "the server went away") -> Reply:
    """A reply that infrastructure kept from coming."""
    return Reply("failed", error=error)


def outcome(
    name: str = "q1",
    *,
    recall: float | None = 1.0,
    in_context: float | None = 1.0,
    replies: Sequence[Reply | float] = (),
    frozen: Sequence[Reply | float] = (),
    **more: Any,
) -> Outcome:
    """A question whose only passage is gold; a number among the replies is the sub_span of an answer."""
    return Outcome(
        **{
            "id": name,
            "question": f"What is {name}?",
            "digest": f"digest of {name}",
            "scores": {"recall@10": recall, "mrr@10": recall, "gold_in_context": in_context},
            "context": (slot("guide", gold=True),),
            "replies": _replies(replies),
            "frozen": _replies(frozen),
            **more,
        }
    )


def result(*outcomes: Outcome, exact: bool = False, facts: Mapping[str, Any] | None = None) -> Result:
    """What came of the questions; `facts` differ from FACTS where said."""
    return Result({**FACTS, **(facts or {})}, outcomes, exact)


def baseline(
    *outcomes: Outcome, exact: bool = False, facts: Mapping[str, Any] | None = None, reason: str = "first"
) -> Baseline:
    """The same, blessed."""
    return Baseline(result(*outcomes, exact=exact, facts=facts), "2026-05-01T12:00:00Z", reason, "0.5.0")


def metric(name: str = "recall@10", *, verdict: Verdict | None = "pass", **more: Any) -> MetricVerdict:
    """A metric that gates and is as it was over 100 questions; without a verdict it does not gate."""
    return MetricVerdict(
        **{
            "name": name,
            "gates": verdict is not None,
            "n": 100,
            "baseline": 0.9,
            "current": 0.9,
            "difference": 0.0,
            "low": None,
            "high": None,
            "p_adjusted": None,
            "margin": None if verdict is None else 0.02,
            "gained": (),
            "lost": (),
            "verdict": verdict,
            "basis": "no question lost",
            **more,
        }
    )


def stage(name: Stage = "retrieval", *metrics: MetricVerdict, verdict: Verdict = "pass") -> StageVerdict:
    """A stage, of one metric that passes where none is given."""
    return StageVerdict(name, verdict, metrics or (metric(),))


def against(*stages: StageVerdict, **more: Any) -> Against:
    """A baseline that the stages were compared with."""
    return Against(
        **{
            "blessed": "2026-05-01T12:00:00Z",
            "reason": "first",
            "stages": stages or (stage(),),
            "changed": (),
            "added": (),
            "removed": (),
            **more,
        }
    )


def checked(verdict: Verdict = "pass", *, current: Result | None = None, **more: Any) -> Checked:
    """What the gate says: by default all is well over one question."""
    now = current or result(outcome())
    return Checked(
        **{
            "verdict": verdict,
            "n": len(now.outcomes),
            "current": now,
            "baseline": against(),
            "anchor": None,
            "assertions": (),
            "infrastructure_failures": 0,
            "unasked": 0,
            "confirmed": None,
            "missing": (),
            "warnings": (),
            "path": None,
            **more,
        }
    )


def assertion(question: str = "q1", *, held: bool | None = False, wanted: str = "cites 'guide.md'") -> Assertion:
    """An assertion that does not hold."""
    return Assertion(question, wanted, "" if held else "cites nothing", held)


def _replies(given: Sequence[Reply | float]) -> tuple[Reply, ...]:
    return tuple(one if isinstance(one, Reply) else reply(one) for one in given)
