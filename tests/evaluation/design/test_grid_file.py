"""Grid files: what they mean, and what is said of each mistake before anything loads."""

from pathlib import Path

import pytest

from evaluation.arms import Length, Subject
from evaluation.design.grid import ArmChoice, DataChoice, Grid, MetricChoice, SamplingChoice
from evaluation.design.grid_file import first_line, grid_text, load_grid, ready_grids
from indexes.errors import RequestError, UnknownNameError
from rag.opening import ModelChoice
from tests.evaluation.building_grids import MODEL, PAIR, grid_of

ARMS = '[arms]\nplacements = ["edges"]\n'

WHOLE = """
name = "mine"
[data]
path = "nq.jsonl.gz"
format = "lost_in_the_middle"
split = "test"
n = 100
tags = ["easy"]
contexts = "dataset"
distractors = "hard"
index = "handbook"
retrieve = 40
mode = "dense"
reranker = "small"
[models.r1]
model = "r1-qwen-7b"
base_url = "http://127.0.0.1:8000/v1"
timeout = 60
[models.base]
model = "./weights/base.gguf"
twin_of = "r1"
kind = "related"
[arms]
placements = ["gold_at(position = 1)", "gold_at(position=5)"]
passages = [10, 20]
think_budgets = ["free", 512, 0]
twins = false
layouts = ["question_after", "question_before"]
samples = 3
repeat = true
closed_book = true
gold_only = true
baseline = "gold_at( position=5 )"
seed = 7
[sampling]
temperature = 0
top_p = 0.9
max_tokens = 1024
[metrics]
primary = "sub_span"
secondary = ["token_f1", "recall@5"]
margin = 0.03
clusters = "source"
"""


def test_every_key_reaches_its_value_and_paths_are_relative_to_the_file() -> None:
    assert grid_of(WHOLE) == Grid(
        name="mine",
        data=DataChoice(
            path=Path("/study/nq.jsonl.gz"),
            format="lost_in_the_middle",
            split="test",
            n=100,
            tags=("easy",),
            contexts="dataset",
            distractors="hard",
            index="handbook",
            retrieve=40,
            mode="dense",
            reranker="small",
        ),
        subjects=(
            Subject("r1", ModelChoice("r1-qwen-7b", "http://127.0.0.1:8000/v1", timeout=60)),
            Subject("base", ModelChoice("/study/weights/base.gguf"), twin_of="r1", kind="related"),
        ),
        arms=ArmChoice(
            placements=("gold_at(position=1)", "gold_at(position=5)"),
            lengths=(Length(passages=10), Length(passages=20)),
            think_budgets=(None, 512, 0),
            twins=False,
            layouts=("question_after", "question_before"),
            samples=3,
            repeat=True,
            closed_book=True,
            gold_only=True,
            baseline="gold_at(position=5)",
            seed=7,
        ),
        sampling=SamplingChoice(temperature=0, top_p=0.9, max_tokens=1024),
        metrics=MetricChoice("sub_span", ("token_f1", "recall@5"), 0.03, "source"),
    )


def test_what_is_left_out_has_the_defaults_of_the_values() -> None:
    grid = grid_of(ARMS)
    assert grid == Grid("position", arms=ArmChoice(placements=("edges",)))
    assert grid.arms.lengths == (Length(passages=10),)


def test_placements_and_metrics_are_kept_as_they_print() -> None:
    assert grid_of('arms.placements = ["shuffled", " best_at( depth = 1 ) "]').arms.placements == (
        "shuffled(seed=0)",
        "best_at(depth=1.0)",
    )


def test_distractors_mean_contexts_of_the_dataset() -> None:
    grid = grid_of("arms.placements = ['gold_at']\n[data]\ndistractors = 'hard'\nindex = 'handbook'")
    assert grid.data.contexts == "dataset"


def test_lengths_in_tokens() -> None:
    assert grid_of(ARMS + "tokens = [2000, 8000]").arms.lengths == (Length(tokens=2000), Length(tokens=8000))


def test_text_is_kept_as_given() -> None:
    assert grid_of(WHOLE).text == WHOLE


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nam = 1", r"unknown key 'nam'; did you mean 'name'\?.*top level of 'position.toml'"),
        (
            "[arms]\nplacement = []",
            r"unknown key 'placement'; did you mean 'placements'\?.*\[arms\] of 'position.toml'",
        ),
        ("[data]\npaht = 'x'", r"did you mean 'path'\?.*\[data\]"),
        ("[models.r1]\nmodle = 'x'", r"did you mean 'model'\?.*\[models.r1\]"),
        ("[sampling]\ntemprature = 1", r"did you mean 'temperature'\?"),
        ("[metrics]\nprimry = 'sub_span'", r"did you mean 'primary'\?"),
        ("[models.r1]\napi_key = 'secret'", r"RAG_API_KEY"),
        ("[models.r1]\ntemperature = 0.1", r"same for all arms: say it under \[sampling\]"),
        ("[models.r1]\nthink_budget = 5", r"think_budgets under \[arms\]"),
    ],
)
def test_unknown_keys_are_named_with_the_nearest_known_one(text: str, says: str) -> None:
    with pytest.raises(UnknownNameError, match=says):
        grid_of(text)


def test_a_key_in_a_grid_is_not_repeated_in_the_message() -> None:
    with pytest.raises(UnknownNameError) as caught:
        grid_of("[models.r1]\napi_key = 'secret'")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "not valid TOML: Invalid value"),
        ("[" * 20000, "not valid TOML"),
        ("data = 3", "'position.toml': data must be a table, found 3"),
        ("[models]\nr1 = 'x'", "models.r1 must be a table"),
        ("[data]\nn = 0", "data.n must be greater than or equal to 1, found 0"),
        ("[data]\nn = '5'", "data.n must be a whole number, found '5'"),
        ("[data]\nn = true", "data.n must be a whole number, found True"),
        ("[data]\npath = ''", "data.path must not be empty"),
        ("[data]\ntags = 'x'", r"data.tags must be a list in \[ \], found 'x'"),
        ("[data]\nretrieve = -1", "data.retrieve must be greater"),
        ("[arms]\nplacements = [3]", r"arms.placements\[0\] must be text in quotes, found 3"),
        ("[arms]\npassages = [10, 0]", r"arms.passages\[1\] must be greater than or equal to 1, found 0"),
        ("[arms]\ntokens = [1.5]", r"arms.tokens\[0\] must be a whole number"),
        ("[arms]\nthink_budgets = [-5]", r'arms.think_budgets\[0\] must be a number of tokens .* or "free", found -5'),
        ("[arms]\nthink_budgets = ['much']", r"arms.think_budgets\[0\] must be a number of tokens .*, found 'much'"),
        ("[arms]\nthink_budgets = [true]", r"arms.think_budgets\[0\] must be a number of tokens .*, found True"),
        ("[arms]\ntwins = 1", "arms.twins must be true or false, found 1"),
        ("[arms]\nseed = -1", "arms.seed must be greater"),
        ("[sampling]\ntemperature = 3", "sampling.temperature must be less than or equal to 2, found 3"),
        ("[sampling]\ntemperature = nan", "sampling.temperature must be"),
        ("[sampling]\ntop_p = 0", "sampling.top_p must be greater than 0, found 0"),
        ("[metrics]\nmargin = 5", "metrics.margin must be less than 1, found 5"),
        ("[models.r1]\ntimeout = 0", "models.r1.timeout must be greater than 0"),
        ("[models.r1]\nbase_url = 'localhost:8000'", "models.r1.base_url must look like 'http://127.0.0.1:8000/v1'"),
    ],
)
def test_values_that_cannot_be_are_refused_by_file_and_key(text: str, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        grid_of(text)


def test_a_password_in_a_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(RequestError, match="user name and password") as caught:
        grid_of(ARMS + "[models.r1]\nbase_url = 'http://me:secret@example.org/v1'")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[data]\ncontexts = 'retreived'", r"unknown data.contexts 'retreived'; did you mean 'retrieved'\?"),
        ("[data]\nmode = 'hybird'", r"did you mean 'hybrid'\?"),
        ("[arms]\nlayouts = ['question_behind']", r"unknown arms.layouts\[0\] 'question_behind'; .*question_before"),
        (PAIR + "kind = 'cousin'", r"unknown models.base.kind 'cousin'; known: no_think, related, same_base"),
        ("[arms]\nplacements = ['edgse']", r"arms.placements: unknown placement 'edgse'; did you mean 'edges'\?"),
        (ARMS + "[data]\ngenerate = 'kw(keys=5)'", "data.generate: unknown generator 'kw'"),
        (ARMS + "baseline = 'edgse'", "arms.baseline: unknown placement 'edgse'"),
        (
            ARMS + "[metrics]\nprimary = 'subspan'",
            r"metrics.primary: unknown metric 'subspan'; did you mean 'sub_span'",
        ),
        (ARMS + "[metrics]\nsecondary = ['f1']", "metrics.secondary: unknown metric 'f1'"),
        ("[metrics]\nclusters = 'document'", "unknown metrics.clusters 'document'; known: question, source"),
        (ARMS + "baseline = 'middle'", "unknown baseline 'middle'; known: edges"),
        (ARMS + MODEL + "twin_of = 'r2'", r"unknown model 'r2'; none is known.*models.r1.twin_of"),
        (ARMS + MODEL + "twin_of = 'r1'", r"unknown model 'r1'; none is known"),
    ],
)
def test_unknown_names_are_listed_with_the_known_ones(text: str, says: str) -> None:
    with pytest.raises(UnknownNameError, match=says):
        grid_of(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[data]\npath = 'x'\ngenerate = 'kv()'\n" + ARMS, "data.path and data.generate both name examples"),
        ("[data]\ngenerate = 'kv()'\nsplit = 'test'\n" + ARMS, "data.split says how a file is read"),
        ("[data]\ncontexts = 'retrieved'\ndistractors = 'hard'\n" + ARMS, "data.distractors goes with contexts"),
        ("[data]\ncontexts = 'dataset'\nindex = 'x'\n" + ARMS, "data.index is not used with contexts"),
        (ARMS + "passages = [10, 60]\n[data]\ncontexts = 'retrieved'", "60 passages, but data.retrieve brings 50"),
        (ARMS + "[data]\ncontexts = 'dataset'", "placement 'edges' orders by rank"),
        (ARMS + "passages = [5]\ntokens = [100]", "arms.passages and arms.tokens both say how long"),
        ("name = 'x'", "0 cells, because arms.placements is empty"),
        (ARMS + "passages = []", "0 cells, because arms.passages is empty"),
        (ARMS + "think_budgets = []", "0 cells, because arms.think_budgets is empty"),
        (ARMS + "layouts = []", "0 cells, because arms.layouts is empty"),
        (ARMS + "samples = 0", "0 cells, because arms.samples is 0"),
        (
            "[arms]\nplacements = ['shuffled', 'shuffled(seed=0)']",
            r"arms.placements: 'shuffled\(seed=0\)' stands twice",
        ),
        (ARMS + "passages = [5, 5]", "'5 passages' stands twice"),
        (ARMS + "think_budgets = ['free', 'free']", "stands twice"),
        (ARMS + "layouts = ['question_after', 'question_after']", "stands twice"),
        (ARMS + "[metrics]\nsecondary = ['sub_span']", "metrics: 'sub_span' stands twice"),
        (ARMS + MODEL + "[models.again]\nmodel = 'r1-qwen-7b'", "'r1' and 'again' are the same"),
        ("[arms]\nplacements = ['closed_book']", "closed_book = true under"),
        ("[arms]\nplacements = ['gold_at(position=11)']", r"gold_at\(position=11\)' has no place in a context of 10 "),
        ("[arms]\nplacements = ['gold_at(position=11)']\npassages = [20, 5]", "no place in a context of 5 passages"),
        (ARMS + MODEL + "kind = 'related'", "models.r1.kind is that of a twin"),
        (ARMS + PAIR + "kind = 'no_think'", "twins = true under"),
        (ARMS + PAIR + "[models.third]\nmodel = 'qwen-1.5b'\ntwin_of = 'base'", "'base' is a twin itself"),
        (ARMS + '[models." x"]', "cannot name a model in a report"),
        (ARMS + '[models."x\\u001b[31m"]', "cannot name a model in a report"),
        (ARMS + "think_budgets = [512]\n[sampling]\nmax_tokens = 512", "512 tokens of thinking leave none of the 512"),
        (ARMS + "[metrics]\nprimary = 'recall@5'", "'recall@5' looks at the ranking alone"),
        (ARMS + "[metrics]\nprimary = 'citation_precision'", "nothing is cited, .* take citation_recall"),
        (ARMS + "[metrics]\nprimary = 'refusal_precision'", "nothing is refused, .* take refusal_recall"),
    ],
)
def test_what_does_not_go_together_is_refused(text: str, says: str) -> None:
    with pytest.raises(RequestError, match=says) as caught:
        grid_of(text)
    assert "position.toml" in str(caught.value)


def test_a_position_is_not_checked_where_lengths_are_in_tokens() -> None:
    assert grid_of("[arms]\nplacements = ['gold_at(position=30)']\ntokens = [100]").arms.placements


@pytest.mark.parametrize("name", ["position", "placement", "length", "budget", "kv"])
def test_ready_grids_load_by_name(name: str) -> None:
    assert name in ready_grids()
    grid = load_grid(name)
    assert grid.name == name
    assert grid.subjects == ()
    assert grid.arms.closed_book
    assert grid.arms.gold_only
    assert grid.arms.repeat
    assert grid.text.startswith("#")


@pytest.mark.parametrize("name", ready_grids())
def test_a_ready_grid_opens_with_the_question_that_it_asks(name: str) -> None:
    assert first_line(name).endswith("?")
    assert grid_text(name).startswith(f"# {first_line(name)}\n")


def test_the_placement_grid_has_an_arm_of_every_order_that_needs_no_metadata() -> None:
    from rag.placement import drawing, parse_placement

    orders = drawing(7)
    names = {parse_placement(placement).name for placement in load_grid("placement").arms.placements}
    assert {orders[name] for name in names} == set(orders.values())


def test_a_grid_is_loaded_from_a_path_and_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (ARMS + "[data]\npath = '../nq.jsonl'").encode())
    grid = load_grid(str(path))
    assert (grid.name, grid.origin) == ("mine", repr(str(path)))
    assert grid.data.path == tmp_path / ".." / "nq.jsonl"
    assert load_grid(path) == grid


def test_an_unknown_ready_grid_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown grid 'postion'; did you mean 'position'\?.*\.toml"):
        load_grid("postion")


@pytest.mark.parametrize("name", ["gone.toml", "folder/grid"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match=r"cannot read the grid .*No such file.*ready grid: budget, kv"):
        load_grid(str(tmp_path / name))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'name = "caf\xe9"')
    with pytest.raises(RequestError, match="not UTF-8"):
        load_grid(path)
