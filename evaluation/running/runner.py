"""The runner: asks every trial that is still missing, several questions at once, and puts each row into the store."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from time import perf_counter
from typing import Protocol

from evaluation.arms import Arm
from evaluation.examples import Example
from evaluation.running.asking import ask
from evaluation.running.schedule import Task, in_order
from evaluation.trials import Trial, TrialKey
from indexes.errors import RagError
from rag.answerer import Answerer
from rag.context import Context

PATIENT = 8
"""So many failures in a row, and twice as many as there are lanes, mean that the server is gone."""


class ServerGoneError(RagError):
    """So many trials failed in a row that the server must be gone; what was answered is kept.

    Attributes:
        reason: why the last of them failed.
    """

    def __init__(self, failures: int, reason: str | None) -> None:
        """Builds the message for that many failures."""
        self.reason = reason or "the endpoint did not deliver"
        super().__init__(
            f"the last {failures} trials failed: {self.reason}; what was answered is kept: "
            "the same command goes on where this one stopped"
        )


class Rows(Protocol):
    """Where trials go."""

    def finished(self) -> set[TrialKey]:
        """The trials that need not be asked; failed ones do."""
        ...

    def failed(self) -> set[TrialKey]:
        """The trials that were asked and failed."""
        ...

    def put(self, trial: Trial) -> None:
        """Keeps `trial`; what was kept outlives whatever happens next."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be asked.

    Attributes:
        examples: in order.
        arms: of the design.
        samples: of each arm and example.
        seed: from which those of all trials are drawn.
        contexts: of an example by arm's name; a text is the reason why there is none.
        answerer: what answers for a model's name, a seed and a thinking budget.
    """

    examples: Sequence[Example]
    arms: Sequence[Arm]
    samples: int
    seed: int
    contexts: Callable[[Example, Sequence[Arm]], Mapping[str, Context | str]]
    answerer: Callable[[str, int, int | None], Answerer]

    @property
    def trials(self) -> int:
        """How many rows the whole run has."""
        return len(self.examples) * len(self.arms) * self.samples


@dataclass(slots=True)
class Standing:
    """How far a run has come; it changes while the run goes on.

    Attributes:
        total: trials of the whole run.
        done: rows that need not be asked again.
        failed: trials that failed since the start.
        error: of the last of them; "" where none did.
        asked: trials that were asked since the start.
        prompt: tokens read since the start, where the server tells; cached ones included.
        cached: of these, tokens that the server had cached.
        completion: tokens written since the start.
        began: when, by `time.perf_counter`.
    """

    total: int
    done: int
    failed: int = 0
    error: str = ""
    asked: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    began: float = field(default_factory=perf_counter)

    def count(self, trial: Trial) -> None:
        """Takes a new row into account."""
        self.asked += trial.finish != "not_applicable"
        self.failed += trial.finish == "failed"
        self.error = trial.error or self.error
        self.done += trial.finish != "failed"
        self.prompt += trial.usage.prompt or 0
        self.cached += trial.usage.cached or 0
        self.completion += trial.usage.completion or 0


async def run_trials(
    work: Work,
    rows: Rows,
    *,
    lanes: int,
    stopping: Callable[[], bool] = lambda: False,
    show: Callable[[Standing], None] = lambda _: None,
) -> Standing:
    """Asks what is missing; returns when all is asked, or what was in flight when `stopping` became true.

    Each lane walks through the trials of one example in the order that shares prompt prefixes, so at most as many
    contexts as there are lanes compete for a server's cache. Lanes without an example of their own help others.

    Args:
        work: what is to be asked.
        rows: where it goes; what is there already is not asked again.
        lanes: most trials in flight at once.
        stopping: asked before each trial.
        show: told after each trial.

    Raises:
        ServerGoneError: so many trials failed in a row.
        RagError: the rows cannot be kept.
    """
    finished = rows.finished()
    standing = Standing(work.trials, len(finished))
    failures = 0

    def keep(trial: Trial) -> None:
        rows.put(trial)
        standing.count(trial)
        show(standing)

    again = rows.failed()  # after all others, which must not wait for what may fail for good
    first = _pending(work, lambda key: key not in finished and key not in again, keep)
    queue = _Queue(chain(first, _pending(work, lambda key: key in again, keep)))

    async def lane() -> None:
        nonlocal failures
        own: deque[_Job] | None = None
        while not stopping() and (own := queue.next(own)):
            job = own.popleft()
            task, arm = job.task, job.task.arm
            seed = seed_of(work.seed, TrialKey(arm.name, job.example.id, task.sample))
            answerer = work.answerer(arm.subject, seed, arm.think_budget)
            trial = await ask(job.example.id, job.example.question, task, answerer, seed=seed)
            keep(trial)
            failures = failures + 1 if trial.finish == "failed" else 0
            if failures >= max(PATIENT, 2 * lanes):
                raise ServerGoneError(failures, trial.error)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(lanes, max(1, standing.total - standing.done))):
                group.create_task(lane())
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None  # one says it all: the others were ended by it
    return standing


def seed_of(seed: int, key: TrialKey) -> int:
    """The seed with which a trial is sampled: its own, so that chance is as different between arms as between repeats.

    With one seed for several arms they would share a part of their luck, which repeats do not.
    """
    return int.from_bytes(sha256(f"{seed}\0{key.arm}\0{key.example}\0{key.sample}".encode()).digest()[:4]) >> 1


@dataclass(frozen=True, slots=True)
class _Job:
    example: Example
    task: Task


class _Queue:
    """The jobs of one example after the other; where none is left, those of the example that has most left."""

    def __init__(self, examples: Iterator[deque[_Job]]) -> None:
        self._examples = examples
        self._open: list[deque[_Job]] = []

    def next(self, own: deque[_Job] | None) -> deque[_Job] | None:
        if own:
            return own
        self._open = [jobs for jobs in self._open if jobs]
        if (jobs := next(self._examples, None)) is not None:
            self._open.append(jobs)
            return jobs
        return max(self._open, key=len, default=None)


def _pending(work: Work, wanted: Callable[[TrialKey], bool], keep: Callable[[Trial], None]) -> Iterator[deque[_Job]]:
    """The wanted jobs of each example that has any; rows of arms that cannot be had are kept on the way."""
    for example in work.examples:
        missing = [
            (arm, sample)
            for arm in work.arms
            for sample in range(work.samples)
            if wanted(TrialKey(arm.name, example.id, sample))
        ]
        if not missing:
            continue
        contexts = work.contexts(example, list(dict.fromkeys(arm for arm, _ in missing)))
        tasks = []
        for arm, sample in missing:
            context = contexts[arm.name]
            if isinstance(context, str):
                keep(Trial(TrialKey(arm.name, example.id, sample), "not_applicable", reason=context))
            else:
                tasks.append(Task(arm, sample, context))
        if tasks:
            yield deque(_Job(example, task) for task in in_order(example.id, tasks))


def lanes_for(answering: Iterable[Answerer], wanted: int) -> int:
    """How many trials at once: one where a model runs in this process, which answers one after the other anyway."""
    return 1 if any(answerer.where == "in process" for answerer in answering) else wanted
