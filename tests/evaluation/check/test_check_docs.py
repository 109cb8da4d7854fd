"""What docs say of the check is so: the fields of its JSON, the keys of its file, the operating characteristics."""

import json
import re
from pathlib import Path
from typing import Any

from evaluation.check.config_file import read_config
from evaluation.check.outputs.contract import contract
from tests.evaluation.check.building_outputs import full_check

DOCS = Path(__file__).parents[3] / "docs"


def fenced(page: str, heading: str, language: str) -> str:
    section = (DOCS / page).read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def test_the_fields_of_the_json_are_the_documented_ones() -> None:
    described: dict[str, Any] = json.loads(fenced("json.md", "rag check run --json", "json"))
    found = contract(full_check(), exit_status=1)
    assert described.keys() - {"schema_version"} == found.keys()
    [stage] = described["stages"]
    assert stage.keys() == found["stages"][0].keys()
    assert stage["metrics"][0].keys() == found["stages"][0]["metrics"][0].keys()
    for name in ("assertions", "missing"):
        assert described[name][0].keys() == found[name][0].keys()


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "guide").mkdir()
    (tmp_path / "questions.jsonl").write_text('{"question": "Why?", "answers": ["so"]}\n')
    path = tmp_path / "ragcheck.toml"
    path.write_text(fenced("checking.md", "The file", "toml"))
    config = read_config(path)
    assert config.passages == 10
    assert config.answers
    assert config.answers.model.model == "extractive"
