import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes.cutting import Cutting, cut
from indexes.documents import Document
from indexes.embedder.protocol import Embedder

TEXTS = ["Water boils.", "", "A much longer text about the boiling of water. " * 20, "ÉTÉ 🎉 世界"]


def test_vectors_have_length_one_whatever_stands_beside_them(minilm: Embedder) -> None:
    together = minilm.encode(TEXTS, kind="document")
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.allclose(minilm.encode([text], kind="document")[0], vector, atol=1e-5)


def test_many_texts_keep_their_order(minilm: Embedder) -> None:
    texts = [f"{'word ' * (number * 7 % 11)} number {number}" for number in range(70)]
    done: list[int] = []
    vectors = minilm.encode(texts, kind="document", progress=done.append)
    assert done == sorted(set(done))
    assert done[-1] == 70
    assert np.allclose(vectors[[3, 69]], minilm.encode([texts[3], texts[69]], kind="document"), atol=1e-5)


def test_no_texts_give_no_vectors(minilm: Embedder) -> None:
    assert minilm.encode([], kind="document").shape == (0, 384)
    assert minilm.count_tokens([]) == []


def test_tokens_are_counted_without_special_ones_and_without_limit(minilm: Embedder) -> None:
    assert minilm.count_tokens(["", "water is", "water " * 1_000]) == [0, 2, 1_000]
    assert minilm.room() == 254


def test_a_document_is_never_cut_off(minilm: Embedder) -> None:
    assert minilm.encode(["water " * 254], kind="document").shape == (1, 384)
    with pytest.raises(ValueError, match="a document of 257 tokens; the embedder reads 256"):
        minilm.encode(["water " * 255], kind="document")


def test_a_long_query_is_cut_off(minilm: Embedder) -> None:
    long, whole = minilm.encode(["water " * 900, "water " * 254], kind="query")
    assert np.allclose(long, whole, atol=1e-5)


PARTS = st.sampled_from(
    ["", "A sentence. And another!", "第三句。", "é🎉 ", "\u200b", "x" * 3_000, "word " * 300, "-- " * 90]
)


@settings(max_examples=40)
@given(
    parts=st.lists(PARTS, max_size=8), title=st.sampled_from(["", "Title", "title " * 100]), limit=st.integers(16, 254)
)
def test_passages_are_never_longer_than_the_model_reads(
    minilm: Embedder, parts: list[str], title: str, limit: int
) -> None:
    document = Document("a.txt", "\n".join(parts) + "\n", title)
    cuts = cut(document, minilm, Cutting(limit))
    assert max(minilm.count_tokens([piece.embedded for piece in cuts]), default=0) <= limit
    behind = 0
    for piece in cuts:
        assert not document.text[behind : piece.start].strip()
        assert piece.embedded == piece.lead + document.text[piece.start : piece.end]
        behind = piece.end
    assert not document.text[behind:].strip()
