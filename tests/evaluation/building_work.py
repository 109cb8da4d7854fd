"""Work for a runner without files: rows in memory, contexts of a few passages, answerers that note what they see."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evaluation.arms import Arm, Length
from evaluation.examples import Example
from evaluation.running.runner import Work
from evaluation.trials import Trial, TrialKey
from indexes.passages import Passage, RankedPassage
from rag.answer import Reply, Usage
from rag.answerer import Delta
from rag.context import Context, Slot
from rag.prompt import Prompt
from rag.scripted import ScriptedAnswerer

TEN = Length(passages=10)


def passage(name: str) -> Passage:
    return Passage(name, f"text of {name}", f"{name}.txt", name, None, None, 0, len(f"text of {name}"))


def context(names: Sequence[str]) -> Context:
    slots = tuple(Slot(at, RankedPassage(passage(name), at, 1.0), 5) for at, name in enumerate(names, start=1))
    return Context(slots, "given", 5 * len(slots), "words")


def arm(name: str, *, copy: int = 0, think_budget: int | None = None, subject: str = "m") -> Arm:
    return Arm(name, subject, name, TEN, think_budget=think_budget, copy=copy)


@dataclass
class MemoryRows:
    """Rows in a dict, with the rule of the store: only a failed row may be replaced."""

    rows: dict[TrialKey, Trial] = field(default_factory=dict)

    def finished(self) -> set[TrialKey]:
        return {key for key, trial in self.rows.items() if trial.finish != "failed"}

    def failed(self) -> set[TrialKey]:
        return {key for key, trial in self.rows.items() if trial.finish == "failed"}

    def put(self, trial: Trial) -> None:
        old = self.rows.get(trial.key)
        assert old is None or old.finish == "failed", f"{trial.key} is there already"
        self.rows[trial.key] = replace(trial, attempts=1 + (old.attempts if old else 0))


class Noting(ScriptedAnswerer):
    """Answers by a function of the prompt, and notes how many replies were under way at once."""

    def __init__(self, answer: Callable[[Prompt], Reply]) -> None:
        super().__init__(["unused"])
        self._answer = answer
        self.now = 0
        self.most = 0

    async def reply(self, prompt: Prompt, context: Context) -> AsyncGenerator[Delta | Reply, None]:
        import asyncio

        self.prompts.append(prompt)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        yield self._answer(prompt)


def answered(prompt: Prompt) -> Reply:
    return Reply("yes [1]", None, "answered", Usage(prompt=10, completion=2, reasoning=0, cached=4))


def work(
    contexts: Mapping[str, Sequence[str] | str],
    *,
    examples: int = 3,
    samples: int = 1,
    answerer: ScriptedAnswerer | None = None,
    arms: Sequence[Arm] | None = None,
) -> Work:
    """Each example has, for each arm, a context of the passages named, or the reason why there is none."""
    given = tuple(Example(f"q{number}", f"question {number}?", ("yes",)) for number in range(examples))
    made = {
        name: names if " " in names and isinstance(names, str) else context(names) for name, names in contexts.items()
    }
    who = answerer or Noting(answered)
    return Work(
        examples=given,
        arms=tuple(arms or [arm(name) for name in contexts]),
        samples=samples,
        seed=0,
        contexts=lambda example, wanted: {one.name: made[one.name] for one in wanted},
        answerer=lambda subject, seed, budget: who,
    )
