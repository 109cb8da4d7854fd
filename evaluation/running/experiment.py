"""An experiment from its grid to its rows: examples, models, run file, frozen candidates, trials."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from evaluation.arms import Subject
from evaluation.contexts.freezing import Source
from evaluation.datasets import open_dataset
from evaluation.datasets.subset import subset
from evaluation.design.designing import design
from evaluation.design.grid import Grid
from evaluation.design.grid_writing import written
from evaluation.design.oracle import check_placements, parse_arm_placement
from evaluation.examples import Dataset
from evaluation.generators import generate
from evaluation.run import Design, Manifest, Run
from evaluation.running.provenance import (
    commit,
    dataset_facts,
    model_facts,
    sampling_facts,
    templates,
    versions,
)
from evaluation.running.scorable import check_scorable
from evaluation.store.opening import create_run, resume_run
from evaluation.store.schema import SUFFIX
from evaluation.store.store import RunStore
from indexes.errors import RequestError
from rag.answerer import Answerer
from rag.models.catalogue import Model


@dataclass(frozen=True, slots=True)
class Settled:
    """What is settled before a model is asked, or even known.

    Attributes:
        whole: the dataset, of which `dataset` may be a part; its passages are the pool of distractors.
        dataset: the examples that are asked.
        source: where their candidates come from.
    """

    grid: Grid
    whole: Dataset
    dataset: Dataset
    source: Source


def settle(grid: Grid) -> Settled:
    """Reads the examples of `grid`, and settles where their contexts come from.

    Raises:
        RequestError: it names no examples, they cannot be read, or its placements do not go with their contexts.
    """
    data = grid.data
    if data.path is not None:
        whole = open_dataset(data.path, format=data.format, split=data.split or "test")
    elif data.generate is not None:
        whole = generate(data.generate)
    else:
        raise RequestError(
            "an experiment needs questions: --questions FILE (with answers), or --generate SPEC, such as 'kv(keys=75)'"
        )
    part = subset(whole, n=data.n, seed=grid.arms.seed, tags=data.tags)
    own = any(example.passages for example in part.examples)
    contexts = data.contexts or ("dataset" if own and data.index is None else "retrieved")
    if contexts == "dataset" and not own:
        raise RequestError(
            f"{whole.name} gives no passages with its questions; say contexts = 'retrieved' and an index"
        )
    source = Source(
        contexts=contexts,
        distractors=data.distractors or "dataset",
        retrieve=data.retrieve,
        mode=data.mode,
        reranker=data.reranker,
        seed=grid.arms.seed,
    )
    check_placements([parse_arm_placement(text) for text in grid.arms.placements], contexts, grid.arms.lengths)
    settled = Settled(grid, whole, part, source)
    _check_enough(settled)
    check_scorable(part, grid.metrics.primary, grid.arms)
    return settled


def _check_enough(settled: Settled) -> None:
    """Raises RequestError where passages that come with a question are all there are, and too few."""
    longest = max((length.passages or 0 for length in settled.grid.arms.lengths), default=0)
    for example in () if needs_collection(settled) else settled.dataset.examples:
        if len(example.passages) < longest:
            raise RequestError(
                f"question {example.id!r} needs {longest} passages, but only {len(example.passages)} come with it; "
                "ask for shorter contexts (arms.passages), or take distractors = 'hard' or 'random'"
            )


def needs_collection(settled: Settled) -> bool:
    """Whether passages must be found in an index, the user's or one made of the dataset's own passages."""
    source = settled.source
    return (
        source.contexts == "retrieved"
        or source.distractors != "dataset"
        or any(example.gold for example in settled.dataset.examples)
    )


def design_of(
    settled: Settled, thinks: Callable[[Subject], bool], *, catalogue: Mapping[str, Model], confirmed: bool
) -> Design:
    """What the run compares; more trials than usual must be `confirmed`."""
    return design(
        settled.grid,
        reasons=thinks,
        catalogue=catalogue,
        examples=len(settled.dataset.examples),
        **({"confirm_above": None} if confirmed else {}),
    )


def check_able(design: Design, answerers: Mapping[str, Answerer]) -> None:
    """Makes sure that each model can be asked as the arms want.

    Raises:
        RequestError: one cannot, or does not answer.
    """
    for subject, budget in sorted({(arm.subject, arm.think_budget) for arm in design.arms}, key=str):
        unable = answerers[subject].varied(seed=design.seed, think_budget=budget).unable()
        if unable:
            raise RequestError(f"model {subject!r}: {unable[0]}; drop that budget from the grid, or serve it by vLLM")


def manifest_of(
    settled: Settled,
    design: Design,
    answerers: Mapping[str, Answerer],
    *,
    index: Mapping[str, Any] | None,
    catalogue: Mapping[str, Model],
) -> Manifest:
    """What the run is made of, at this moment.

    Args:
        settled: its examples.
        design: what it compares.
        answerers: who is asked, by the model's name in the experiment.
        index: facts about the index that passages are retrieved from; None: none is.
        catalogue: of models, which says how they draw where the grid does not.
    """
    first = answerers[design.subjects[0].name]
    facts = {
        "dataset": dataset_facts(settled.dataset) | {"whole": len(settled.whole.examples), "n": settled.grid.data.n},
        "source": asdict(settled.source),
        "distractors": settled.source.distractors if settled.source.contexts == "dataset" else "retrieved",
        "index": index,
        "models": model_facts(answerers),
        "sampling": {subject.name: sampling_facts(subject, catalogue) for subject in design.subjects},
        "tokenizer": {"name": first.counter.name, "exact": first.counter.exact},
        "templates": templates(),
        "versions": versions(),
        "commit": commit(Path.cwd()),
        "rag_commit": commit(Path(__file__).parent),
        "notes": list(settled.whole.warnings),
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return Manifest(design, written(settled.grid), len(settled.dataset.examples), facts)


def replayed(manifest: Manifest, run: Run) -> Manifest:
    """`manifest` of an experiment over the passages of `run`: they come from where those came from.

    Raises:
        RequestError: `run` has contexts of another kind.
    """
    told = run.manifest.facts
    here, there = manifest.facts["source"]["contexts"], told["source"]["contexts"]
    if here != there:
        raise RequestError(
            f"run {run.name!r} has contexts {there!r}, this experiment wants contexts {here!r}; replay it with its own "
            "grid or command"
        )
    taken: dict[str, Any] = {
        name: told[name] for name in ("source", "distractors", "index", "tokenizer") if name in told
    }
    return replace(manifest, facts={**manifest.facts, **taken, "replay": run.name})


SAME = ("dataset", "source", "index", "templates")
"""Facts that a run keeps for its whole life; others may change between its sittings, and are those of the first."""
MEASURED = ("primary", "secondary", "margin", "clusters")
"""What is no part of a run's identity: rows that are there can be scored in any way, and nothing is asked again."""


def open_or_create(folder: Path, manifest: Manifest, *, path: Path | None) -> RunStore:
    """The run of just that design over just that data: the one that was begun before, or a new one.

    Args:
        folder: where runs are, each named by its experiment and a hash of what it is made of.
        manifest: what it is made of.
        path: of the run, where the user chose it; None: by name in `folder`.

    Raises:
        RequestError: the chosen run is another one, or another process writes it.
    """
    digest = sha256(json.dumps(identity(manifest), sort_keys=True, default=str).encode()).hexdigest()
    path = path or folder / f"{manifest.design.name}-{digest[:8]}{SUFFIX}"
    if not path.exists():
        return create_run(path, manifest)
    store = resume_run(path)
    there, wanted = identity(store.manifest), identity(manifest)
    names = dict.fromkeys((*there, *wanted))
    other = [name for name in names if _text(there.get(name)) != _text(wanted.get(name))]
    if other:
        store.close()
        raise RequestError(
            f"the run {str(path)!r} is of another {' and '.join(other)}; choose another --run, or leave it out"
        )
    before, now = (made.facts.get("sampling") for made in (store.manifest, manifest))
    if before not in (None, now):
        store.close()
        raise RequestError(
            f"the run {str(path)!r} drew its tokens with {before}, but the catalogue of models says {now} by now; "
            "choose another --run, or say --temperature and --max-tokens"
        )
    return store


MAY_CHANGE = ("versions", "rag_commit", "models", "tokenizer")
"""Facts of the first sitting that a later one may find changed, and goes on nonetheless."""


def changed(begun: Manifest, now: Manifest) -> tuple[str, ...]:
    """Which facts are other ones in this sitting of a run than when it was begun."""
    return tuple(name for name in MAY_CHANGE if _text(begun.facts.get(name)) != _text(now.facts.get(name)))


def _text(value: object) -> str:
    return json.dumps(value, default=str)


def identity(manifest: Manifest) -> dict[str, Any]:
    """What makes a run the one that it is: runs of equal identity ask the same."""
    design = asdict(manifest.design)
    for name in MEASURED:
        design.pop(name, None)
    for subject in design["subjects"]:
        for name in ("api_key", "timeout", "base_url"):  # the same model may move
            subject["choice"].pop(name)
    same = {name: manifest.facts.get(name) for name in SAME}
    same["models"] = {name: model["model"] for name, model in manifest.facts["models"].items()}
    if same["index"]:  # the same passages may be indexed anew
        same["index"] = {name: value for name, value in same["index"].items() if name != "created"}
    if "replay" in manifest.facts:
        same["replay"] = manifest.facts["replay"]
    return {"design": design, **same}
