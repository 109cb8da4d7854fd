from dataclasses import replace
from pathlib import Path

import pytest

from indexes.errors import RequestError, UnknownNameError
from rag.models.catalogue import models
from rag.serving.target import find_target


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "my-model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


def test_a_short_name_and_its_hub_id_are_served_under_both() -> None:
    target = find_target("r1-qwen-7b", models())
    assert target == find_target("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", models())
    assert target.names == ("r1-qwen-7b", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B")
    assert target.entry == models()["r1-qwen-7b"]
    assert not target.is_folder


def test_a_folder_is_served_under_its_own_name(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = find_target(f"{weights}/", models())
    assert (target.source, target.names, target.entry) == (str(weights), ("my-model",), None)
    assert target.is_folder
    monkeypatch.chdir(weights.parent)
    assert find_target("my-model", models()) == target
    assert find_target("./my-model", models()) == target


def test_a_folder_with_the_name_of_an_entry_is_that_model(weights: Path) -> None:
    folder = weights.rename(weights.with_name("r1-qwen-7b"))
    target = find_target(str(folder), models())
    assert target.entry == models()["r1-qwen-7b"]
    assert target.source == str(folder)


def test_a_hub_id_that_is_in_no_catalogue_is_served_as_it_is() -> None:
    target = find_target("owner/Model-1.5B", models())
    assert (target.source, target.names, target.entry) == ("owner/Model-1.5B", ("owner/Model-1.5B",), None)


@pytest.mark.parametrize("name", ["r1-qwen-7", "a/b c", ""])
def test_a_name_that_means_nothing_lists_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"r1-qwen-7b.*OWNER/NAME"):
        find_target(name, models())


@pytest.mark.parametrize("path", ["./missing", "../a/b", "a/b/c", "/missing", "~/missing", "missing/"])
def test_a_folder_that_is_not_there_is_told(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match=f"there is no folder '{path}'"):
        find_target(path, models())


def test_what_has_no_weights_for_vllm_is_refused_with_what_to_do(tmp_path: Path) -> None:
    mine = replace(models()["r1-qwen-7b"], name="mine", hub_id=None)
    with pytest.raises(RequestError, match="no language model"):
        find_target("extractive", models())
    with pytest.raises(RequestError, match=r"not on the model hub.*\./mine"):
        find_target("mine", {"mine": mine})
    with pytest.raises(RequestError, match=r"config\.json is missing"):
        find_target(str(tmp_path), models())
