"""Plans: what a run would cost, worked by hand, and what it can show and cannot."""

import json
from dataclasses import replace

import pytest

from evaluation.planning.plan import Plan, Rates, TokenFacts, plan
from evaluation.planning.words import lines, mapping
from evaluation.run import Design
from evaluation.statistics.power import INTERACTION_SD, detectable, detectable_graded, flat_questions_needed
from indexes.errors import RequestError
from tests.evaluation.building_grids import MODEL, PAIR, design_of

TOKENS = TokenFacts(passage=100, question=20, template=50, answer=30, thinking={"r1": 500})
SMALL = "[models.x]\nmodel = 'smollm2'\n"
PLAIN = "[arms]\nplacements = ['best_first', 'edges']\npassages = [4]\n"
POSITIONS = (
    "[arms]\nplacements = ['gold_at(position=1)', 'gold_at(position=3)', 'gold_at(position=5)']\npassages = [5]\n"
)


def plan_of(text: str, *, examples: int = 10, rates: Rates | None = None) -> Plan:
    return plan(design_of(text), examples=examples, tokens=TOKENS, rates=rates)


def test_costs_worked_by_hand() -> None:
    """Three arms and the A/A copy of the first, two samples, ten questions: 80 trials.

    Prompts: three of template, question and four passages (470), one of template and question (70): 1,480 a sample.
    Read: the orders 1234 and 1342 share one passage, so 7 passages, and three different questions (with 1234, with
    1342, with none): 760 for each question, and the template once.
    Replies: 30 tokens each, at most the 256 that the catalogue says of smollm2.
    """
    made = plan_of(PLAIN + "samples = 2\nrepeat = true\nclosed_book = true\n" + SMALL, rates=Rates(1000, 10, "assumed"))
    assert (made.arms, made.samples, made.cells, made.trials, made.requests) == (4, 2, 8, 80, 80)
    assert made.prompt_tokens == 1480 * 2 * 10
    assert made.read_tokens == 760 * 10 + 50
    assert made.generated_tokens == 80 * 30
    assert made.most_generated_tokens == 80 * 256
    assert made.seconds == pytest.approx(7650 / 1000 + 2400 / 10)


def test_budgets_share_prompts_and_bound_thinking() -> None:
    """Budgets free, 200 and 0: 500, 200 and no tokens of thinking, and one prompt for all three."""
    made = plan_of("[arms]\nplacements = ['edges']\npassages = [4]\nthink_budgets = ['free', 200, 0]\n" + MODEL)
    assert made.generated_tokens == 10 * (530 + 230 + 30)
    assert made.read_tokens == 10 * 420 + 50
    assert made.prompt_tokens == 3 * 10 * 470


def test_a_bounded_reply_may_take_two_requests_and_that_is_said() -> None:
    made = plan_of("[arms]\nplacements = ['edges']\nthink_budgets = ['free', 200, 0]\n" + MODEL)
    assert (made.trials, made.requests) == (30, 40)
    assert any(note.startswith("10 trials bound the thinking") for note in made.notes)


def test_models_share_no_prompts() -> None:
    assert plan_of(PLAIN + PAIR).read_tokens == 2 * plan_of(PLAIN + "twins = false\n" + MODEL).read_tokens


def test_lengths_in_tokens_are_passages_of_the_mean_size() -> None:
    made = plan_of("[arms]\nplacements = ['best_first']\ntokens = [450]\ntwins = false\n" + MODEL)
    assert made.prompt_tokens == 10 * (70 + 400)


def test_without_rates_there_is_no_time() -> None:
    made = plan_of(PLAIN + SMALL)
    assert made.seconds is None
    assert "time: not known without the server's speed" in lines(made)


def test_differences_are_those_of_the_power_of_adjusted_tests() -> None:
    found = plan_of("[arms]\nplacements = ['best_first', 'edges', 'middle']\n" + SMALL, examples=400).prospects
    assert found.comparisons == 2
    for difference in found.differences:
        assert difference.detectable == detectable(400, difference.discordance, alpha=0.025)
        assert difference.flat_needed is None


def test_the_bounds_and_the_repeat_are_no_comparisons() -> None:
    made = plan_of(PLAIN + "repeat = true\nclosed_book = true\ngold_only = true\n" + SMALL)
    assert made.prospects.comparisons == 1


def test_each_arm_but_the_first_is_compared_once() -> None:
    assert plan_of(PLAIN.replace("[4]", "[4, 8]") + PAIR).prospects.comparisons == 11  # all arms but the first


def test_flatness_is_said_to_be_out_of_reach_where_it_is() -> None:
    few, many = (plan_of(POSITIONS + MODEL, examples=examples) for examples in (100, 5000))
    needed = flat_questions_needed(0.05, 0.14, 3)
    assert 100 < needed < 5000
    assert few.prospects.positions == 3
    at = f"flatness within 5.0 points over 3 positions {{}} (it needs {needed:,} questions)"
    assert any(at.format("cannot be shown") in line for line in lines(few))
    assert any(at.format("can be shown") in line for line in lines(many))


def test_a_model_with_its_twin_over_positions_has_an_interaction() -> None:
    """STATISTICS: 8 points need about 320 questions."""
    assert plan_of(POSITIONS + MODEL, examples=320).prospects.interaction == pytest.approx(0.08, abs=0.001)
    both = plan_of(POSITIONS + PAIR, examples=320).prospects
    assert both.interactions == 2  # with its own thinking closed, and with the other model
    assert both.interaction == detectable_graded(INTERACTION_SD, 320, alpha=0.025)
    alone = plan_of(POSITIONS + "twins = false\n" + MODEL, examples=320).prospects
    assert (alone.interactions, alone.interaction) == (0, None)


def test_orders_by_rank_are_no_positions_of_the_evidence() -> None:
    found = plan_of(PLAIN + MODEL).prospects
    assert (found.positions, found.interactions) == (0, 0)


def test_so_few_questions_that_nothing_can_be_shown() -> None:
    text = "\n".join(lines(plan_of(POSITIONS + MODEL, examples=3)))
    assert "no difference can be shown, however large" in text
    assert "too few questions to show any interaction" in text


def test_a_single_arm_is_compared_with_nothing() -> None:
    found = plan_of("[arms]\nplacements = ['edges']\n" + SMALL)
    assert found.prospects.comparisons == 0
    assert any("no arm is compared with another" in line for line in lines(found))


def test_the_plan_in_words() -> None:
    made = plan_of(PLAIN + "samples = 2\n" + SMALL, examples=400, rates=Rates(1000, 10, "assumed"))
    assert lines(made)[:6] == (
        "position: 2 arms × 2 samples = 4 cells",
        "4 cells × 400 questions = 1,600 trials",
        "prompts: 752.0k tokens; about 296.1k (39%) are read where the server caches prefixes",
        "replies: about 48.0k tokens, at most 409.6k",
        "time: about 85 min (speed assumed)",
        "with n = 400 questions and 80 % power, 1 comparison:",
    )
    assert all("\n" not in line for line in lines(made))


def test_the_plan_as_json_holds_every_value() -> None:
    made = plan_of(POSITIONS + MODEL, rates=Rates(1000, 10, "assumed"))
    again = json.loads(json.dumps(mapping(made), allow_nan=False))
    assert again["trials"] == made.trials
    assert again["prospects"]["differences"][0]["discordance"] == 0.12
    assert len(again["notes"]) == len(made.notes)


def test_what_the_run_will_lack_is_noted() -> None:
    assert [note.partition(":")[0] for note in plan_of(PLAIN + SMALL).notes] == [
        "no closed-book and gold-only arms",
        "no A/A arm",
    ]


@pytest.mark.parametrize(
    ("tokens", "rates", "examples", "says"),
    [
        (TOKENS, None, 0, "at least 1 example, found 0"),
        (replace(TOKENS, passage=0), None, 5, "passages above 0"),
        (replace(TOKENS, answer=-1), None, 5, "token counts of 0 or more"),
        (replace(TOKENS, thinking={"r1": float("nan")}), None, 5, "token counts of 0 or more"),
        (TOKENS, Rates(0, 10, "assumed"), 5, "rates above 0"),
        (TOKENS, Rates(10, float("inf"), "assumed"), 5, "rates above 0"),
    ],
)
def test_facts_that_cannot_be_are_refused(tokens: TokenFacts, rates: Rates | None, examples: int, says: str) -> None:
    design: Design = design_of(PLAIN + SMALL)
    with pytest.raises(RequestError, match=says):
        plan(design, examples=examples, tokens=tokens, rates=rates)


def test_a_discordance_that_is_no_share_is_refused() -> None:
    with pytest.raises(RequestError, match=r"found 14; write 14 % as 0.14"):
        plan(design_of(PLAIN + SMALL), examples=5, tokens=TOKENS, discordance=(14,))
