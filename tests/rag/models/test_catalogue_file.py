"""Tests of catalogue files: what ours says, how the user's is read, and what is told about a wrong one."""

import re
from pathlib import Path

import pytest

from indexes.errors import RequestError, UnknownNameError
from rag.models.catalogue import Gguf, Model, Twin, known_model, load_catalogue, models
from rag.sampling import Sampling

FULL = """
[mine]
description = "my own"
reasoning = true
thinks = "own_tag"
hub_id = "me/mine"
base = "me/base"
base_source = "my notes"
twins = [{ name = "mine", kind = "no_think" }, { name = "qwen-7b", kind = "related" }]
context = 4096
memory_gb = 15
licence = "MIT"
sampling = { temperature = 0, max_tokens = 100 }
reasoning_parser = "qwen3"
switch = { enable_thinking = false, mode = "plain" }
gguf = { repo = "me/mine-GGUF", file = "mine.gguf" }
budget = 2000
"""
PLAIN = 'description = "d"\nreasoning = false\nthinks = "never"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models.toml"


@pytest.mark.parametrize(
    ("name", "size", "base"),
    [
        ("r1-qwen-1.5b", "Qwen-1.5B", "Qwen/Qwen2.5-Math-1.5B"),
        ("r1-qwen-7b", "Qwen-7B", "Qwen/Qwen2.5-Math-7B"),
        ("r1-qwen-14b", "Qwen-14B", "Qwen/Qwen2.5-14B"),
        ("r1-qwen-32b", "Qwen-32B", "Qwen/Qwen2.5-32B"),
        ("r1-llama-8b", "Llama-8B", "meta-llama/Llama-3.1-8B"),
        ("r1-llama-70b", "Llama-70B", "meta-llama/Llama-3.3-70B-Instruct"),
    ],
)
def test_the_r1_distillations_are_known(name: str, size: str, base: str) -> None:
    model = models()[name]
    assert (model.hub_id, model.base) == (f"deepseek-ai/DeepSeek-R1-Distill-{size}", base)
    assert (model.sampling.temperature, model.sampling.top_p) == (0.6, 0.95)
    assert (model.reasoning, model.thinks, model.reasoning_parser) == (True, "inside", "deepseek_r1")
    assert model.switch is None


def test_the_closest_twin_of_a_model_that_thinks_is_itself_without_thinking() -> None:
    for model in models().values():
        assert (Twin(model.name, "no_think") in model.twins[:1]) == (model.thinks != "never"), model.name


def test_twins_are_of_the_same_base_only_where_that_is_exactly_the_same() -> None:
    for model in models().values():
        for twin in model.twins:
            if twin.kind != "no_think":
                same = model.base is not None and model.base == models()[twin.name].base
                assert (twin.kind == "same_base") == same, (model.name, twin)


def test_the_instruct_relatives_and_the_r1_distillations_name_each_other() -> None:
    distilled = [model for model in models().values() if model.name.startswith("r1-")]
    for model in distilled:
        assert not any(models()[twin.name].reasoning for twin in model.twins[1:2])
        for twin in model.twins[1:]:
            assert Twin(model.name, twin.kind) in models()[twin.name].twins


def test_the_template_of_a_model_with_a_switch_leaves_the_tag_to_it() -> None:
    switched = {model.name for model in models().values() if model.switch == (("enable_thinking", False),)}
    assert switched >= {"qwen3-0.6b", "qwen3-4b", "smollm3-3b"}
    assert {models()[name].thinks for name in switched} == {"own_tag"}


def test_every_base_has_its_source_and_every_build_a_well_formed_place() -> None:
    for model in models().values():
        assert (model.base is None) == (model.base_source is None), model.name
        for place in (model.hub_id, model.base, model.gguf.repo if model.gguf else None):
            assert place is None or re.fullmatch(r"[\w.-]+/[\w.-]+", place), model.name
        assert model.gguf is None or model.gguf.file.endswith(".gguf")


def test_an_entry_is_read_whole(path: Path) -> None:
    path.write_text(FULL)
    assert load_catalogue(path)["mine"] == Model(
        "mine",
        "my own",
        reasoning=True,
        thinks="own_tag",
        hub_id="me/mine",
        base="me/base",
        base_source="my notes",
        twins=(Twin("mine", "no_think"), Twin("qwen-7b", "related")),
        context=4096,
        memory_gb=15,
        licence="MIT",
        sampling=Sampling(temperature=0, max_tokens=100),
        reasoning_parser="qwen3",
        switch=(("enable_thinking", False), ("mode", "plain")),
        gguf=Gguf("me/mine-GGUF", "mine.gguf"),
        budget=2000,
    )


def test_entries_are_values(path: Path) -> None:
    path.write_text(FULL)
    mine = load_catalogue(path)["mine"]
    assert hash(mine) == hash(load_catalogue(path)["mine"])


def test_own_entries_stand_beside_ours_and_replace_those_of_the_same_name(path: Path) -> None:
    path.write_text(f"[mine]\n{PLAIN}\n[qwen-7b]\n{PLAIN}")
    catalogue = load_catalogue(path)
    assert set(catalogue) == {*models(), "mine"}
    assert catalogue["qwen-7b"].hub_id is None
    assert models()["qwen-7b"].hub_id == "Qwen/Qwen2.5-7B-Instruct"


def test_own_entries_are_found_by_name_and_hub_id(path: Path) -> None:
    path.write_text(FULL)
    catalogue = load_catalogue(path)
    assert known_model("me/mine", catalogue) is known_model("mine", catalogue) is catalogue["mine"]
    assert known_model("mine") is None


def test_without_an_own_file_there_is_ours(path: Path) -> None:
    assert load_catalogue() == load_catalogue(path) == models()


def test_a_byte_order_mark_is_no_key(path: Path) -> None:
    path.write_text(f"[mine]\n{PLAIN}", encoding="utf-8-sig")
    assert "mine" in load_catalogue(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[m]\n{PLAIN}colour = 'red'", r"unknown key 'colour'; .*known: base, .*it stands in entry 'm' of"),
        (f"[m]\n{PLAIN}contxt = 3", r"unknown key 'contxt'; did you mean 'context'\?"),
        (f"[m]\n{PLAIN}sampling = {{ top_k = 20 }}", r"unknown key 'top_k'; .*it stands in sampling in entry 'm'"),
        (f"[m]\n{PLAIN}gguf = {{ url = 'x' }}", r"unknown key 'url'; .*it stands in gguf in entry 'm'"),
        (f"[m]\n{PLAIN}twins = [{{ name = 'x', kind = 'related' }}]", r"unknown twin 'x'; .*it stands in entry 'm'"),
        (f"[m]\n{PLAIN}twins = [{{ name = 'm', kind = 'self' }}]", r"unknown kind of twin 'self'; .*no_think"),
        (f"[m]\n{PLAIN.replace('never', 'insde')}", r"unknown way of thinking 'insde'; did you mean 'inside'\?"),
    ],
)
def test_an_unknown_name_lists_the_known_ones(path: Path, text: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(UnknownNameError, match=said) as error:
        load_catalogue(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[m", r"is not valid TOML: "),
        ("m = 3", r"entry 'm' of .* must be a table, not 3"),
        ("[m]\nreasoning = true\nthinks = 'never'", r"entry 'm' of .* lacks 'description'; add it \(text\)"),
        ("[m]\ndescription = 'd'\nthinks = 'never'", r"lacks 'reasoning'; add it \(true or false\)"),
        (f"[m]\n{PLAIN}hub_id = 3", r"entry 'm' of .*: hub_id must be text, not 3"),
        (f"[m]\n{PLAIN}context = '8k'", r"context must be a whole number, not '8k'"),
        (f"[m]\n{PLAIN}context = true", r"context must be a whole number, not True"),
        (f"[m]\n{PLAIN}context = -1", r"entry 'm' of .*: context must be above 0, not -1"),
        (f"[m]\n{PLAIN}budget = 0", r"budget must be above 0, not 0"),
        (f"[m]\n{PLAIN}memory_gb = nan", r"memory_gb must be above 0, not nan"),
        (f"[m]\n{PLAIN}memory_gb = inf", r"memory_gb must be above 0, not inf"),
        (f"[m]\n{PLAIN}twins = 'm'", r"twins must be a list, not 'm'"),
        (f"[m]\n{PLAIN}twins = ['m']", r"a twin in entry 'm' of .* must be a table, not 'm'"),
        (f"[m]\n{PLAIN}twins = [{{ name = 'm' }}]", r"a twin in entry 'm' of .* lacks 'kind'; add it"),
        (f"[m]\n{PLAIN}twins = [{{ name = 'm', kind = 'related' }}]", r"'no_think' is the entry itself and no other"),
        (f"[m]\n{PLAIN}twins = [{{ name = 'qwen-7b', kind = 'no_think' }}]", r"but 'qwen-7b' is of kind 'no_think'"),
        (f"[m]\n{PLAIN}gguf = {{ repo = 'a/b' }}", r"gguf in entry 'm' of .* lacks 'file'"),
        (f"[m]\n{PLAIN}sampling = {{ temperature = 3 }}", r"sampling in entry 'm' of .*: temperature must be between"),
        (f"[m]\n{PLAIN}sampling = {{ top_p = 'high' }}", r"sampling in entry 'm' .*: top_p must be a number"),
        (
            f"[m]\n{PLAIN}switch = {{ enable_thinking = [] }}",
            r"switch in entry 'm' .*enable_thinking must be true, fal",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_file_and_entry(path: Path, text: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(RequestError, match=said) as error:
        load_catalogue(path)
    assert str(path) in str(error.value)


def test_a_file_that_is_not_utf8_is_told(path: Path) -> None:
    path.write_bytes(b"[m]\ndescription = '\xff'")
    with pytest.raises(RequestError, match=r"is not UTF-8; save it as UTF-8"):
        load_catalogue(path)


def test_a_file_that_cannot_be_read_is_told(path: Path) -> None:
    path.mkdir()
    with pytest.raises(RequestError, match="cannot read the model catalogue"):
        load_catalogue(path)
