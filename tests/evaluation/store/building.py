"""Small runs for tests of the store."""

from pathlib import Path

from evaluation.arms import Arm, Length, Subject
from evaluation.candidates import Candidate, Candidates, Selected
from evaluation.examples import Example, Gold
from evaluation.run import Design, Manifest
from evaluation.store import RunStore, create_run
from evaluation.trials import Trial, TrialKey
from indexes.passages import Passage, RankedPassage
from rag.answer import Timings, Usage
from rag.opening import ModelChoice

KEY = "sk-do-not-store-me"
ARMS = ("best_first", "edges", "closed_book")


SELECTIONS = (Selected("2 passages", (1, 3), (7, 9), duplicates=(2,), cut=(4,)), Selected("9 tokens", (), (), cut=(1,)))


def manifest(examples: int = 3, *, samples: int = 2) -> Manifest:
    """The manifest of a run with the arms `ARMS`."""
    thinker = Subject("r1", ModelChoice("r1-qwen-7b", "http://127.0.0.1:8000/v1", KEY, timeout=7.5, temperature=0.6))
    twin = Subject("r1-off", ModelChoice("r1-qwen-7b", api_key=KEY), twin_of="r1", kind="no_think")
    arms = tuple(Arm(name, "r1", name, Length(passages=20), think_budget=512) for name in ARMS)
    design = Design("position", (thinker, twin), arms, samples, "best_first", "subspan", ("f1", "em"), 0.05, 7)
    facts = {"commit": "abc", "dirty": False, "versions": {"rag": "0.1.0"}, "seconds": 0.1, "none": None, "list": [1]}
    return Manifest(design, "[grid]\nname = 'position'\n", examples, facts)


def passage(number: int, *, words: int = 6) -> Passage:
    """A passage whose text and id follow from its number."""
    text = " ".join(f"word{(number * 31 + place * 17) % 997}" for place in range(words))
    metadata = (("date", "2024-01-02"), ("type", "text"))
    return Passage(f"{number:016x}", text, f"doc{number}.md", "Title", None, "A > B", 5, 5 + len(text), 2, metadata)


def example(number: int) -> Example:
    """An example without passages of its own."""
    return Example(f"q{number}", f"Question {number}?", (f"answer {number}",), gold=(Gold("doc.md", "words", 2),))


def candidates(number: int, *, passages: int = 4, words: int = 6, first: int | None = None) -> Candidates:
    """The ranking of example `number`: its own passages, or those from `first` on."""
    start = number * passages if first is None else first
    ranked = (RankedPassage(passage(start + rank, words=words), rank + 1, 1 / (rank + 3)) for rank in range(passages))
    kinds = (Candidate(each, "gold" if each.rank == 1 else "hard", int(each.rank == 1)) for each in ranked)
    return Candidates(f"q{number}", tuple(kinds), missing=("lost.md: a quote",), relevant=2, selections=SELECTIONS)


def trial(number: int, arm: str = "best_first", sample: int = 0, *, passages: int = 4, reasoning: int = 20) -> Trial:
    """A trial that was answered, its context in the order of worst to best."""
    return Trial(
        TrialKey(arm, f"q{number}", sample),
        "answered",
        answer=f"It is {number} [1].",
        reasoning=" ".join(f"thought{(number * 7 + place) % 101}" for place in range(reasoning)),
        context=tuple(f"{number * passages + rank:016x}" for rank in reversed(range(passages))),
        tokens=321,
        usage=Usage(prompt=400, completion=30, reasoning=20),
        timings=Timings(assemble=0.25, first_token=12.5, total=99.125),
        warnings=("the endpoint did not say how it ended",),
        prompt_hash="ab" * 32,
        seed=2**63 + number,
        began=1_700_000_000.25,
    )


def failed(number: int, arm: str = "best_first", sample: int = 0) -> Trial:
    """A trial that failed."""
    return Trial(TrialKey(arm, f"q{number}", sample), "failed", error="connection refused")


def filled(path: Path, examples: int = 3, *, words: int = 6, reasoning: int = 20) -> RunStore:
    """A new run at `path`, open for writing, with all trials of the first two arms."""
    store = create_run(path, manifest(examples))
    for number in range(examples):
        store.add_example(example(number), candidates(number, words=words))
        for arm in ARMS[:2]:
            for sample in range(2):
                store.put(trial(number, arm, sample, reasoning=reasoning))
    return store
