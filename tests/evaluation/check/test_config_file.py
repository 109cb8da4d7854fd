"""ragcheck.toml: what it means, and what is said of each mistake before anything loads."""

from pathlib import Path

import pytest

from evaluation.check.config import AnswerChoice, CheckConfig, Gate, retrieval_gate
from evaluation.check.config_file import read_config
from indexes.errors import RequestError, UnknownNameError
from indexes.extract import RecordFields
from indexes.recipe import Recipe
from rag.opening import ModelChoice

LEAST = 'questions = "questions.jsonl"\n'
INDEX = '[index]\nroots = ["docs"]\n'
ANSWERS = '[answers]\nmodel = "extractive"\n'

WHOLE = """
questions = "questions.jsonl"
baseline = "checks/baseline.jsonl"
[index]
roots = ["docs", "README.md"]
embedder = "hashing"
factory = "Flat"
passage_tokens = 200
[index.fields]
text = ["abstract"]
title = []
[retrieval]
mode = "lexical"
reranker = "cross-encoder/small"
retrieve = 30
gate = ["recall@5", "mrr@30"]
metrics = [" ndcg@5 "]
margin = 0
[context]
passages = 5
tokens = 2000
placement = "shuffled"
[answers]
model = "r1-qwen-7b"
base_url = "http://127.0.0.1:8000/v1"
timeout = 60
temperature = 0
top_p = 0.9
max_tokens = 1024
think_budget = 0
gate = ["token_f1"]
metrics = ["citation_precision", "answer_tokens"]
margin = 0.1
repeats = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").touch()
    (tmp_path / "questions.jsonl").touch()
    return tmp_path


def read(folder: Path, text: str) -> CheckConfig:
    path = folder / "ragcheck.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def test_what_is_left_out_has_the_defaults_of_the_values(folder: Path) -> None:
    assert read(folder, LEAST + INDEX) == CheckConfig(
        path=folder / "ragcheck.toml",
        questions=folder / "questions.jsonl",
        baseline=folder / "ragcheck.baseline.jsonl",
        roots=(folder / "docs",),
        retrieval=retrieval_gate(10),
    )
    assert read(folder, LEAST + INDEX + ANSWERS).answers == AnswerChoice(ModelChoice("extractive"))


def test_every_key_has_its_place(folder: Path) -> None:
    assert read(folder, WHOLE) == CheckConfig(
        path=folder / "ragcheck.toml",
        questions=folder / "questions.jsonl",
        baseline=folder / "checks" / "baseline.jsonl",
        roots=(folder / "docs", folder / "README.md"),
        recipe=Recipe("hashing", "Flat", RecordFields(("abstract",), (), ("_id", "id")), 200),
        mode="lexical",
        reranker="cross-encoder/small",
        retrieve=30,
        retrieval=Gate(("recall@5", "mrr@30"), ("ndcg@5",), 0.0),
        passages=5,
        tokens=2000,
        placement="shuffled(seed=0)",
        answers=AnswerChoice(
            ModelChoice(
                "r1-qwen-7b",
                "http://127.0.0.1:8000/v1",
                timeout=60.0,
                temperature=0.0,
                top_p=0.9,
                max_tokens=1024,
                think_budget=0,
            ),
            Gate(("token_f1",), ("citation_precision", "answer_tokens"), 0.1),
            repeats=1,
        ),
    )


def test_what_is_measured_of_rankings_goes_by_what_the_model_reads(folder: Path) -> None:
    found = read(folder, LEAST + INDEX + "[context]\npassages = 60")
    assert found.retrieval == Gate(("recall@60",), ("ndcg@60", "mrr@60"), 0.02)


def test_a_metric_that_decides_is_not_told_again(folder: Path) -> None:
    found = read(folder, LEAST + INDEX + '[retrieval]\ngate = ["mrr@10"]')
    assert found.retrieval == Gate(("mrr@10",), ("ndcg@10",), 0.02)


def test_nothing_need_decide(folder: Path) -> None:
    text = LEAST + INDEX + ANSWERS + 'gate = []\nmetrics = ["sub_span"]\n[retrieval]\ngate = []'
    found = read(folder, text)
    assert found.retrieval.gate == ()
    assert found.answers is not None
    assert found.answers.gate == Gate((), ("sub_span",), 0.05)


def test_paths_are_relative_to_the_file_wherever_it_is_read_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "team").mkdir()
    path = folder / "team" / "mine.toml"
    path.write_text(
        'questions = "../questions.jsonl"\nbaseline = "b.jsonl"\n[index]\nroots = ["../README.md", "../docs/"]\n'
    )
    monkeypatch.chdir(folder)
    found = read_config(Path("team/mine.toml"))
    assert found.path == path
    assert (found.questions, found.baseline) == (folder / "questions.jsonl", folder / "team" / "b.jsonl")
    assert found.roots == (folder / "README.md", folder / "docs")


def test_a_tilde_is_the_home_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = folder / "home"
    (home / "notes").mkdir(parents=True)
    (home / "q.jsonl").touch()
    monkeypatch.setenv("HOME", str(home))
    found = read(
        folder, 'questions = "~/q.jsonl"\nbaseline = "~/b.jsonl"\n[index]\nroots = ["~/notes"]\nembedder = "~/m"'
    )
    assert (found.questions, found.baseline, found.roots) == (home / "q.jsonl", home / "b.jsonl", (home / "notes",))
    assert found.recipe.embedder == str(home / "m")


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ('model = "weights/small.gguf"', "{}/weights/small.gguf"),
        ('model = "./small"', "{}/small"),
        ('model = "/srv/small.gguf"', "/srv/small.gguf"),
        ('model = "owner/small"', "owner/small"),
        ('model = "./small.gguf"\nbase_url = "http://127.0.0.1:1/v1"', "./small.gguf"),
        ('base_url = "http://127.0.0.1:1/v1"', None),
    ],
)
def test_a_model_is_a_path_only_where_it_looks_like_one_and_runs_here(
    folder: Path, text: str, model: str | None
) -> None:
    answers = read(folder, LEAST + INDEX + "[answers]\n" + text).answers
    assert answers is not None
    assert answers.model.model == (model and model.format(folder))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("question = 1", r"unknown key 'question'; did you mean 'questions'\?.*top level of '.*ragcheck.toml'"),
        ('roots = ["docs"]', r"unknown key 'roots'.*top level.*say it under \[index\]"),
        (INDEX + "embeder = 'x'", r"unknown key 'embeder'; did you mean 'embedder'\?.*\[index\] of"),
        (INDEX + "fields.texts = ['x']", r"unknown key 'texts'; did you mean 'text'\?.*\[index.fields\] of"),
        (INDEX + "[retrieval]\npassages = 5", r"unknown key 'passages'.*\[retrieval\].*say it under \[context\]"),
        (INDEX + "[context]\nbudget = 5", r"unknown key 'budget'; known: passages, placement, tokens"),
        (INDEX + ANSWERS + "api_key = 'secret'", r"unknown key 'api_key'.*\[answers\].*set RAG_API_KEY"),
        (INDEX + ANSWERS + "seed = 3", r"unknown key 'seed'.*each repeat has a seed of its own"),
        (INDEX + "[retrieval]\nmode = 'hybird'", r"unknown retrieval.mode 'hybird'; did you mean 'hybrid'\?"),
        (INDEX + "[context]\nplacement = 'edgse'", r"toml': context.placement: unknown placement 'edgse'; did you"),
        (INDEX + "[context]\nplacement = 'gold_at(position=1)'", r"context.placement: unknown placement 'gold_at'"),
        (INDEX + "[retrieval]\ngate = ['recal@5']", r"gate\[0\]: unknown metric 'recal'; did you mean 'recall'"),
        (INDEX + ANSWERS + "metrics = ['f1']", r"answers.metrics\[0\]: unknown metric 'f1'"),
    ],
)  # fmt: skip
def test_unknown_names_are_listed_with_the_known_ones(folder: Path, text: str, says: str) -> None:
    with pytest.raises(UnknownNameError, match=says) as caught:
        read(folder, LEAST + text)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (INDEX, 'questions is missing; name the file with them: questions = "questions.jsonl"'),
        (LEAST, r'index.roots names no documents; name files or folders: roots = \["docs"\]'),
        (LEAST + "[index]\nroots = []", "index.roots names no documents"),
        (LEAST + "[index]\nroots = 'docs'", r"index.roots must be a list in \[ \], found 'docs'"),
        (LEAST + "[index]\nroots = [1]", r"index.roots\[0\] must be text in quotes, found 1"),
        ("questions = ''\n" + INDEX, "questions must not be empty, found ''"),
        ("index = 3", "index must be a table, found 3"),
        (LEAST + "[[index]]\nroots = []", "index must be a table, found "),
        (LEAST + INDEX + "passage_tokens = 0", "index.passage_tokens must be greater than or equal to 1, found 0"),
        (LEAST + INDEX + "fields.text = []", r"index.fields.text must not be empty, found \[\]"),
        (LEAST + INDEX + "[retrieval]\nretrieve = '50'", "retrieval.retrieve must be a whole number, found '50'"),
        (LEAST + INDEX + "[retrieval]\nretrieve = 2020-01-01", "retrieval.retrieve must be a whole number, found date"),
        (LEAST + INDEX + "[context]\npassages = true", "context.passages must be a whole number, found True"),
        (LEAST + INDEX + "[context]\ntokens = 0", "context.tokens must be greater than or equal to 1, found 0"),
        (LEAST + INDEX + ANSWERS + "repeats = 0", "answers.repeats must be greater than or equal to 1, found 0"),
        (LEAST + INDEX + ANSWERS + "timeout = 0", "answers.timeout must be greater than 0, found 0"),
        (LEAST + INDEX + ANSWERS + "temperature = 3", "answers.temperature must be less than or equal to 2, found 3"),
        (LEAST + INDEX + ANSWERS + "top_p = 0", "answers.top_p must be greater than 0, found 0"),
        (LEAST + INDEX + ANSWERS + "think_budget = -1", "answers.think_budget must be greater than or equal to 0"),
        (LEAST + INDEX + ANSWERS + "base_url = 'x'", "answers.base_url must look like 'http://127.0.0.1:8000/v1'"),
        (LEAST + INDEX + "[answers]", r'answers.model is missing; name one, such as model = "extractive", or'),
        ("questions = ", "ragcheck.toml' is not valid TOML: Invalid value"),
        ("[" * 20000, "is not valid TOML"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_are_refused_by_file_and_key(folder: Path, text: str, says: str) -> None:
    with pytest.raises(RequestError, match=says) as caught:
        read(folder, text)
    assert "ragcheck.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("table", ["[retrieval]\n", ANSWERS])
@pytest.mark.parametrize(
    ("margin", "says"),
    [
        ("-0.1", "margin must be 0 or more, found -0.1$"),
        ("-inf", "margin must be 0 or more, found -inf$"),
        ("nan", "margin must be 0 or more, found nan$"),
        ("5", "margin must be below 1, a fraction: 0.05 for 5 points, found 5"),
        ("2.5", "margin must be below 1, a fraction: 0.025 for 2.5 points, found 2.5"),
        ("1", "margin must be below 1, a fraction: 0.01 for 1 points?, found 1"),
        ("inf", "margin must be below 1, a fraction, found inf"),
        ("'5 %'", "margin must be a number, found '5 %'"),
        ("true", "margin must be a number, found True"),
    ],
)
def test_a_margin_is_a_fraction_from_0(folder: Path, table: str, margin: str, says: str) -> None:
    with pytest.raises(RequestError, match=rf"'.*ragcheck\.toml': (retrieval|answers)\.{says}"):
        read(folder, LEAST + INDEX + table + f"margin = {margin}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[retrieval]\ngate = ['sub_span']", r"'sub_span' does not look at the ranking alone; take recall@K"),
        ("[retrieval]\nmetrics = ['gold_in_context']", "'gold_in_context' does not look at the ranking alone"),
        ("[retrieval]\ngate = ['recall']", r"retrieval.gate\[0\]: metric 'recall' needs a cutoff"),
        ("[retrieval]\ngate = ['recall@5', 'recall@5']", "retrieval: 'recall@5' stands twice"),
        ("[retrieval]\ngate = ['recall@5']\nmetrics = ['recall@5']", "retrieval: 'recall@5' stands twice"),
        ("[retrieval]\nmetrics = ['recall@10']", "retrieval: 'recall@10' stands twice"),
        ("[retrieval]\ngate = ['recall@51']", "'recall@51' looks at 51 passages, but retrieve ranks 50"),
        (ANSWERS + "gate = ['recall@5']", r"answers: 'recall@5' looks at the ranking alone, .*under \[retrieval\]"),
        (ANSWERS + "gate = ['answer_tokens']", r"answers.gate\[0\]: 'answer_tokens' is counted in tokens, .*metrics"),
        (ANSWERS + "gate = ['citation_precision']", r"answers.gate\[0\]: .* nothing is cited, .*take citation_recall"),
        (ANSWERS + "metrics = ['sub_span']", "answers: 'sub_span' stands twice"),
        (ANSWERS + "gate = []", "answers: gate and metrics are both empty"),
        (ANSWERS + "think_budget = 512\nmax_tokens = 512", "512 tokens of thinking leave none of the 512 of"),
        (ANSWERS + "base_url = 'http://me:secret@example.org/v1'", "base_url must hold no user name and password"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(folder: Path, text: str, says: str) -> None:
    with pytest.raises(RequestError, match=says) as caught:
        read(folder, LEAST + INDEX + text)
    assert "ragcheck.toml" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('questions = "gone.jsonl"\n' + INDEX, "questions: there is no 'gone.jsonl'; paths are relative to the folder"),
        (LEAST + '[index]\nroots = ["docs", "gone"]', r"index.roots\[1\]: there is no 'gone'; paths .*/gone'$"),
        (LEAST + '[index]\nroots = ["a\\u0000b"]', r"index.roots\[0\]: there is no 'a\\x00b'"),
        (LEAST + f'[index]\nroots = ["{"x" * 999}"]', r"roots\[0\]: 'x+' cannot be looked for: File name too long"),
        (LEAST + '[index]\nroots = ["~no such user/x"]', r"index.roots\[0\]: '~no such user/x' has no home folder"),
        (LEAST + '[index]\nroots = ["docs", "."]', r"index.roots\[0\]: '.*/docs' lies inside '.*', so its files"),
        ('baseline = "docs"\n' + LEAST + INDEX, "baseline must be a file, found the folder 'docs'"),
        ('baseline = "questions.jsonl"\n' + LEAST + INDEX, "baseline: 'questions.jsonl' is the file of questions"),
        ('baseline = "docs/../ragcheck.toml"\n' + LEAST + INDEX, "baseline: .* is the check itself"),
        (f'baseline = "{"x" * 999}"\n' + LEAST + INDEX, "baseline: 'x+' cannot be looked for: File name too long"),
    ],
)  # fmt: skip
def test_paths_that_cannot_be_are_refused(folder: Path, text: str, says: str) -> None:
    with pytest.raises(RequestError, match=says) as caught:
        read(folder, text)
    assert "ragcheck.toml" in str(caught.value)


def test_a_check_that_is_not_there_is_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"there is no check at '.*gone\.toml'; make one with `rag check init"):
        read_config(tmp_path / "gone.toml")
    with pytest.raises(RequestError, match=r"cannot read the check '.*': Is a directory"):
        read_config(tmp_path)


def test_a_check_that_is_not_utf8_is_refused(folder: Path) -> None:
    path = folder / "latin.toml"
    path.write_bytes(b'questions = "caf\xe9"')
    with pytest.raises(RequestError, match=r"latin\.toml' is not UTF-8; save it as UTF-8"):
        read_config(path)
