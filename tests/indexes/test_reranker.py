from pathlib import Path

import pytest

from indexes.index import Index
from indexes.ranking import rank
from indexes.reranker import CrossEncoderReranker


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real cross-encoder, tiny and untrained: random weights over a vocabulary of letters."""
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("cross-encoder")
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = BertWordPieceTokenizer({word: number for number, word in enumerate(words)})
    tokenizer.save(str(folder / "tokenizer.json"))
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]", unk_token="[UNK]", model_max_length=64
    ).save_pretrained(folder)
    settings = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    settings.num_labels = 1
    BertForSequenceClassification(settings).save_pretrained(folder)
    return folder


@pytest.mark.slow
def test_cross_encoder_gives_a_score_for_each_text_and_orders_by_it(
    cross_encoder: Path, folder: Path, cache: Path
) -> None:
    reranker = CrossEncoderReranker(str(cross_encoder))
    texts = ["ravens are black", "owls hunt at night", "the capital"]
    scores = reranker.score("birds", texts)
    assert len(scores) == 3
    assert reranker.score("birds", texts[::-1]) == pytest.approx(scores[::-1], abs=1e-5)
    with Index(folder, cache=cache) as index:
        ranking = rank(index, "capital", reranker=reranker)
    assert ranking.reranker == str(cross_encoder)
    ranked = [ranked.score for ranked in ranking.passages]
    assert ranked == sorted(ranked, reverse=True)


def test_no_texts_load_no_model() -> None:
    assert CrossEncoderReranker("no/such-model").score("birds", []) == []
