"""What holds over a whole run, as the endpoint and the stored rows see it: arms differ in nothing but what they say."""

import json
import re
from collections import defaultdict
from hashlib import sha256
from pathlib import Path

import pytest

from evaluation.arms import BOUNDS
from evaluation.design.grid_file import parse_grid
from evaluation.running.runner import seed_of
from evaluation.store import open_run
from evaluation.store.store import RunStore
from tests.cli.eval.conftest import GRID, Rag
from tests.cli.eval.endpoint import Endpoint

SAMPLES = 2


@pytest.fixture
def run(study: Rag, server: Endpoint, project: Path) -> RunStore:
    """A finished run of two models with every kind of arm that there is for contexts of a dataset."""
    models = "".join(f'[models.{name}]\nmodel = "{name}"\nbase_url = "{server.url}"\n' for name in ("m", "other"))
    more = GRID.replace("gold_at_depth(depth=1.0)", 'gold_at(position=2)", "shuffled(seed=3)')
    (project / "both.toml").write_text(
        f"{more}\n{models}".replace("repeat = true", f"repeat = true\nsamples={SAMPLES}")
    )
    assert study("eval", "run", "both.toml", "--run", "both.rag-run").status == 0
    return open_run(Path("both.rag-run"))


def test_all_arms_of_a_question_and_length_read_the_same_passages(run: RunStore) -> None:
    with run:
        arms = {arm.name: arm for arm in run.manifest.design.arms}
        seen = defaultdict(set)
        orders = defaultdict(set)
        for trial in run.trials():
            arm = arms[trial.key.arm]
            if arm.placement not in BOUNDS:
                seen[trial.key.example, arm.length].add(tuple(sorted(trial.context)))
                orders[trial.key.example, arm.length].add(trial.context)
    assert len(seen) == 4 * 2
    assert all(len(sets) == 1 for sets in seen.values())
    assert all(len(set(passages)) == len(passages) for [passages] in map(tuple, seen.values()))
    assert any(len(found) > 1 for found in orders.values())


def test_both_models_read_the_same_prompts(run: RunStore, server: Endpoint) -> None:
    with run:
        told = defaultdict(set)
        for body, prompt in zip(server.questions, server.prompts(), strict=True):
            told[body["model"]].add(prompt)
    assert told["m"] == told["other"]


def test_prompts_tell_nothing_of_gold_ranks_or_scores(run: RunStore, server: Endpoint) -> None:
    """Beside instructions, question and passages, of which the endpoint sees labels and texts, there is nothing."""
    with run:
        texts = {c.ranked.passage.text for e in run.examples() for c in run.candidates(e.id).candidates}
        questions = {example.question for example in run.examples()}
    for prompt in server.prompts():
        inside = re.search(r"<passages>\n(.*)\n</passages>", prompt, re.DOTALL)
        passages = re.split(r"\n*\[(\d+)\]\n", f"\n{inside[1]}")[1:] if inside else []
        assert passages[::2] == [str(at) for at in range(1, len(passages) // 2 + 1)]
        assert set(passages[1::2]) <= texts
        rest = prompt.replace(inside[0], "") if inside else prompt
        for question in questions:
            rest = rest.replace(question, "")
        assert not re.search(r"gold|rank|score|relevan|distract|\d\.\d", rest, re.IGNORECASE)


def test_rows_tell_what_was_sent(run: RunStore, server: Endpoint) -> None:
    sent = {
        (
            body["model"],
            body["seed"],
            sha256(json.dumps([[m["role"], m["content"]] for m in body["messages"]]).encode()).hexdigest(),
        )
        for body in server.questions
    }
    with run:
        arms = {arm.name: arm for arm in run.manifest.design.arms}
        stored = {(arms[t.key.arm].subject, t.seed, t.prompt_hash) for t in run.trials()}
    assert stored == sent


def test_the_repeated_arm_sends_the_same_prompts_with_seeds_of_its_own(run: RunStore) -> None:
    with run:
        design = run.manifest.design
        again = design.arms[-1]
        [first] = [
            arm for arm in design.arms if (arm.subject, arm.placement, arm.length, arm.copy)
            == (again.subject, again.placement, again.length, 0)
        ]  # fmt: skip
        assert again.copy == 1
        once, twice = (list(run.trials(arm.name)) for arm in (first, again))
    assert [trial.prompt_hash for trial in once] == [trial.prompt_hash for trial in twice]
    assert not {trial.seed for trial in once} & {trial.seed for trial in twice}


def test_every_trial_has_a_seed_of_its_own(run: RunStore) -> None:
    with run:
        trials = list(run.trials())
        assert {trial.key: trial.seed for trial in trials} == {
            trial.key: seed_of(run.manifest.design.seed, trial.key) for trial in trials
        }
    assert len({trial.seed for trial in trials}) == len(trials)


def test_closed_book_prompts_have_no_passages_and_gold_only_ones_the_gold(run: RunStore, server: Endpoint) -> None:
    with run:
        arms = {arm.name: arm for arm in run.manifest.design.arms}
        hashes = set()
        for trial in run.trials():
            placement = arms[trial.key.arm].placement
            if placement == "closed_book":
                assert trial.context == ()
                hashes.add(trial.prompt_hash)
            elif placement == "gold_only":
                gold = run.candidates(trial.key.example).gold
                assert trial.context == tuple(one.ranked.passage.id for one in gold)
        texts = [c.ranked.passage.text for e in run.examples() for c in run.candidates(e.id).candidates]
    bare = [prompt for prompt in server.prompts() if "<passages>" not in prompt]
    assert len(hashes) == 4
    assert len(bare) == 4 * SAMPLES * 2
    assert not any(text in prompt for prompt in bare for text in texts)


def test_all_arms_draw_their_tokens_alike(run: RunStore, server: Endpoint) -> None:
    run.close()
    own = ("model", "messages", "seed")
    kinds = {json.dumps({k: v for k, v in body.items() if k not in own}, sort_keys=True) for body in server.questions}
    assert len(kinds) == 1


def test_the_manifest_tells_what_made_the_run(run: RunStore) -> None:
    with run:
        facts = run.manifest.facts
        assert parse_grid(run.manifest.grid.encode(), name="x", origin="x", folder=Path()).name == "both"
    assert facts["sampling"]["m"] == {"temperature": 0.6, "top_p": 0.95, "max_tokens": 50}
    assert facts["sampling"]["other"] == facts["sampling"]["m"]
    assert facts["began"].endswith("+00:00")
    assert {"dataset", "source", "models", "tokenizer", "templates", "versions"} <= set(facts)
