"""A run: its manifest and its rows, as whoever reports on it sees them; `evaluation.store` keeps them in a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from evaluation.arms import Arm, Subject
from evaluation.candidates import Candidates
from evaluation.examples import Example
from evaluation.trials import Trial, TrialKey
from indexes.passages import Passage

Clusters = Literal["question", "source"]
"""What tests and intervals take as a whole: each question, or all questions with evidence from one document."""


@dataclass(frozen=True, slots=True)
class Design:
    """What a run compares and how, settled before anything is asked.

    Attributes:
        name: of the experiment.
        subjects: the models.
        arms: in the order in which they are reported.
        samples: of each arm and example.
        baseline: the arm that others are compared with; None: of each series its own first, or none.
        primary: the metric that decides, as printed.
        secondary: other metrics.
        margin: within which flatness is asked about.
        seed: of all that is drawn at random.
        clusters: what is independent of the rest.
    """

    name: str
    subjects: tuple[Subject, ...]
    arms: tuple[Arm, ...]
    samples: int
    baseline: str | None
    primary: str
    secondary: tuple[str, ...]
    margin: float
    seed: int
    clusters: Clusters = "question"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run was made of, so that it can be made again.

    Attributes:
        design: what is compared.
        grid: the text of the grid as it was given, or the flags that stood for one.
        examples: how many.
        facts: JSON values by name: dataset and checksum, index manifest and checksum, versions, commit and dirty flag,
            template hash, sampling, tokenizer, server facts, when it began. No secrets.
    """

    design: Design
    grid: str
    examples: int
    facts: dict[str, Any]


class Run(Protocol):
    """The rows of a run, read only."""

    @property
    def name(self) -> str:
        """The run's name, from its file."""
        ...

    @property
    def manifest(self) -> Manifest:
        """What it was made of."""
        ...

    def examples(self) -> Sequence[Example]:
        """All examples in order; without their own passages, which are among the candidates."""
        ...

    def candidates(self, example: str) -> Candidates:
        """The stored ranking of an example."""
        ...

    def trials(self, arm: str | None = None) -> Iterator[Trial]:
        """The rows, of one arm or all, by example, arm and sample in the order of the design; one at a time."""
        ...

    def trial(self, key: TrialKey) -> Trial | None:
        """One row; None where it is not there."""
        ...

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages with those ids."""
        ...


class Rescored:
    """A run with other metrics or clusters than those it was asked for: the same rows, scored anew."""

    def __init__(
        self,
        run: Run,
        *,
        primary: str,
        secondary: Sequence[str],
        margin: float,
        clusters: Clusters | None = None,
    ) -> None:
        """The rows of `run`; see `Design` for the metrics. Clusters that are None are the run's own."""
        self._run = run
        own = run.manifest.design
        design = replace(
            own,
            primary=primary,
            secondary=tuple(secondary),
            margin=margin,
            clusters=own.clusters if clusters is None else clusters,
        )
        declared = own.primary
        facts = run.manifest.facts if primary == declared else {**run.manifest.facts, "declared_primary": declared}
        self.manifest = replace(run.manifest, design=design, facts=facts)
        self.name = run.name

    def examples(self) -> Sequence[Example]:
        """See `Run.examples`."""
        return self._run.examples()

    def candidates(self, example: str) -> Candidates:
        """See `Run.candidates`."""
        return self._run.candidates(example)

    def trials(self, arm: str | None = None) -> Iterator[Trial]:
        """See `Run.trials`."""
        return self._run.trials(arm)

    def trial(self, key: TrialKey) -> Trial | None:
        """See `Run.trial`."""
        return self._run.trial(key)

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """See `Run.passages`."""
        return self._run.passages(ids)
