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
        remember(tmp_path, ONE, name, None, None, {"model": name})
    assert [recall(tmp_path, ONE, name, None, None)["model"] for name in names] == names
    assert len(list(tmp_path.iterdir())) == len(names)
