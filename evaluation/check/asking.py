"""Asks a model over contexts that are settled, and keeps the replies in a sitting."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from evaluation.arms import Arm, Length, Subject
from evaluation.check.config import AnswerChoice, CheckConfig
from evaluation.check.ground import Grounded, source_of
from evaluation.check.replies import replies_of
from evaluation.check.sittings import new_seed, open_sitting, unasked
from evaluation.check.values import Reply, Stage
from evaluation.design.grid import ArmChoice, DataChoice, Grid, MetricChoice
from evaluation.examples import Dataset
from evaluation.run import Design, Manifest
from evaluation.running.experiment import Settled, manifest_of
from evaluation.running.runner import ServerGoneError, Standing, Work, lanes_for, run_trials
from evaluation.store.store import RunStore
from rag.answerer import Answerer
from rag.event_loop import run_to_end
from rag.models.catalogue import Model


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a check is to be done; nothing of it changes what is asked.

    Attributes:
        tags: only questions with any of these are checked; (): all.
        retry_failed: only what failed in the last run is asked again; its other replies stay. Where nothing did,
            everything is asked.
        seconds: for asking; what is not asked by then is left for the same command.
        lanes: most requests at once.
        progress: told of preparations: what is counted, how many are done, of how many.
        show: told after each reply.
        note: told what the user should know meanwhile.
        stopping: entered for as long as replies are asked; gives what is asked before each of them.
    """

    tags: tuple[str, ...] = ()
    retry_failed: bool = False
    seconds: float | None = None
    lanes: int = 16
    progress: Callable[[str, int, int], None] = lambda *_: None
    show: Callable[[Standing], None] = lambda _: None
    note: Callable[[str], None] = lambda _: None
    stopping: Callable[[], AbstractContextManager[Callable[[], bool]]] = lambda: nullcontext(lambda: False)


AS_USUAL = Wishes()


class Asked(NamedTuple):
    """What came of a sitting.

    Attributes:
        replies: of each question, by id, as many as there are; all of one that was not asked are missing.
        unasked: replies that were not asked for because the time was up.
    """

    replies: dict[str, tuple[Reply, ...]]
    unasked: int


@dataclass(frozen=True, slots=True)
class Panel:
    """Who is asked what, the same in all sittings of a check.

    Attributes:
        answers: which model, and how it is judged.
        whole: all questions of the file.
        index: the facts of the index, as a run tells them.
        deadline: when the time is up, by `time.perf_counter`; None: never.
        stopped: whether the user wants it to stop.
    """

    config: CheckConfig
    answers: AnswerChoice
    whole: Dataset
    index: Mapping[str, Any]
    answerer: Answerer
    catalogue: Mapping[str, Model]
    wishes: Wishes
    deadline: float | None
    stopped: Callable[[], bool] = lambda: False

    def ask(self, stage: Stage, path: Path, grounds: Sequence[Grounded], *, repeats: int) -> Asked:
        """Asks each question over its context, as often as `repeats` says; what is there already is taken.

        Where the server is gone, what it did not answer has failed.

        Args:
            stage: the name of the arm.
            path: of the sitting.
            grounds: the questions.
            repeats: of each.

        Raises:
            KeyboardInterrupt: the user stopped it; what was answered is kept.
            RagError: the replies cannot be kept.
        """
        if not grounds:
            return Asked({}, 0)
        with open_sitting(path, self._manifest(stage, grounds, repeats)) as store:
            begun = len(store.finished())
            if 0 < begun < len(grounds) * repeats:
                self.wishes.note(f"going on where the last run stopped: {begun:,} replies are there already")
            gone = self._run(store, grounds)
            replies = replies_of(store, grounds, self.metrics)
            if gone is None:
                return Asked(replies, unasked(store))
            lost = Reply("failed", error=gone)
            return Asked({name: found + (lost,) * (repeats - len(found)) for name, found in replies.items()}, 0)

    def _run(self, store: RunStore, grounds: Sequence[Grounded]) -> str | None:
        """Asks what is missing in a sitting; gives why the server is gone, if it is."""
        known = {example.id for example in store.examples()}
        for one in grounds:
            if one.example.id not in known:
                store.add_example(one.example, one.candidates)
        contexts = {one.example.id: one.context for one in grounds}
        design = store.manifest.design
        work = Work(
            examples=[one.example for one in grounds],
            arms=design.arms,
            samples=design.samples,
            seed=design.seed,
            contexts=lambda example, arms: {arm.name: contexts[example.id] for arm in arms},
            answerer=lambda _, seed, budget: self.answerer.varied(seed=seed, think_budget=budget),
        )
        lanes, show = lanes_for([self.answerer], self.wishes.lanes), self.wishes.show
        try:
            run_to_end(run_trials(work, store, lanes=lanes, stopping=lambda: self.stopped() or self.late, show=show))
        except ServerGoneError as error:
            return error.reason
        if self.stopped() and unasked(store):
            self.wishes.note("what was answered is kept: the same command goes on from there")
            raise KeyboardInterrupt
        return None

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return self.deadline is not None and perf_counter() >= self.deadline

    @property
    def metrics(self) -> tuple[str, ...]:
        """Of answers, those that decide first."""
        return tuple(dict.fromkeys(self.answers.gate.names))

    def _manifest(self, stage: Stage, grounds: Sequence[Grounded], repeats: int) -> Manifest:
        choice, config = self.answers.model, self.config
        subject = Subject(Path(choice.model or self.answerer.model).name, choice)
        arm = Arm(stage, subject.name, config.placement, Length(passages=config.passages), choice.think_budget)
        primary, *secondary = self.metrics
        design = Design(
            name="check",
            subjects=(subject,),
            arms=(arm,),
            samples=repeats,
            baseline=None,
            primary=primary,
            secondary=tuple(secondary),
            margin=self.answers.gate.margin,
            seed=new_seed(),
        )
        grid = Grid(
            name="check",
            data=DataChoice(path=config.questions, contexts="retrieved", mode=config.mode, reranker=config.reranker),
            subjects=(subject,),
            arms=ArmChoice(placements=(config.placement,), lengths=(arm.length,), twins=False, samples=repeats),
            metrics=MetricChoice(primary, tuple(secondary), self.answers.gate.margin),
        )
        part = replace(self.whole, examples=tuple(one.example for one in grounds))
        settled = Settled(grid, self.whole, part, source_of(config))
        made = manifest_of(
            settled,
            design,
            {subject.name: self.answerer},
            index=self.index,
            catalogue=self.catalogue,
        )
        return replace(made, facts={**made.facts, "dataset": {**made.facts["dataset"], "asked": _asked(grounds)}})


def _asked(grounds: Sequence[Grounded]) -> str:
    """Which questions are asked, over which passages."""
    told = [f"{one.example.id} {[slot.ranked.passage.id for slot in one.context.slots]}" for one in grounds]
    return sha256("\n".join(told).encode()).hexdigest()
