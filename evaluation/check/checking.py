"""A check from its file to its verdict: documents are indexed, questions asked, outcomes compared with the baseline."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from evaluation.check.asking import AS_USUAL, Wishes
from evaluation.check.assertions import check_must
from evaluation.check.baseline import read_baseline, write_baseline
from evaluation.check.config import CheckConfig
from evaluation.check.ground import frozen_from, passages_of, ranked_ids
from evaluation.check.indexing import open_check_index
from evaluation.check.judging import judge, needs_confirmation
from evaluation.check.room import Room, open_room
from evaluation.check.sittings import pending
from evaluation.check.values import Baseline, Checked, Outcome, Reply, Result
from evaluation.store.opening import remove_run
from evaluation.store.schema import SUFFIX
from indexes.errors import RagError, RequestError
from rag.folders import Folders

__all__ = ["Blessing", "Wishes", "bless", "check", "last_result", "texts_of"]

MAIN, FROZEN, AGAIN, BLESS = (f"{name}{SUFFIX}" for name in ("run", "frozen", "again", "bless"))
"""The sittings of a check, below its work folder: over the contexts of now, over the baseline's passages, and a second
time where the first shows a drop; and that of a blessing."""
LAST = "last.jsonl"


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
    baseline, anchor = read_baseline(config.baseline), read_baseline(config.anchor)
    with open_room(config, folders, wishes, tags=wishes.tags) as room:
        result, again, left = _answered(room, baseline, wishes)
        checked = judge(
            config,
            result,
            baseline=baseline,
            anchor=anchor,
            assertions=check_must(room.dataset.examples, result),
            again=again,
            unasked=left,
            only={one.id for one in room.dataset.examples} if wishes.tags else None,
            path=str(config.work / MAIN) if room.panel else None,
        )
        write_baseline(config.work / LAST, _as_last(result), with_answers=True)
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
    before = _readable(config.baseline, wishes)
    with open_room(config, folders, wishes) as room:
        result = room.result
        if room.panel:
            path = config.work / BLESS
            repeats = 1 if result.exact else room.panel.answers.repeats
            resume = pending(path, failed=True)
            asked = room.panel.ask("end_to_end", path, room.grounds, repeats=repeats, resume=resume)
            result = replace(result, outcomes=_with_replies(result.outcomes, asked.replies))
            _check_whole(result, asked.unasked)
        elif room.down:
            raise RagError(f"{room.down}; nothing was blessed")
        baseline = Baseline(result, now.astimezone(UTC).isoformat(timespec="seconds"), reason.strip(), _version())
        assertions = check_must(room.dataset.examples, result)
        checked = judge(config, result, baseline=before, anchor=None, assertions=assertions)
    write_baseline(config.baseline, baseline, with_answers=with_answers)
    anchored = anchor or not config.anchor.exists()
    if anchored:
        write_baseline(config.anchor, baseline, with_answers=with_answers)
    return Blessing(baseline, replace(checked, warnings=(*room.warnings, *checked.warnings)), config.baseline, anchored)


def last_result(config: CheckConfig) -> Result | None:
    """What came of the last check here; None where there was none.

    Raises:
        RequestError: it is damaged.
    """
    last = read_baseline(config.work / LAST, remedy="run the check again: rag check run")
    return last.result if last else None


def texts_of(config: CheckConfig, ids: Collection[str], folders: Folders) -> dict[str, str]:
    """The texts of those of the passages that stand in the documents, by id."""
    with open_check_index(config, cache=folders.cache) as index:
        return {name: passage.text for name, passage in passages_of(index, ids).items()}


def _answered(room: Room, baseline: Baseline | None, wishes: Wishes) -> tuple[Result, Result | None, int]:
    """The result with replies; that of the second run, if one was needed; and how many replies are still to come."""
    work, result, panel = room.config.work, room.result, room.panel
    if panel is None:
        return result, None, 0
    paths = [work / name for name in (MAIN, FROZEN, AGAIN)]
    resume = wishes.retry_failed or any(map(pending, paths))
    asked = panel.ask("end_to_end", paths[0], room.grounds, repeats=1, resume=resume)
    if not asked.resumed:
        for path in paths[1:]:
            remove_run(path)
    before = _before(baseline, result)
    frozen = frozen_from(room.config, before, room.grounds, room.index, panel.answerer) if before else ()
    apart = panel.ask("generation", paths[1], frozen, repeats=1, resume=resume)
    left = asked.unasked + apart.unasked
    outcomes = _with_replies(result.outcomes, asked.replies)
    same = {one.id for one in outcomes if (past := before.get(one.id)) and ranked_ids(past) == ranked_ids(one)}
    outcomes = tuple(
        replace(one, frozen=one.replies if one.id in same else apart.replies.get(one.id, ())) for one in outcomes
    )
    result = replace(result, outcomes=outcomes)
    if baseline is None or left or not needs_confirmation(room.config, result, baseline):
        return result, None, left
    wishes.note("a drop is shown: everything is asked once more, and it stays a regression only if that shows it too")
    second = panel.ask("end_to_end", paths[2], room.grounds, repeats=1, resume=resume)
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


def _as_last(result: Result) -> Baseline:
    return Baseline(result, datetime.now(UTC).isoformat(timespec="seconds"), "the last check", _version())


def _version() -> str:
    return version("reasoning-rag")
