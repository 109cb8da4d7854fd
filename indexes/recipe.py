"""The recipe of an index: what the user asks for, settled against how the index was built."""

from dataclasses import dataclass

from indexes.cutting import Cutting
from indexes.embedder.source import DEFAULT_EMBEDDER, canonical_name
from indexes.errors import IndexMismatchError
from indexes.extract import RecordFields
from indexes.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an index is to be built; None: as it was, or the default for a new one.

    Attributes:
        embedder: name of the model.
        factory: FAISS factory string; the default goes by size.
        fields: which fields of JSON records are text, title and id.
        passage_tokens: most tokens of a passage; the default goes by the embedder.
    """

    embedder: str | None = None
    factory: str | None = None
    fields: RecordFields | None = None
    passage_tokens: int | None = None


AS_BEFORE = Recipe()
"""Asks for nothing: the defaults for a new index, no change for one that is there."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A recipe without gaps.

    Attributes:
        fingerprint: the embedder must have it; None: any, the index is new.
        factory: as asked for; None: by size.
    """

    embedder: str
    fingerprint: str | None
    factory: str | None
    fields: RecordFields
    cutting: Cutting


def settle(recipe: Recipe, built: Manifest | None) -> Settled:
    """Fills the gaps of `recipe` from how the index was `built` (None: it is new).

    Raises:
        IndexMismatchError: what is asked for needs every passage to be made again.
    """
    if built is None:
        return Settled(
            embedder=canonical_name(recipe.embedder or DEFAULT_EMBEDDER),
            fingerprint=None,
            factory=recipe.factory,
            fields=recipe.fields or RecordFields(),
            cutting=Cutting(recipe.passage_tokens),
        )
    settled = Settled(
        embedder=canonical_name(recipe.embedder or built.embedder.name),
        fingerprint=built.embedder.fingerprint,
        factory=recipe.factory or built.factory_asked,
        fields=recipe.fields or built.fields,
        cutting=Cutting(built.passage_tokens if recipe.passage_tokens is None else recipe.passage_tokens),
    )
    _same(built, "embedder", built.embedder.name, settled.embedder)
    _same(built, "cutting", built.cutting, settled.cutting.spec)
    _same(built, "fields", str(built.fields), str(settled.fields))
    return settled


def _same(built: Manifest, what: str, was: str, asked: str) -> None:
    if was != asked:
        raise IndexMismatchError(
            f"index {built.name!r} was built with {what} {was!r}, asked for is {asked!r}; "
            f"leave that out, or start anew with: rag index --name {built.name} --replace"
        )
