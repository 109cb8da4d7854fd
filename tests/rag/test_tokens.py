"""Tests of token counters."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.tokens import CachedCounter, EstimateCounter, hub_counter


def test_the_estimate_calls_itself_one() -> None:
    assert EstimateCounter().name == "estimate"


@given(st.text(), st.text())
def test_an_estimate_is_at_least_a_token_for_each_word_and_grows_with_the_text(one: str, two: str) -> None:
    together, single = EstimateCounter().count([f"{one} {two}", one])
    assert single >= len(one.split())
    assert together >= single


def test_the_estimate_counts_other_scripts_finer_than_latin() -> None:
    latin, chinese = EstimateCounter().count(["abcdefgh", "天空为什么是蓝色"])
    assert chinese > latin


def test_a_cached_counter_asks_once_for_each_text() -> None:
    asked: list[str] = []

    def count(texts: Sequence[str]) -> list[int]:
        asked.extend(texts)
        return [len(text) for text in texts]

    counter = CachedCounter("letters", count)
    assert counter.name == "letters"
    assert counter.count(["a", "bb", "a"]) == [1, 2, 1]
    assert counter.count(["bb", "ccc"]) == [2, 3]
    assert asked == ["a", "bb", "ccc"]


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, in a folder of our own."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def fetched(cache: Path, name: str) -> None:
    """Puts a tokenizer into the cache, as a download lays it down: words, and a special token before each text."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordLevel({"<s>": 0, "a": 1, "?": 2}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 0)])
    folder = cache / f"models--{name.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots" / "abc").mkdir(parents=True)
    tokenizer.save(str(folder / "snapshots" / "abc" / "tokenizer.json"))


def test_a_tokenizer_that_was_fetched_before_counts_exactly_without_special_tokens(hub_cache: Path) -> None:
    fetched(hub_cache, "maker/model")
    counter = hub_counter("maker/model")
    assert counter is not None
    assert (counter.name, counter.exact) == ("maker/model", True)
    assert counter.count(["a b c", "", "a"]) == [3, 0, 1]


@pytest.mark.parametrize("name", [None, "", "model", "maker/other", "a/b/c", "/models/m", "maker/", "-x/y..z", "a b/c"])
def test_without_one_there_is_no_counter_and_nothing_is_fetched(hub_cache: Path, name: str | None) -> None:
    fetched(hub_cache, "maker/model")
    assert hub_counter(name) is None
