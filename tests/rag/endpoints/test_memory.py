"""Tests of what is kept of endpoints between commands; when it is used is tested with the probes."""

from pathlib import Path

from rag.endpoints.endpoint import Endpoint
from rag.endpoints.memory import recall, remember

ONE, OTHER = Endpoint("http://one.test/v1"), Endpoint("http://other.test/v1")
FACTS = {"dialect": "vllm", "budget_field": True, "context": None}


def test_facts_come_back_for_the_same_model_server_and_start_alone(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "when needed"
    remember(folder, ONE, "m", "vllm 1", "10", FACTS)
    assert recall(folder, ONE, "m", "vllm 1", "10") == FACTS
    assert recall(folder, ONE, "m", "vllm 1", "11") == {}
    assert recall(folder, ONE, "m", "vllm 2", "10") == {}
    assert recall(folder, ONE, "m", None, None) == {}
    assert recall(folder, ONE, "other", "vllm 1", "10") == {}
    assert recall(folder, OTHER, "m", "vllm 1", "10") == {}


def test_what_is_written_again_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    remember(tmp_path, ONE, "m", None, None, FACTS)
    remember(tmp_path, ONE, "m", None, None, {})
    assert recall(tmp_path, ONE, "m", None, None) == {}
    assert len(list(tmp_path.iterdir())) == 1


def test_any_name_of_a_model_gives_a_file_of_its_own_in_the_folder(tmp_path: Path) -> None:
    names = ["../up", "a/b", "a b", "\x00", "ü" * 300, ""]
    for name in names:
        remember(tmp_path, ONE, name, None, "now", {"context": 1 + names.index(name)})
    assert [recall(tmp_path, ONE, name, None, "now")["context"] for name in names] == [1, 2, 3, 4, 5, 6]
    assert len(list(tmp_path.iterdir())) == len(names)


def test_what_no_probe_could_have_found_is_found_out_again(tmp_path: Path) -> None:
    damaged = {"context": "abc", "dialect": "esperanto", "thinks": 3, "cached": None, "constraint": "x", "odd": True}
    remember(tmp_path, ONE, "m", "vllm 1", "now", {**damaged, "samples": True})
    assert recall(tmp_path, ONE, "m", "vllm 1", "now") == {"samples": True}


def test_a_server_of_ones_own_that_tells_no_start_may_have_another_model_by_now(tmp_path: Path) -> None:
    facts = {"dialect": "llama.cpp", "thinks": "inside", "context": 2048, "constraint": "grammar", "separates": False}
    remember(tmp_path, ONE, "m", None, None, facts)
    assert recall(tmp_path, ONE, "m", None, None) == {"dialect": "llama.cpp", "constraint": "grammar"}
    remember(tmp_path, ONE, "m", "vllm 1", "now", facts)
    assert recall(tmp_path, ONE, "m", "vllm 1", "now") == facts
