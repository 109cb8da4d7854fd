"""A check from its file to its verdict: documents are indexed, questions asked, outcomes compared with the baseline."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from evaluation.check.asking import AS_USUAL, Panel, Wishes
from evaluation.check.assertions import check_must
from evaluation.check.baseline import read_baseline, write_baseline
from evaluation.check.config import CheckConfig
from evaluation.check.differences import Difference, differences
from evaluation.check.ground import frozen_from, passages_of, ranked_ids
from evaluation.check.indexing import index_folder
from evaluation.check.judging import judge, needs_confirmation
from evaluation.check.room import Room, open_room
from evaluation.check.sittings import AGAIN, FROZEN, MAIN, Sittings, discard_open, sittings_in
from evaluation.check.values import Baseline, Checked, Outcome, Reply, Result
from indexes.errors import RagError, RequestError
from indexes.index import Index
from rag.folders import Folders

__all__ = ["Blessing", "Wishes", "bless", "check", "compare_last", "texts_of"]

LAST = "last.jsonl"
TAGS = "tags"
"""The fact of the last result that says which questions it is of."""


class Blessing(NamedTuple):
    """What was declared to be good.

    Attributes:
        checked: what it changes against the baseline of before.
        anchored: whether it is the anchor from now on, too.
    """

    baseline: Baseline
    checked: Checked
    path: Path
    anchored: bool


def check(config: CheckConfig, folders: Folders, wishes: Wishes = AS_USUAL) -> Checked:
    """Does the check.

    Raises:
        RequestError: it cannot be done: the questions, the documents or the baseline are damaged or not there.
        KeyboardInterrupt: it was stopped; the same command goes on where it stopped.
        RagError: what was answered cannot be kept.
    """
    baseline, anchor = read_baseline(config.baseline), _read_anchor(config)
    sittings = sittings_in(config.work, "check", wishes.tags)
    with open_room(config, folders, wishes, tags=wishes.tags) as room:
        if room.down is not None:
            sittings.forget()  # the last check is this one, which has no answers
        elif wishes.retry_failed and not sittings.take_up():
            wishes.note("nothing failed in the last run, so everything is asked")
        result, again, left = room.result, None, 0
        if room.panel:
            with _stoppable(room.panel, wishes) as panel:
                result, again, left = _answered(room, panel, baseline, sittings)
        checked = judge(
            config,
            result,
            baseline=baseline,
            anchor=anchor,
            assertions=check_must(room.dataset.examples, result),
            again=again,
            unasked=left,
            only={one.id for one in room.dataset.examples} if wishes.tags else None,
            path=str((sittings.open if left else sittings.done) / MAIN) if room.panel else None,
        )
        if room.down is None:
            write_baseline(config.work / LAST, _as_last(result, wishes.tags), with_answers=True)
        if room.panel and not left:
            sittings.finish()
        return replace(checked, warnings=(*room.warnings, *checked.warnings))


def bless(
    config: CheckConfig,
    folders: Folders,
    wishes: Wishes = AS_USUAL,
    *,
    reason: str,
    with_answers: bool = False,
    anchor: bool = False,
    now: datetime,
) -> Blessing:
    """Makes what comes out now the baseline; generated answers are asked for several times.

    Args:
        config: of the check.
        folders: of the user.
        wishes: how it is to be done.
        reason: why it is good, for the next reader.
        with_answers: the baseline keeps the texts of the answers.
        anchor: the anchor, which is else the first baseline there was, becomes this one too.
        now: when.

    Raises:
        RequestError: there is no reason, or it cannot be done.
        KeyboardInterrupt: it was stopped; the same command goes on where it stopped.
        RagError: replies failed; nothing was blessed.
    """
    if not reason.strip():
        raise RequestError('wanted a reason for the next reader, found none; say one: --reason "..."')
    before, first = (_readable(path, wishes) for path in (config.baseline, config.anchor))
    sittings = sittings_in(config.work, "bless")
    with open_room(config, folders, wishes) as room:
        result = room.result
        if room.panel:
            repeats = 1 if result.exact else room.panel.answers.repeats
            with _stoppable(room.panel, wishes) as panel:
                asked = panel.ask("end_to_end", sittings.open / MAIN, room.grounds, repeats=repeats)
            result = replace(result, outcomes=_with_replies(result.outcomes, asked.replies))
            _check_whole(result, asked.unasked)
        elif room.down:
            raise RagError(f"{room.down}; nothing was blessed")
        baseline = Baseline(result, now.astimezone(UTC).isoformat(timespec="seconds"), reason.strip(), _version())
        assertions = check_must(room.dataset.examples, result)
        checked = judge(config, result, baseline=before, anchor=first, assertions=assertions)
    discard_open(config.work, "check")  # it would be compared with the baseline of before
    write_baseline(config.baseline, baseline, with_answers=with_answers)
    anchored = anchor or first is None
    if anchored:
        write_baseline(config.anchor, baseline, with_answers=with_answers)
    sittings.discard()
    return Blessing(baseline, replace(checked, warnings=(*room.warnings, *checked.warnings)), config.baseline, anchored)


class Compared(NamedTuple):
    """The last check beside the baseline.

    Attributes:
        ids: of all questions of either.
        differences: of those that differ.
    """

    ids: frozenset[str]
    differences: tuple[Difference, ...]


def compare_last(config: CheckConfig) -> Compared:
    """The last check here beside the baseline; of the questions that it asked, where those were chosen by tags.

    Raises:
        RequestError: there is none of either, or one is damaged.
    """
    baseline = read_baseline(config.baseline)
    if baseline is None:
        raise RequestError(
            f'there is no baseline {str(config.baseline)!r} to compare with; make one: rag check bless --reason "first"'
        )
    last = read_baseline(config.work / LAST, remedy="run the check again: rag check run")
    if last is None:
        raise RequestError("there is no last run to compare; run `rag check run` first")
    if last.result.facts.get(TAGS):
        asked = {one.id for one in last.result.outcomes}
        kept = tuple(one for one in baseline.result.outcomes if one.id in asked)
        baseline = replace(baseline, result=replace(baseline.result, outcomes=kept))
    ids = frozenset(one.id for side in (baseline.result, last.result) for one in side.outcomes)
    return Compared(ids, differences(baseline, last.result))


def texts_of(config: CheckConfig, ids: Collection[str], *, cache: Path) -> dict[str, str]:
    """The texts of those of the passages that stand in the index as the last check left it, by id."""
    with Index(index_folder(config), cache=cache) as index:
        return {name: passage.text for name, passage in passages_of(index, ids).items()}


@contextmanager
def _stoppable(panel: Panel, wishes: Wishes) -> Iterator[Panel]:
    """The panel, which the user can stop: once for all that it is asked."""
    with wishes.stopping() as stopped:
        yield replace(panel, stopped=stopped)


def _answered(
    room: Room, panel: Panel, baseline: Baseline | None, sittings: Sittings
) -> tuple[Result, Result | None, int]:
    """The result with replies; that of the second run, if one was needed; and how many replies are still to come."""
    result = room.result
    ask = partial(panel.ask, repeats=1)  # one after the other, each only if the user has not stopped the one before
    asked = ask("end_to_end", sittings.open / MAIN, room.grounds)
    outcomes = _with_replies(result.outcomes, asked.replies)
    before = _before(baseline, result)
    others = frozen_from(room.config, before, room.grounds, room.index, panel.answerer)
    apart = ask("generation", sittings.open / FROZEN, others)
    same = {one.id for one in outcomes if (past := before.get(one.id)) and ranked_ids(past) == ranked_ids(one)}
    outcomes = tuple(
        replace(one, frozen=one.replies if one.id in same else apart.replies.get(one.id, ())) for one in outcomes
    )
    result, left = replace(result, outcomes=outcomes), asked.unasked + apart.unasked
    if left or not needs_confirmation(room.config, result, baseline):
        return result, None, left
    panel.wishes.note(
        "a drop is shown: everything is asked once more, and it stays a regression only if that shows it too"
    )
    second = ask("end_to_end", sittings.open / AGAIN, room.grounds)
    again = replace(result, outcomes=_with_replies(outcomes, second.replies))
    return result, None if second.unasked else again, second.unasked


def _before(baseline: Baseline | None, result: Result) -> dict[str, Outcome]:
    """The outcomes of the baseline that were answered, of the questions that are the same."""
    past = {one.id: one for one in baseline.result.outcomes if one.replies} if baseline else {}
    return {one.id: past[one.id] for one in result.outcomes if one.id in past and past[one.id].digest == one.digest}


def _with_replies(outcomes: Iterable[Outcome], replies: Mapping[str, tuple[Reply, ...]]) -> tuple[Outcome, ...]:
    return tuple(replace(one, replies=replies.get(one.id, ())) for one in outcomes)


def _check_whole(result: Result, unasked: int) -> None:
    """Raises RagError where not every reply came."""
    failed = [reply for one in result.outcomes for reply in one.replies if reply.finish == "failed"]
    if failed or unasked:
        what = f"{len(failed)} replies failed: {failed[-1].error}" if failed else f"{unasked} replies were not asked"
        raise RagError(f"{what}; nothing was blessed, and the same command asks only what is missing")


def _readable(path: Path, wishes: Wishes) -> Baseline | None:
    """The baseline of before; a damaged one is about to be replaced."""
    try:
        return read_baseline(path)
    except RequestError as error:
        wishes.note(f"not compared with the baseline of before: {error}")
        return None


def _read_anchor(config: CheckConfig) -> Baseline | None:
    return read_baseline(
        config.anchor, remedy="restore it, as by git checkout, or take what comes out now: rag check bless --anchor"
    )


def _as_last(result: Result, tags: tuple[str, ...]) -> Baseline:
    result = replace(result, facts={**result.facts, TAGS: list(tags)})
    return Baseline(result, datetime.now(UTC).isoformat(timespec="seconds"), "the last check", _version())


def _version() -> str:
    return version("reasoning-rag")
