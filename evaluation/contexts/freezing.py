"""Freezes the candidates of each question: they are ranked once, and all contexts of all arms are taken from them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from evaluation.arms import Length
from evaluation.candidates import Candidate, Candidates, Kind
from evaluation.contexts.distractors import Count, Filled, Need, filled, hard, need_of, random, without_answers
from evaluation.contexts.evidence import Evidence, Piece, compare, locate, own_evidence
from evaluation.contexts.pool import Collection
from evaluation.design.grid import Contexts, Distractors
from evaluation.examples import Dataset, Example
from indexes.errors import RequestError
from indexes.passages import Passage, RankedPassage
from indexes.ranking import Mode, rank
from indexes.reranker import CrossEncoderReranker, Reranker


@dataclass(frozen=True, slots=True)
class Source:
    """Where the candidates of a question come from.

    Attributes:
        contexts: "dataset": its gold passages first, then distractors; "retrieved": what retrieval finds.
        distractors: of contexts of the dataset: its own in its order, the retriever's wrong ones, or those of other
            questions; where the dataset has too few of its own, hard ones follow.
        retrieve: how many passages are ranked, at least.
        mode: of retrieval.
        reranker: a cross-encoder's name; None: no reranking.
        seed: of random distractors.
    """

    contexts: Contexts = "dataset"
    distractors: Distractors = "dataset"
    retrieve: int = 50
    mode: Mode = "hybrid"
    reranker: str | None = None
    seed: int = 0


def freeze(
    dataset: Dataset,
    source: Source,
    *,
    collection: Collection | None,
    lengths: Sequence[Length],
    count: Count,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Iterator[Candidates]:
    """The candidates of each example, in the dataset's order, made one at a time.

    Args:
        dataset: whose examples are asked.
        source: where candidates come from.
        collection: where passages and evidence are found; None: only the dataset's own passages can be used.
        lengths: of all contexts that are to be made; there are candidates for the largest.
        count: the tokens of each text, for lengths in tokens.
        progress: told how many examples are done, and of how many.

    Raises:
        RequestError: at once, where the collection is missing or empty or a gold source is ambiguous; at an example,
            where there are too few passages for it.
    """
    _check(dataset, source, collection)
    need = need_of(lengths, count)
    reranker = CrossEncoderReranker(source.reranker) if source.reranker else None
    examples: Sequence[Example] = dataset.examples
    if source.contexts == "dataset":  # own gold stands for itself: whole, not as the index has cut it
        examples = [replace(example, gold_ids=()) for example in examples]
    evidence = locate(examples, collection) if collection else {}

    def stream() -> Iterator[Candidates]:
        for done, example in enumerate(dataset.examples):
            progress(done, len(dataset.examples))
            if collection and source.contexts == "retrieved":
                depth = max(source.retrieve, need.passages)
                yield _retrieved(example, evidence[example.id], collection, source.mode, reranker, depth)
            else:
                yield _given(example, evidence.get(example.id, Evidence()), collection, source, reranker, need)
        progress(len(dataset.examples), len(dataset.examples))

    return stream()


def _check(dataset: Dataset, source: Source, collection: Collection | None) -> None:
    if collection is None:
        reasons = {
            "passages are to be retrieved": source.contexts == "retrieved",
            f"{source.distractors} distractors come from one": source.distractors != "dataset",
            "its gold names documents": any(example.gold for example in dataset.examples),
        }
        for reason, holds in reasons.items():
            if holds:
                raise RequestError(
                    f"the dataset {dataset.name!r} needs an index, because {reason}; name one by --index"
                )
    elif not collection.index.manifest.passages:
        raise RequestError(
            f"the index {collection.index.manifest.name!r} has no passages; add documents by: rag index PATH"
        )


def _retrieved(
    example: Example, evidence: Evidence, collection: Collection, mode: Mode, reranker: Reranker | None, depth: int
) -> Candidates:
    """What is retrieved; and behind it, apart, a passage of each piece of evidence that is not."""
    ranking = rank(collection.index, example.question, k=depth, mode=mode, reranker=reranker)
    ranked = tuple(replace(one, passage=collection.cut(one.passage)) for one in ranking.passages)
    likeness = compare([one.passage for one in ranked], evidence)
    candidates = [
        Candidate(one, "gold" if grade else "retrieved", grade)
        for one, grade in zip(ranked, likeness.grades, strict=True)
    ]
    unmet = {piece.passages[0].id: piece for piece in likeness.unmet}.values()
    for number, piece in enumerate(unmet, start=len(ranked) + 1):
        candidates.append(Candidate(RankedPassage(piece.passages[0], number, 0.0), "unretrieved", piece.grade))
    gold = {passage.id for passage in evidence.passages}
    gold |= {candidate.ranked.passage.id for candidate in candidates if candidate.kind == "gold"}
    return Candidates(
        example=example.id,
        candidates=tuple(candidates),
        missing=evidence.missing,
        relevant=len(gold) if evidence.everywhere else None,
    )


def _given(
    example: Example,
    located: Evidence,
    collection: Collection | None,
    source: Source,
    reranker: Reranker | None,
    need: Need,
) -> Candidates:
    """Gold first, then distractors until they do for the largest context.

    Where the dataset's own passages are all there is, near-duplicates among them make the context shorter, as anywhere.
    """
    pieces = own_evidence(example)
    if collection is not None:
        pieces += tuple(Piece(_whole(piece.passages, collection), piece.grade) for piece in located.pieces)
    evidence = Evidence(pieces, located.missing)
    gold_ids = {passage.id for passage in evidence.passages}
    others = [passage for passage in example.passages if passage.id not in gold_ids]
    start = _each_once((*evidence.passages, *(others if source.distractors == "dataset" else ())))
    kind: Kind = "random" if source.distractors == "random" else "hard"
    more: Iterator[Passage] = iter(())
    if collection and kind == "random":
        more = random(example, collection, seed=source.seed)
    elif collection:
        more = hard(example.question, collection, mode=source.mode, reranker=reranker, depth=source.retrieve)
    found = filled(start, without_answers(more, example.answers or ()), need)
    only_repeated = collection is None and not need.tokens and len(found.passages) >= need.passages
    if need.lacking(found.different) and not only_repeated:
        raise RequestError(_too_few(example, found, collection, need))
    passages = found.passages
    likeness = compare(passages, evidence)
    kinds: list[Kind] = ["dataset" if number < len(start) else kind for number in range(len(passages))]
    return Candidates(
        example=example.id,
        candidates=tuple(
            Candidate(RankedPassage(passage, number, 1 / number), "gold" if grade else other, grade)
            for number, (passage, grade, other) in enumerate(
                zip(passages, likeness.grades, kinds, strict=True), start=1
            )
        ),
        missing=evidence.missing,
    )


def _whole(passages: Sequence[Passage], collection: Collection) -> tuple[Passage, ...]:
    """The dataset's own passages that these are parts of, where the collection was made of them."""
    return _each_once([collection.whole(passage) for passage in passages])


def _each_once(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    return tuple({passage.id: passage for passage in passages}.values())


def _too_few(example: Example, found: Filled, collection: Collection | None, need: Need) -> str:
    where = "come with it" if collection is None else "are there, those of the whole collection included"
    tokens = f" of {need.tokens_of(found.different)} tokens" if need.tokens else ""
    return (
        f"question {example.id!r} needs {need}, but only {len(found.different)} different passages{tokens} {where}; "
        "ask for shorter contexts, or give more documents"
    )
