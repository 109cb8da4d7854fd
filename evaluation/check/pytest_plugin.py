"""The pytest plugin: `pytest --rag-check ragcheck.toml` has an item for each question of a check, and for its verdict.

Pytest loads it in every project where the product is installed, so it imports nothing until the option is given.
"""

import json
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from evaluation.check.config import CheckConfig

VERDICT = "verdict"
"""The item of the verdict."""
MARKER = "rag_check"
Said = dict[str, Any]
"""What a check says to its items, as JSON values: {"error"} or {"verdict", "questions"}."""


@dataclass(slots=True)
class Check:
    """A check of this session.

    Attributes:
        questions: their ids, in the order of the file.
        said: what came of it; None until an item asks for it.
    """

    config: "CheckConfig"
    questions: tuple[str, ...]
    said: Said | None = None


CHECKS = pytest.StashKey[dict[Path, Check]]()
RUN = pytest.StashKey[str]()
"""The id that all workers of pytest-xdist share, in the session that started them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("rag-check", "regression gate over questions (rag check)")
    group.addoption(
        "--rag-check",
        action="append",
        metavar="FILE",
        help="Do the check of this ragcheck.toml: a test item for each question, and one for the verdict; may be "
        "repeated.",
    )
    group.addoption(
        "--rag-check-inconclusive",
        choices=("pass", "fail"),
        default="fail",
        help="What an inconclusive verdict counts as; default: fail. Never 'pass' where there is no baseline.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Reads the checks that are asked for, and their questions; what is wrong with them ends the session here."""
    config.addinivalue_line("markers", f"{MARKER}: an item of a check by --rag-check")
    if not config.getoption("rag_check"):
        return
    from indexes.errors import RagError

    here = config.invocation_params.dir
    try:
        with _own_warnings():
            checks = dict(_read(config, Path(name)) for name in config.getoption("rag_check"))
    except RagError as error:
        raise pytest.UsageError(_one_line(error)) from error
    config.stash[CHECKS] = checks
    named = {Path(here, argument.partition("::")[0]).resolve() for argument in config.args}
    config.args.extend(str(path) for path in checks if path not in named)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "CheckFile | None":
    """The items of a check, where the file is one that was asked for."""
    if file_path.resolve() in parent.config.stash.get(CHECKS, {}):
        return CheckFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Before a worker of pytest-xdist starts: what an earlier session of the same id left is not taken for news."""
    if RUN not in node.config.stash:
        node.config.stash[RUN] = node.workerinput["testrunuid"]
        _clear(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """What the workers shared is done with."""
    if RUN in config.stash:
        _clear(config)


class CheckFile(pytest.File):
    """A ragcheck.toml."""

    def collect(self) -> Iterator["CheckItem"]:
        """The questions in the order of their file, then the verdict; nothing is asked for that."""
        for question in self.config.stash[CHECKS][self.path.resolve()].questions:
            yield CheckItem.from_parent(self, name=_one_line(question), question=question)
        yield CheckItem.from_parent(self, name=VERDICT, question=None)


class CheckItem(pytest.Item):
    """A question, or the verdict (None); the check is done when the first of them is set up."""

    def __init__(self, *, question: str | None, **given: Any) -> None:
        super().__init__(**given)
        self.question = question
        self.add_marker(MARKER)
        self._kind, self._words = "pass", ""

    def setup(self) -> None:
        """Asks what came of it; an error where that is not known."""
        said = _said(self.config.stash[CHECKS][self.path.resolve()], self.config)
        if "error" in said:
            self._kind, self._words = "error", said["error"]
        elif self.question is None:
            self._kind, self._words = said["verdict"]
        else:
            self._kind, self._words = said["questions"].get(self.question, ("error", "it was not checked"))
        if self._kind == "error":
            pytest.fail(self._words, pytrace=False)

    def runtest(self) -> None:
        """Passes, fails, or is skipped."""
        if self._kind == "skip":
            pytest.skip(self._words)
        if self._kind == "fail":
            pytest.fail(self._words, pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands."""
        return self.path, None, f"{self.path.name}: {self.name}"


def _read(config: pytest.Config, name: Path) -> tuple[Path, Check]:
    from evaluation.check.config_file import read_config
    from evaluation.check.question_file import open_questions
    from evaluation.packages import check_packages

    check_packages("--rag-check")
    places = [folder / name.expanduser() for folder in (config.invocation_params.dir, config.rootpath)]
    path = next((place for place in places if place.exists()), places[0]).resolve()
    settled = read_config(path)
    questions = open_questions(settled)
    return path, Check(settled, tuple(example.id for example in questions.examples))


def _said(check: Check, config: pytest.Config) -> Said:
    """What came of a check, which is done once for the session and all workers of it."""
    if check.said is None:
        run = _run_id(config)
        inconclusive = config.getoption("rag_check_inconclusive")
        check.said = (
            _done(check.config, inconclusive)
            if run is None
            else _once(check.config, run, lambda: _done(check.config, inconclusive))
        )
    return check.said


def _done(config: "CheckConfig", inconclusive: Any) -> Said:
    """Does the check; whatever keeps it from being done is said to each item, and not met again by each."""
    from dataclasses import replace

    from evaluation.check.baseline import read_baseline
    from evaluation.check.checking import check
    from evaluation.check.told import told
    from indexes.errors import RagError
    from rag.folders import default_folders

    # like the command line, pytest is where settings come in: the two that are no part of the file
    cache, key = os.environ.get("RAG_CACHE"), os.environ.get("RAG_API_KEY")
    if config.answers and config.answers.model.base_url and key:
        config = replace(config, answers=replace(config.answers, model=replace(config.answers.model, api_key=key)))
    try:
        with _own_warnings():
            checked = check(config, default_folders(Path(cache).expanduser() if cache else None))
            found = told(checked, read_baseline(config.baseline), inconclusive=inconclusive)
    except RagError as error:
        return {"error": _one_line(error)}
    except Exception as error:  # noqa: BLE001  or each item would do the check again
        return {"error": f"internal error: {_one_line(repr(error))}; `rag check run --debug` shows the traceback"}
    return {"verdict": list(found.verdict), "questions": {name: list(one) for name, one in found.questions.items()}}


def _once(config: "CheckConfig", run: str, work: Callable[[], Said]) -> Said:
    """What `work` gives; that of the worker that came first, where there are several."""
    from filelock import FileLock

    from evaluation.check.indexing import make_work_folder

    make_work_folder(config)
    kept = _kept(config, run)
    with FileLock(kept.with_suffix(".lock")):
        if not kept.exists():
            aside = kept.with_suffix(".part")
            aside.write_text(json.dumps(work()), encoding="utf-8")
            aside.replace(kept)
        said: Said = json.loads(kept.read_text(encoding="utf-8"))
        return said


def _run_id(config: pytest.Config) -> str | None:
    """That of the session whose worker this is; None where there are no workers."""
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    return given["testrunuid"] if given else None


def _kept(config: "CheckConfig", run: str) -> Path:
    return config.work / f"pytest-{sha256(f'{config.path} {run}'.encode()).hexdigest()[:16]}.json"


def _clear(config: pytest.Config) -> None:
    for check in config.stash.get(CHECKS, {}).values():
        kept = _kept(check.config, config.stash[RUN])
        for path in (kept, kept.with_suffix(".lock")):
            path.unlink(missing_ok=True)


@contextmanager
def _own_warnings() -> Iterator[None]:
    """Warnings of libraries are no errors of the project that is tested, whatever its settings say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _one_line(words: object) -> str:
    from evaluation.report.plain import plain

    return plain(str(words))
