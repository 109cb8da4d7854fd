"""Examples, rankings, passages and trials as rows of the tables, each with a checksum, and back.

SQLite itself notices damage to its pages' structure, not to what is in them: that is what the checksums are for.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, NamedTuple

from evaluation.candidates import Candidate, Candidates, Selected
from evaluation.examples import Example, Gold
from evaluation.store.errors import DamageError
from evaluation.trials import Trial, TrialKey
from indexes.passages import Passage, RankedPassage
from rag.answer import Timings, Usage

_ORIGIN = tuple(field.name for field in fields(Passage) if field.name not in ("id", "text"))


class PassageRow(NamedTuple):
    """A row of `passages`, but for its number."""

    id: str
    origin: str
    text: bytes
    checksum: int


class ExampleRow(NamedTuple):
    """A row of `examples`, but for its number."""

    id: str
    example: str
    candidates: str
    checksum: int


class TrialRow(NamedTuple):
    """A row of `trials`, but for its number; `attempts` is not in the checksum, because it is counted in place."""

    example: int
    arm: int
    sample: int
    finish: str
    attempts: int
    outcome: str
    context: str
    reasoning: bytes | None
    checksum: int


def checksum(*values: object) -> int:
    """CRC-32 of plain values (texts, numbers, bytes, None), as Python prints them; of bytes their own CRC-32."""
    plain = [("bytes", len(value), zlib.crc32(value)) if isinstance(value, bytes) else value for value in values]
    return zlib.crc32(repr(plain).encode("utf-8", "surrogatepass"))


def passage_row(passage: Passage) -> PassageRow:
    """The row of a passage."""
    origin = json.dumps({name: getattr(passage, name) for name in _ORIGIN})
    return PassageRow(passage.id, origin, _packed(passage.text), checksum(passage.id, origin, passage.text))


def passage_of(row: PassageRow) -> Passage:
    """The passage of a row.

    Raises:
        DamageError: the row is damaged.
    """
    try:
        text = _unpacked(row.text)
    except (zlib.error, UnicodeDecodeError, TypeError) as error:
        raise DamageError(f"the text of passage {row.id!r} cannot be read") from error
    _check(f"passage {row.id!r}", row.checksum, row.id, row.origin, text)
    values: dict[str, Any] = json.loads(row.origin)
    metadata = tuple((key, value) for key, value in values.pop("metadata"))
    return Passage(id=row.id, text=text, metadata=metadata, **values)


def example_row(example: Example, candidates: Candidates, passages: Mapping[str, int]) -> ExampleRow:
    """The row of an example with its ranking; its own passages are not in it, nor which of them are gold.

    Args:
        example: the example.
        candidates: its ranking.
        passages: row number of each candidate's passage, by id.
    """
    asked = {
        "question": example.question,
        "answers": example.answers,
        "gold": [asdict(gold) for gold in example.gold],
        "tags": example.tags,
    }
    ranking = {
        "candidates": [
            [each.ranked.rank, passages[each.ranked.passage.id], float(each.ranked.score), each.kind, each.grade]
            for each in candidates.candidates
        ],
        "missing": candidates.missing,
        "relevant": candidates.relevant,
        "selections": [asdict(each) for each in candidates.selections],
        "room": candidates.room,
    }
    values = (example.id, json.dumps(asked), json.dumps(ranking))
    return ExampleRow(*values, checksum(*values))


def example_of(row: ExampleRow) -> Example:
    """The example of a row.

    Raises:
        DamageError: the row is damaged.
    """
    _check(f"example {row.id!r}", row.checksum, *row[:-1])
    values = json.loads(row.example)
    answers = values["answers"]
    return Example(
        id=row.id,
        question=values["question"],
        answers=None if answers is None else tuple(answers),
        gold=tuple(Gold(**gold) for gold in values["gold"]),
        tags=tuple(values["tags"]),
    )


def candidate_passages(row: ExampleRow) -> list[int]:
    """Row numbers of the passages of an example's candidates, by rank.

    Raises:
        DamageError: the row is damaged.
    """
    _check(f"example {row.id!r}", row.checksum, *row[:-1])
    return [number for _, number, *_ in json.loads(row.candidates)["candidates"]]


def candidates_of(row: ExampleRow, passages: Mapping[int, Passage]) -> Candidates:
    """The ranking of an example's row; `passages` holds at least those of `candidate_passages`, by row number."""
    values = json.loads(row.candidates)
    return Candidates(
        example=row.id,
        candidates=tuple(
            Candidate(RankedPassage(passages[number], rank, score), kind, grade)
            for rank, number, score, kind, grade in values["candidates"]
        ),
        missing=tuple(values["missing"]),
        relevant=values["relevant"],
        selections=tuple(
            Selected(each["length"], *(tuple(each[name]) for name in ("ranks", "tokens", "duplicates", "cut")))
            for each in values["selections"]
        ),
        room=values["room"],
    )


def trial_row(trial: Trial, *, example: int, arm: int, context: Sequence[int]) -> TrialRow:
    """The row of a trial.

    Args:
        trial: the trial.
        example: row number of its example.
        arm: number of its arm.
        context: row numbers of the passages of its context.
    """
    outcome = {
        "answer": trial.answer,
        "tokens": trial.tokens,
        "usage": asdict(trial.usage),
        "timings": asdict(trial.timings),
        "warnings": trial.warnings,
        "prompt_hash": trial.prompt_hash,
        "seed": trial.seed,
        "error": trial.error,
        "reason": trial.reason,
        "began": trial.began,
    }
    row = TrialRow(
        example=example,
        arm=arm,
        sample=trial.key.sample,
        finish=trial.finish,
        attempts=trial.attempts,
        outcome=json.dumps(outcome),
        context=json.dumps(context),
        reasoning=None if trial.reasoning is None else _packed(trial.reasoning),
        checksum=0,
    )
    return row._replace(checksum=_trial_checksum(row))


def context_of(row: TrialRow) -> list[int]:
    """Row numbers of the passages of a trial's context, in prompt order.

    Raises:
        DamageError: the row is damaged.
    """
    if _trial_checksum(row) != row.checksum:
        raise DamageError(f"the trial of example {row.example!r}, arm {row.arm!r}, sample {row.sample!r} has changed")
    numbers: list[int] = json.loads(row.context)
    return numbers


def trial_of(row: TrialRow, *, example: str, arm: str, context: tuple[str, ...]) -> Trial:
    """The trial of a row that `context_of` found whole.

    Args:
        row: the row.
        example: its example's id.
        arm: its arm's name.
        context: ids of the passages of its context.
    """
    values: dict[str, Any] = json.loads(row.outcome)
    usage, timings, warnings = values.pop("usage"), values.pop("timings"), values.pop("warnings")
    return Trial(
        key=TrialKey(arm, example, row.sample),
        finish=row.finish,  # type: ignore[arg-type]  # one of them, by the checksum
        reasoning=None if row.reasoning is None else _unpacked(row.reasoning),
        context=context,
        usage=Usage(**usage),
        timings=Timings(**timings),
        warnings=tuple(warnings),
        attempts=row.attempts,
        **values,
    )


def _trial_checksum(row: TrialRow) -> int:
    return checksum(row.example, row.arm, row.sample, row.finish, row.outcome, row.context, row.reasoning)


def _check(what: str, expected: int, *values: object) -> None:
    if checksum(*values) != expected:
        raise DamageError(f"{what} has changed")


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"))  # models may write half of a character


def _unpacked(stored: bytes) -> str:
    return zlib.decompress(stored).decode("utf-8", "surrogatepass")
