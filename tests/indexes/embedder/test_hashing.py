import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.embedder.hashing import HashingEmbedder


@given(st.lists(st.text(max_size=50), max_size=5))
def test_vectors_have_length_one(texts: list[str]) -> None:
    vectors = HashingEmbedder().encode(texts, kind="document")
    assert vectors.shape == (len(texts), 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_shared_words_bring_texts_near() -> None:
    fox, near, far = HashingEmbedder().encode(["The quick fox", "the QUICK, fox", "stock prices"], kind="query")
    assert fox @ near > 0.5 > fox @ far


def test_vectors_are_equal_in_another_process() -> None:
    code = "from indexes.embedder.hashing import *; print(HashingEmbedder().encode(['a b'], kind='query')[0].nonzero())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other.strip() == str(HashingEmbedder().encode(["a b"], kind="query")[0].nonzero())


def test_a_long_document_is_refused_and_a_long_query_cut_off() -> None:
    embedder = HashingEmbedder(max_tokens=2)
    with pytest.raises(ValueError, match="a document of 3 tokens; the embedder reads 2"):
        embedder.encode(["a b c"], kind="document")
    assert np.array_equal(*embedder.encode(["a b c", "a b"], kind="query"))
