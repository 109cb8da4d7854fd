"""The lines of a baseline file: the header and a question each, as plain values and back, their types checked."""

import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field

from evaluation.check.values import Outcome, Reply, Slot
from evaluation.trials import TrialFinish


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Header(_Row):
    """The first line without its checksum."""

    ragcheck: Literal[1]
    blessed: str
    reason: str
    version: str
    questions: int
    exact: bool
    facts: dict[str, Any]


class _ReplyRow(_Row):
    finish: TrialFinish
    values: dict[str, float | None]
    answer: str | None = None
    cited: list[str] = []
    tokens: int | None = None
    error: str | None = None


class _OutcomeRow(_Row):
    id: str
    question: str
    digest: str
    scores: dict[str, float | None]
    missing: list[str]
    context: list[Annotated[tuple[str, str, int, Literal[0, 1]], Field(strict=False)]]
    replies: list[_ReplyRow]


def outcome_row(outcome: Outcome, *, with_answers: bool) -> dict[str, Any]:
    """What is kept of a question. Left out are `frozen` and the replies' seconds, which only make noise in a diff."""
    return {
        "id": outcome.id,
        "question": outcome.question,
        "digest": outcome.digest,
        "scores": _sorted(outcome.scores),
        "missing": list(outcome.missing),
        "context": [[slot.passage, slot.source, slot.rank, int(slot.gold)] for slot in outcome.context],
        "replies": [_reply_row(reply, with_answer=with_answers) for reply in outcome.replies],
    }


def row_outcome(row: Mapping[str, Any]) -> Outcome:
    """The question of a row.

    Raises:
        pydantic.ValidationError: something is left out, unknown, or of another type.
    """
    found = _OutcomeRow.model_validate(row)
    return Outcome(
        id=found.id,
        question=found.question,
        digest=found.digest,
        scores=found.scores,
        missing=tuple(found.missing),
        context=tuple(Slot(passage, source, rank, bool(gold)) for passage, source, rank, gold in found.context),
        replies=tuple(
            Reply(
                reply.finish,
                reply.values,
                answer=reply.answer,
                cited=tuple(reply.cited),
                tokens=reply.tokens,
                error=reply.error,
            )
            for reply in found.replies
        ),
    )


def to_line(row: Mapping[str, Any]) -> bytes:
    """A row as one line of JSON, without its end."""
    text = json.dumps(row, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")  # half of a character stands as its JSON escape


def from_line(line: bytes) -> dict[str, Any]:
    """The object of a line.

    Raises:
        ValueError: it is not UTF-8, not JSON, or not an object, or it has a number that is not finite.
    """
    try:
        row = json.loads(line.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(row, dict):
        raise ValueError(f"it is no object but {type(row).__name__}")
    return row


def _reply_row(reply: Reply, *, with_answer: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"finish": reply.finish, "values": _sorted(reply.values)}
    if with_answer and reply.answer is not None:
        row["answer"] = reply.answer
    if reply.cited:
        row["cited"] = list(reply.cited)
    if reply.tokens is not None:
        row["tokens"] = reply.tokens
    if reply.error is not None:
        row["error"] = reply.error
    return row


def _sorted(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return dict(sorted(values.items()))


def _finite(digits: str) -> float:
    return value if math.isfinite(value := float(digits)) else _refuse(digits)


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"it holds {number[:20]}, which is no number of a baseline")
