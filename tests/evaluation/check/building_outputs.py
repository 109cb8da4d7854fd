"""What a check can find, at its fullest, and with texts that want to be more than text."""

from evaluation.check.values import Checked
from tests.evaluation.check.building_checks import against, assertion, checked, failed, metric, outcome, result, stage

HOSTILE = (
    "[bold]x[/] a|b <script>alert(1)</script> &lt;b&gt; &#64;all *e* `c` ~~s~~ [l](http://e.org) ![i](http://e.org/i) "
    "www.e.org me@e.org @octocat #12 o/r#3 GH-4 \x1b[2J\u202e\x00\ud800\ufffe\n# h\n| t |\n| - |\r\n</details> ]]> \"'"
)
"""Markup of rich, Markdown, HTML and XML; what GitHub links or notifies; what a terminal obeys; what XML forbids."""


def full_check(text: str = "plain words", questions: int = 3, **more: object) -> Checked:
    """A regressed check with everything once; `text` is all that others wrote, `questions` were lost, as many each."""
    ids = tuple(f"{text} {number}" for number in range(questions))
    now = result(
        *(outcome(name, question=text, replies=(failed(text), 0.0)) for name in ids), outcome("new", question=text)
    )
    retrieval = metric(
        verdict="regressed",
        n=64,
        baseline=62 / 64,
        current=59 / 64,
        difference=-3 / 64,
        lost=ids,
        basis="net loss beyond the margin",
    )
    told = metric("sub_span", verdict=None, difference=-0.02, low=-0.061, high=0.021, basis="", lost=ids[:1])
    answers = metric("sub_span", difference=0.0, low=-0.041, high=0.04, p_adjusted=0.5, margin=0.05, basis="no loss")
    stages = (
        stage("retrieval", retrieval, metric("ndcg@10", verdict=None, lost=ids[:1], basis=""), verdict="regressed"),
        stage("assembly", metric("gold_in_context"), metric("gold_position", verdict=None, baseline=2.0, current=2.6)),
        stage("generation", told, verdict="inconclusive"),
        stage("end_to_end", answers, metric("answer_tokens", verdict=None, baseline=812.0, current=1034.0)),
    )
    blessed = against(
        *stages,
        reason=text,
        changed=("corpus", "placement", "prompt"),
        changes=("corpus: documents 33 → 34", f"placement: 'edges' → {text!r}", "prompt: other content"),
        added=("new", *ids),
        removed=(f"{text} gone",),
    )
    found = {
        "n": 64,
        "baseline": blessed,
        "anchor": against(*stages[:2], reason=text, blessed="2025-11-01T08:00:00Z"),
        "assertions": (*(assertion(name, wanted=f"cites {text!r}") for name in ids), assertion("new", held=None)),
        "infrastructure_failures": questions,
        "unasked": 2,
        "confirmed": True,
        "missing": tuple((name, f"{text}: {text}") for name in ids),
        "warnings": (text,) * questions,
        "path": text,
    }
    return checked("regressed", current=now, **{**found, **more})


def undecided_check() -> Checked:
    """One metric of the answers is inconclusive."""
    answers = metric(
        "sub_span",
        verdict="inconclusive",
        n=60,
        baseline=0.81,
        current=0.78,
        difference=-0.03,
        low=-0.09,
        high=0.03,
        margin=0.05,
        lost=("q1",),
        basis="too few questions",
    )
    return checked("inconclusive", n=60, baseline=against(stage(), stage("end_to_end", answers)))
