"""Exports of a tiny model with random weights and with prompts, made on the spot."""

from pathlib import Path

import numpy as np
import pytest

from indexes.embedder import export as exporting
from indexes.embedder.export import sample_texts
from indexes.embedder.onnx import OnnxEmbedder
from indexes.embedder.open import open_embedder
from indexes.embedder.original import SentenceTransformersEmbedder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model; mean pooling, no normalisation, a prompt for each kind of text."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    letters = "abcdefghijklmnopqrstuvwxyz"
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    words = [*special.values(), "[MASK]", ":", *letters, *(f"##{letter}" for letter in letters)]
    words_by_id = {word: index for index, word in enumerate(words)}
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=BertWordPieceTokenizer(words_by_id)._tokenizer, model_max_length=128, **special
    ).save_pretrained(folder / "bert")
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=128)
    SentenceTransformer(
        modules=[transformer, Pooling(32)],
        device="cpu",
        prompts={"query": "query: ", "passage": "long passage: "},
    ).save(str(folder / "model"))
    return folder / "model"


def test_prompts_are_honoured_as_the_original_does(model: Path, tmp_path: Path) -> None:
    opened = open_embedder(str(model), cache=tmp_path)
    original = SentenceTransformersEmbedder(model, name="tiny", fingerprint="")
    assert isinstance(opened, OnnxEmbedder)
    assert (opened.spec.query_prompt, opened.spec.document_prompt) == ("query: ", "long passage: ")
    assert opened.room() == original.room() == 128 - 2 - opened.count_tokens(["long passage: "])[0]
    texts = ["some words", "a", "rather more words than in the others"]
    assert opened.count_tokens(texts) == original.count_tokens(texts)
    for kind in ("query", "document"):
        vectors = opened.encode(texts, kind=kind)
        assert np.allclose(vectors, original.encode(texts, kind=kind), atol=1e-5)
    assert not np.allclose(opened.encode(texts, kind="query"), opened.encode(texts, kind="document"), atol=1e-3)


def test_a_model_whose_export_differs_runs_as_it_is(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_COSINE", 2.0)
    for _ in range(2):
        opened = open_embedder(str(model), cache=tmp_path)
        assert isinstance(opened, SentenceTransformersEmbedder)
        assert opened.note is not None
        assert "starts slowly: the exported model's vectors differ" in opened.note
        monkeypatch.setattr(exporting, "_write_graph", lambda *_: pytest.fail("exported again"))
    with pytest.raises(ValueError, match="tokens; the embedder reads"):
        opened.encode(["a " * 200], kind="document")


def test_a_fresh_export_leaves_nothing_else_behind(model: Path, tmp_path: Path) -> None:
    opened = open_embedder(str(model), cache=tmp_path)
    assert sorted(path.name for path in (tmp_path / "embedders").iterdir()) == sorted(
        [opened.spec.fingerprint, "fingerprints"]
    )


def test_the_sample_varies_in_length_within_the_limit() -> None:
    texts = sample_texts(limit=254)
    assert len(set(texts)) == 64
    assert len(texts[0].split()) == 1
    assert len(texts[-1].split()) == 50
