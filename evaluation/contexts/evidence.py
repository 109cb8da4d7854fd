"""Finds the evidence of questions in a collection: which passages hold it, and what is nowhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.contexts.pool import Collection
from evaluation.examples import Example, Gold
from indexes.errors import RequestError
from indexes.passages import Passage
from rag.duplicates import near_duplicates
from rag.grounding.citations import comparable


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence.

    Attributes:
        passages: that hold it, in reading order; at least one.
        grade: how relevant it is, above 0.
    """

    passages: tuple[Passage, ...]
    grade: int = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of one question.

    Attributes:
        missing: what is nowhere: "source" or "source: quote".
        everywhere: the whole collection was looked through for all of it.
    """

    pieces: tuple[Piece, ...] = ()
    missing: tuple[str, ...] = ()
    everywhere: bool = False

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All gold passages, each once."""
        return tuple({one.id: one for piece in self.pieces for one in piece.passages}.values())


@dataclass(frozen=True, slots=True)
class Likeness:
    """How passages relate to evidence.

    Attributes:
        grades: of each passage, 0 where it is not gold.
        unmet: the pieces of evidence that none of the passages holds.
    """

    grades: tuple[int, ...]
    unmet: tuple[Piece, ...]


def compare(passages: Sequence[Passage], evidence: Evidence) -> Likeness:
    """Which of `passages` are gold: the same as a gold passage, or nearly so."""
    gold = [(number, passage) for number, piece in enumerate(evidence.pieces) for passage in piece.passages]
    if not gold:
        return Likeness((0,) * len(passages), ())
    twins = near_duplicates([passage.text for _, passage in gold] + [passage.text for passage in passages])
    kinds = [at if twin is None else twin for at, twin in enumerate(twins)]
    best: dict[int, int] = {}
    for (number, _), kind in zip(gold, kinds, strict=False):
        best[kind] = max(best.get(kind, 0), evidence.pieces[number].grade)
    met = set(kinds[len(gold) :])
    holding = {number for (number, _), kind in zip(gold, kinds, strict=False) if kind in met}
    return Likeness(
        grades=tuple(best.get(kind, 0) for kind in kinds[len(gold) :]),
        unmet=tuple(piece for number, piece in enumerate(evidence.pieces) if number not in holding),
    )


def own_evidence(example: Example) -> tuple[Piece, ...]:
    """The gold among the example's own passages, in their order."""
    gold = set(example.gold_ids)
    return tuple(Piece((passage,)) for passage in example.passages if passage.id in gold)


def locate(examples: Iterable[Example], collection: Collection) -> dict[str, Evidence]:
    """The evidence of each example among the passages of the index, which is read once for all of them.

    Own gold passages of an example are found where the collection was made of them; else they stand for themselves.

    Args:
        examples: their `gold` and `gold_ids` are looked for.
        collection: where to look.

    Raises:
        RequestError: a source is ambiguous: several documents have it.
    """
    examples = list(examples)
    gold_of = {example.id: _own_sources(example, collection) for example in examples}
    wanted = {source for sources in gold_of.values() for source in sources.values() if source}
    wanted |= {source for example in examples for gold in example.gold for source in collection.sources(gold.source)}
    documents = _Documents(collection, wanted) if wanted else None
    return {example.id: _evidence(example, gold_of[example.id], documents, collection) for example in examples}


class _Documents:
    """The passages of the wanted documents, by source, with what comparing quotes needs."""

    def __init__(self, collection: Collection, wanted: set[str]) -> None:
        self._collection = collection
        self._passages: dict[str, list[Passage]] = {}
        self._records: dict[str, list[str]] = {}
        self._compared: dict[str, list[str]] = {}
        self._roots: dict[str, list[str]] = {}
        for passage in collection.index.all_passages():
            source, file = passage.source, passage.source.partition("#")[0]
            if source in wanted:
                self._passages.setdefault(source, []).append(passage)
            elif file in wanted:
                self._records.setdefault(file, []).append(source)

    def of(self, source: str) -> tuple[Passage, ...]:
        """The passages of a document of the index, as cut."""
        return tuple(self._collection.cut(passage) for passage in self._passages.get(source, ()))

    def holding(self, source: str, quote: str) -> tuple[Passage, ...]:
        """Those of them that contain `quote`."""
        passages = self.of(source)
        if source not in self._compared:
            self._compared[source] = [_comparable(passage.text) for passage in passages]
        sought = _comparable(quote)
        return tuple(
            one for one, text in zip(passages, self._compared[source], strict=True) if sought and sought in text
        )

    def check(self, example: Example, source: str) -> None:
        """Raises RequestError where `source` names several documents."""
        index = self._collection.index
        if source not in self._passages and source in self._records:
            records = list(dict.fromkeys(self._records[source]))
            raise RequestError(
                f"the gold source {source!r} of question {example.id!r} is ambiguous: that file holds "
                f"{len(records)} documents in the index {index.manifest.name!r}: {_some(records)}; name one of them"
            )
        if source not in self._roots:
            files = (index.file_of(passage) for passage in self._passages.get(source, ()))
            self._roots[source] = list(dict.fromkeys(file.root for file in files))
        if len(roots := self._roots[source]) > 1:
            raise RequestError(
                f"the gold source {source!r} of question {example.id!r} is ambiguous: the index "
                f"{index.manifest.name!r} has it below {_some(roots)}; index these folders apart, or rename a file"
            )


def _own_sources(example: Example, collection: Collection) -> dict[str, str | None]:
    gold = set(example.gold_ids)
    return {passage.id: collection.source_of(passage) for passage in example.passages if passage.id in gold}


def _evidence(
    example: Example, own: Mapping[str, str | None], documents: _Documents | None, collection: Collection
) -> Evidence:
    pieces: list[Piece] = []
    missing: list[str] = []
    everywhere = True
    for piece in own_evidence(example):
        source = own[piece.passages[0].id]
        found = documents.of(source) if documents and source else ()
        pieces.append(Piece(found, piece.grade) if found else piece)
        everywhere = everywhere and bool(found)
    for gold in example.gold:
        found = _found(example, gold, documents, collection)
        if found:
            pieces.append(Piece(found, gold.grade))
        else:
            missing.append(gold.source if gold.quote is None else f"{gold.source}: {gold.quote}")
    return Evidence(tuple(pieces), tuple(missing), everywhere and bool(pieces or missing))


def _found(example: Example, gold: Gold, documents: _Documents | None, collection: Collection) -> tuple[Passage, ...]:
    if documents is None:
        return ()
    sources = collection.sources(gold.source)
    if not collection.originals:
        documents.check(example, gold.source)
    if gold.quote is None:
        return tuple(passage for source in sources for passage in documents.of(source))
    return tuple(passage for source in sources for passage in documents.holding(source, gold.quote))


def _comparable(text: str) -> str:
    """As quotations are compared everywhere, except that case does not count."""
    return comparable(text).casefold()


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:3])
    return f"{shown}, …" if len(names) > 3 else shown
