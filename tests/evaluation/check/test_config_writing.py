"""A check that is written reads back equal, and its comments tell the truth."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.check.config import AnswerChoice, CheckConfig, Gate, retrieval_gate
from evaluation.check.config_file import read_config
from evaluation.check.config_writing import written_config
from indexes.errors import RequestError
from indexes.extract import RecordFields
from indexes.recipe import Recipe
from rag.opening import ModelChoice

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NAMES = st.from_regex(r"[a-z][a-z0-9/ \"'\\\t]{0,8}", fullmatch=True).filter(lambda name: not name.endswith(".gguf"))
COUNTS = st.integers(1, 50)
MARGINS = st.floats(0, 1, exclude_max=True)
FIELDS = st.lists(WORDS, min_size=1, max_size=3).map(tuple)
FILES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..", "ragcheck.toml")
)


def usual(folder: Path) -> CheckConfig:
    return CheckConfig(
        path=folder / "ragcheck.toml",
        questions=folder / "questions.jsonl",
        baseline=folder / "ragcheck.baseline.jsonl",
        roots=(folder / "docs",),
        retrieval=retrieval_gate(10),
    )


def again(config: CheckConfig) -> CheckConfig:
    """The check read from its file, beside which there is all that it names."""
    return read_again(config, written_config(config))


def read_again(config: CheckConfig, text: str) -> CheckConfig:
    for path in (config.questions, *config.roots):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    config.path.write_text(text, encoding="utf-8")
    return read_config(config.path)


@pytest.mark.parametrize("answers", [None, AnswerChoice(ModelChoice("extractive"))])
def test_defaults_are_comments_and_taking_them_out_changes_nothing(
    tmp_path: Path, answers: AnswerChoice | None
) -> None:
    config = replace(usual(tmp_path), answers=answers)
    text = written_config(config)
    said = [line.partition("  #")[0].rstrip() for line in text.splitlines() if line and not line.startswith("#")]
    assert said == [
        'questions = "questions.jsonl"',
        "[index]",
        'roots = ["docs"]',
        "[retrieval]",
        "[context]",
        *(["[answers]", 'model = "extractive"'] if answers else []),
    ]
    uncommented = re.sub(r"^# (?=\w+ = |\[answers\]$)", "", text, flags=re.MULTILINE)
    assert uncommented.count("\n#") < text.count("\n#") - 12
    assert read_again(config, uncommented) == replace(config, answers=AnswerChoice(ModelChoice("extractive")))


def test_every_key_is_named_in_the_file(tmp_path: Path) -> None:
    text = written_config(usual(tmp_path))
    keys = re.findall(r"^(?:# )?(\w+)(?: = |: )", text, flags=re.MULTILINE)
    assert keys == [
        *("questions", "baseline", "roots", "embedder", "passage_tokens", "factory"),
        *("mode", "reranker", "retrieve", "gate", "metrics", "margin", "passages", "tokens", "placement"),
        *("model", "base_url", "timeout", "temperature", "top_p", "max_tokens", "think_budget"),
        *("gate", "metrics", "margin", "repeats"),
    ]


def test_the_key_of_an_endpoint_is_not_written(tmp_path: Path) -> None:
    choice = ModelChoice("m", "http://127.0.0.1:1/v1", "secret")
    text = written_config(replace(usual(tmp_path), answers=AnswerChoice(choice)))
    assert "secret" not in text
    assert 'base_url = "http://127.0.0.1:1/v1"' in text


def test_paths_are_written_as_seen_from_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    config = replace(
        usual(folder),
        roots=(tmp_path / "docs", folder / "~notes", Path("/usr")),
        recipe=Recipe(str(folder / "minilm")),
        answers=AnswerChoice(ModelChoice(str(tmp_path / "small.gguf"))),
    )
    text = written_config(config)
    assert 'roots = ["../docs", "./~notes", "/usr"]' in text
    assert 'embedder = "./minilm"' in text
    assert 'model = "../small.gguf"' in text
    (tmp_path / "docs").mkdir()
    (folder / "~notes").mkdir()
    (folder / "questions.jsonl").touch()
    config.path.write_text(text, encoding="utf-8")
    assert read_config(config.path) == config


def test_the_folder_of_the_file_is_written_as_a_dot(tmp_path: Path) -> None:
    config = replace(usual(tmp_path), roots=(tmp_path,))
    assert 'roots = ["."]' in written_config(config)
    assert again(config) == config


def test_a_path_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"only what is UTF-8, found .*roots.*caf\\udce9"):
        written_config(replace(usual(tmp_path), roots=(tmp_path / "caf\udce9",)))


@given(st.data())
def test_whatever_it_holds_it_reads_back_equal(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("check")
    questions, baseline, *roots = data.draw(st.lists(FILES, min_size=3, max_size=4, unique_by=str.casefold))
    gates = st.sampled_from([retrieval_gate(7), Gate(("mrr@7",), ("ndcg@7",), 0.0), Gate((), (), 0.5)])
    gate = replace(data.draw(gates), margin=data.draw(MARGINS))
    models = NAMES | st.just(str(folder / 'a "b".gguf')) | st.just(str(folder.parent / "~m"))
    answers = data.draw(
        st.none()
        | st.builds(
            AnswerChoice,
            st.builds(
                ModelChoice,
                models,
                timeout=st.floats(1e-9, 1e9),
                temperature=st.none() | st.floats(0, 2),
                top_p=st.none() | st.floats(1e-9, 1),
                max_tokens=st.none() | st.integers(100, 5000),
                think_budget=st.none() | st.integers(0, 99),
            )
            | st.builds(ModelChoice, st.none() | WORDS, st.just("https://example.org/v1")),
            st.builds(
                Gate,
                st.just(("sub_span",)) | st.just(("token_f1", "refusal_correct")),
                st.just(()) | st.just(("answer_tokens",)),
                MARGINS,
            ),
            COUNTS,
        )
    )
    config = CheckConfig(
        path=folder / "ragcheck.toml",
        questions=folder / questions,
        baseline=folder / baseline,
        roots=tuple(folder / "sub" / root for root in roots),
        retrieval=gate,
        recipe=data.draw(
            st.builds(
                Recipe,
                st.none() | NAMES | st.just(str(folder / "m")),
                st.none() | WORDS,
                st.none() | st.builds(RecordFields, FIELDS, FIELDS | st.just(()), FIELDS),
                st.none() | COUNTS,
            )
        ),
        mode=data.draw(st.sampled_from(["hybrid", "dense", "lexical"])),
        reranker=data.draw(st.none() | NAMES),
        retrieve=data.draw(COUNTS),
        passages=7,
        tokens=data.draw(st.none() | COUNTS),
        placement=data.draw(st.sampled_from(["edges", "best_first", "shuffled(seed=3)"])),
        answers=answers,
    )
    assert again(config) == config
