"""A small project under a check: twelve documents, a question about each, and a model that says what it is told to."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluation.check.checking import Blessing, Wishes, bless, check
from evaluation.check.config import CheckConfig
from evaluation.check.config_file import read_config
from evaluation.check.values import Checked, MetricVerdict, StageVerdict
from evaluation.store import open_run
from evaluation.trials import TrialKey
from rag.folders import Folders
from tests.cli.eval.endpoint import Body, Endpoint

GOODS: Mapping[str, str] = {
    "Aldin": "salt and dried herring",
    "Brems": "amber from northern beaches",
    "Corva": "copper kettles",
    "Dunmar": "slate for roofs",
    "Eskil": "wool in heavy bales",
    "Farrow": "barley beer",
    "Gramel": "church bells of bronze",
    "Hostin": "paper made of rags",
    "Ivrel": "honey with wax",
    "Jorund": "oak planks",
    "Kessel": "glass beads",
    "Lomard": "spices of the south",
}
"""What ships of each harbour carry."""
HARBOURS = tuple(GOODS)
N = len(HARBOURS)
MOMENT = datetime(2026, 1, 1, 12, tzinfo=UTC)
CONFIG = """
questions = "questions.jsonl"

[index]
roots = ["docs"]
embedder = "hashing"

[context]
passages = 2
"""
EXTRACTIVE = '\n[answers]\nmodel = "extractive"\n'
DOWN = '\n[answers]\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\n'
_ASKED = re.compile(r"harbour of (\w+) dug\?")


def year(harbour: str) -> str:
    """The right answer."""
    return str(1701 + 13 * HARBOURS.index(harbour))


def neighbour(harbour: str) -> str:
    """The harbour whose document names this one, so that it comes second in its context."""
    return HARBOURS[HARBOURS.index(harbour) ^ 1]


def text(harbour: str) -> str:
    """Its document, of one passage."""
    return (
        f"# {harbour}\n\nThe harbour of {harbour} was dug in {year(harbour)} by hand. "
        f"Ships carry {GOODS[harbour]} from there to {neighbour(harbour)}.\n"
    )


def question(harbour: str) -> dict[str, Any]:
    """A line of the question file."""
    return {
        "id": harbour.lower(),
        "question": f"When was the harbour of {harbour} dug?",
        "answers": [year(harbour)],
        "gold": [{"source": f"{harbour.lower()}.md", "quote": f"was dug in {year(harbour)}"}],
        "tags": ["early" if harbour < "G" else "late"],
    }


def harbour_of(body: Body) -> str:
    """The harbour that a request asks for."""
    found = _ASKED.search(body["messages"][-1]["content"])
    assert found, body
    return found[1]


def right(body: Body) -> str:
    """The answer that is right, whatever the seed."""
    return f"It was dug in {year(harbour_of(body))} [1]."


def wrong(_: Body) -> str:
    """One that is wrong for all."""
    return "It was dug in 9999 [1]."


def wrong_for(*harbours: str) -> Callable[[Body], str]:
    """Wrong for some harbours only."""
    return lambda body: (wrong if harbour_of(body) in harbours else right)(body)


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with documents, questions and a check of them."""

    path: Path

    @property
    def folders(self) -> Folders:
        """Of its user."""
        return Folders(*(self.path.parent / "user" / name for name in ("config", "cache", "data", "state")))

    @property
    def config(self) -> CheckConfig:
        """As its file says now."""
        return read_config(self.path / "ragcheck.toml")

    @property
    def docs(self) -> Path:
        """The folder of its documents."""
        return self.path / "docs"

    def document(self, harbour: str) -> Path:
        """The file about a harbour."""
        return self.docs / f"{harbour.lower()}.md"

    def configure(self, more: str = "", *, text: str = CONFIG) -> None:
        """Writes its file."""
        (self.path / "ragcheck.toml").write_text(text + more)

    def crowd(self, *harbours: str) -> None:
        """Adds a page about each of some harbours, which takes a place in the context of its question alone."""
        for harbour in harbours:
            page = self.docs / f"asked-{harbour.lower()}.md"
            page.write_text(f"Harbour of {harbour}, {harbour}, {harbour}: pictures.\n")

    def answered_by(self, server: Endpoint, *, repeats: int = 1, more: str = "") -> None:
        """Names a model of `server`."""
        self.configure(f'\n[answers]\nmodel = "m"\nbase_url = "{server.url}"\nrepeats = {repeats}\n{more}')

    def write_questions(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Writes its question file."""
        (self.path / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    def check(self, **wishes: Any) -> Checked:
        """Does the check, one question after the other unless `wishes` say otherwise."""
        return check(self.config, self.folders, Wishes(**{"lanes": 1, **wishes}))

    def bless(self, reason: str = "first", *, wishes: Mapping[str, Any] | None = None, **how: Any) -> Blessing:
        """Makes what comes out now the baseline."""
        given = Wishes(**{"lanes": 1, **(wishes or {})})
        return bless(self.config, self.folders, given, reason=reason, now=MOMENT, **how)


def make_project(path: Path) -> Project:
    """Makes one that asks no model."""
    project = Project(path)
    project.docs.mkdir(parents=True)
    for harbour in HARBOURS:
        project.document(harbour).write_text(text(harbour))
        os.utime(project.document(harbour), (MOMENT.timestamp(),) * 2)  # a file of just now is read twice
    project.write_questions([question(harbour) for harbour in HARBOURS])
    project.configure()
    return project


def stage(checked: Checked, name: str) -> StageVerdict:
    """A stage as compared with the baseline."""
    assert checked.baseline
    return next(one for one in checked.baseline.stages if one.stage == name)


def metric(checked: Checked, stage_name: str, name: str) -> MetricVerdict:
    """A metric of a stage as compared with the baseline."""
    return next(one for one in stage(checked, stage_name).metrics if one.name == name)


def since(server: Endpoint, before: int = 0) -> list[str]:
    """The harbours that were asked for, without the first `before` questions."""
    return [harbour_of(body) for body in server.questions[before:]]


def rows(checked: Checked) -> list[TrialKey]:
    """What is kept of the main sitting."""
    assert checked.path
    with open_run(Path(checked.path)) as run:
        return [trial.key for trial in run.trials()]
