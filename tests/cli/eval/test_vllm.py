"""A budget grid on a real vLLM server, from the command line to the report."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from evaluation.store import open_run
from evaluation.trials import Trial
from tests.cli.eval.conftest import Rag

pytestmark = pytest.mark.slow

# greedy: vLLM on a CPU fails where it draws by a seed while other prompts are read in parts
GRID = """
[data]
generate = "kv(keys=6, examples=3, seed=0)"

[arms]
placements = ["gold_at_depth(depth=0.5)"]
passages = [6]
think_budgets = [0, 8]
repeat = true
closed_book = true

[sampling]
temperature = 0.0
max_tokens = 40

[metrics]
primary = "key_value_match"
secondary = ["thinking_tokens", "unfinished_thinking"]
"""


def test_a_budget_grid_shares_its_prompts(study: Rag, project: Path, vllm: tuple[str, str]) -> None:
    url, model = vllm
    (project / "budget.toml").write_text(GRID)
    command = ("run", "budget.toml", "--model", model, "--base-url", url, "--run", "a.rag-run", "--concurrency", "2")
    outcome = study("eval", *command, "--json")
    assert outcome.status == 0, outcome.err
    values = json.loads(outcome.out)
    assert (values["n"], values["missing"], values["excluded"]["failed"]) == (3, 0, 0)
    with open_run(Path("a.rag-run")) as run:
        arms = {arm.name: arm for arm in run.manifest.design.arms}
        trials = list(run.trials())
        assert run.manifest.facts["tokenizer"]["exact"]
    assert len(arms) == 5
    assert len(trials) == 15
    by_prompt: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        budget = arms[trial.key.arm].think_budget
        assert trial.usage.reasoning is not None
        assert trial.usage.reasoning <= (budget or 0) + 1  # and the tag that closes it
        assert trial.usage.completion is not None
        assert trial.usage.completion <= 41
        by_prompt[trial.prompt_hash].append(trial)
    assert any(trial.reasoning for trial in trials if arms[trial.key.arm].think_budget == 8)
    shared = [asked for asked in by_prompt.values() if asked[0].tokens]
    assert len(shared) == 3
    for asked in shared:
        first, *later = sorted(asked, key=lambda trial: trial.began)
        assert len(later) == 2
        for trial in later:  # a budget of 8 may take two requests, whose prompts count together
            assert trial.usage.prompt is not None
            assert (trial.usage.cached or 0) > 0.4 * (first.usage.prompt or 0)

    told = study("eval", "report", "a.rag-run", "--html", "out.html", "--markdown", "out.md")
    assert told.status == 0
    assert "budget" in (project / "out.md").read_text()
    assert (project / "out.html").stat().st_size > 10_000
    planned = study("eval", "plan", "budget.toml", "--model", model, "--base-url", url)
    assert planned.status == 0
